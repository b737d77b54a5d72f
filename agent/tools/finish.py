"""finish: may this report be handed in?

Not while a citation names a span that does not exist, a claim is unsupported, or nothing is cited though something was found,
unless the report says that what was found does not answer. Every claim that no judge has seen yet is put to it. After
MAX_REFUSALS rounds of repair it passes as it is, and the renderer marks for the reader what is still wrong, and says where
the report was handed in as no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from agent.claims import claims_of
from agent.errors import ToolError
from agent.evidence import cited, unresolved
from agent.models import ToolSchema, Usage
from agent.profiles import profile_of
from agent.standing import REFUSED
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.verify import described
from agent.verdicts import UNSUPPORTED, Checked

MAX_REFUSALS = 2


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Accept the report, or say what to repair: `finished` tells which. Raises ToolError without a report."""
    if not desk.draft.strip():
        raise ToolError("there is no report; write report.md first")
    checked: list[Checked] = []
    usage = Usage()
    answered = arguments.get("answered")
    brief = fault = _fault(desk, answered)
    if not fault:
        checked, usage = desk.judge(claims_of(desk.draft, desk.evidence), None)
        bad = [c for c in checked if c.verdict == UNSUPPORTED]
        if bad:
            claims = f"{len(bad)} claims are not supported by what they cite"
            claims = claims if len(bad) > 1 else "1 claim is not supported by what it cites"
            fault = f"{claims}: {orjson.dumps(described(bad)).decode()}"
            brief = f"{claims}, such as “{bad[0].text[:100]}”: {bad[0].reason}"
    if fault and desk.standing.refusals < MAX_REFUSALS:
        refusal = {"error": f"{REFUSED}{fault}"}
        return Observation(refusal, f"{REFUSED}{brief}", checked=tuple(checked), usage=usage, refused=True)
    note = "accepted" + (f" in spite of this: {brief}" if fault else "")
    return Observation({"finished": True}, note, checked=tuple(checked), usage=usage, finished=True, answered=answered)


def _fault(desk: Desk, answered: bool | None) -> str:
    said = profile_of(desk.standing.started.model)
    if invented := unresolved(desk.draft, desk.evidence):
        ways = f"cite ids that {said.search} or {said.open} returned, or take the claim out"
        return f"no span is called {', '.join(invented)}; {ways}"
    if answered is not False and desk.evidence.spans and not cited(desk.draft):
        ways = f"end each factual sentence with its span ids, such as [[s12]], or {said.nothing_found}"
        return f"the report cites nothing; {ways}"
    return ""


TOOL = Tool(
    ToolSchema(
        "finish",
        "Hand the report in. Refused while a citation does not resolve or a claim is not supported by its spans.",
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
