"""finish: may this report be handed in?

Not while a citation names a span that does not exist, nor while nothing is cited though something was found, unless the report
says that what was found does not answer. After MAX_REFUSALS refusals the report passes as it is, and the renderer marks what does
not resolve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.evidence import cited, unresolved
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool

MAX_REFUSALS = 2


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Accept the draft, or raise ToolError with what to repair."""
    fault = _fault(desk, arguments.get("answered", True))
    if fault and desk.refusals < MAX_REFUSALS:
        raise ToolError(f"not finished: {fault}")
    return Observation({"finished": True}, "accepted" + (f" in spite of this: {fault}" if fault else ""), finished=True)


def _fault(desk: Desk, answered: bool) -> str:
    if not desk.draft.strip():
        return "there is no report; write it first"
    if invented := unresolved(desk.draft, desk.evidence):
        return f"no span is called {', '.join(invented)}; cite ids that batch_search or open returned, or take the claim out"
    if answered and desk.evidence.spans and not cited(desk.draft):
        ways = "end each factual sentence with its span ids, such as [[s12]], or finish with answered false"
        return f"the report cites nothing; {ways}"
    return ""


TOOL = Tool(
    ToolSchema(
        "finish",
        "Hand the report in. Refused while a citation does not resolve.",
        {
            "type": "object",
            "properties": {
                "answered": {"type": "boolean", "description": "False where nothing that was found answers the question."},
            },
            "required": [],
            "additionalProperties": False,
        },
    ),
    run,
)
