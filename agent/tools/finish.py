"""finish: may this report be handed in?

Not while a citation names a span that does not exist, nor while nothing is cited though something was found. After
MAX_REFUSALS refusals the report passes as it is, and the renderer marks what does not resolve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.evidence import cited, unresolved
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool

MAX_REFUSALS = 2


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:  # noqa: ARG001 - it takes none
    """Accept the draft, or raise ToolError with what to repair."""
    fault = _fault(desk)
    if fault and desk.refusals < MAX_REFUSALS:
        raise ToolError(f"not finished: {fault}")
    return Observation({"finished": True}, "accepted" + (f" in spite of this: {fault}" if fault else ""), finished=True)


def _fault(desk: Desk) -> str:
    if not desk.draft.strip():
        return "there is no report; write it first"
    if invented := unresolved(desk.draft, desk.evidence):
        return f"no span is called {', '.join(invented)}; cite ids that batch_search or open returned, or take the claim out"
    if desk.evidence.spans and not cited(desk.draft):
        return "the report cites nothing; end each factual sentence with its span ids, such as [[s12]]"
    return ""


TOOL = Tool(
    ToolSchema(
        "finish",
        "Hand the report in. Refused while a citation does not resolve.",
        {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    ),
    run,
)
