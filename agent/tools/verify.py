"""verify: what of the report do its sources support?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agent.claims import claims_of
from agent.errors import ToolError
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool
from agent.verdicts import SUPPORTED, UNCITED, UNSUPPORTED, Checked

SHOWN = 30
"""Claims that are named in one answer; the worst first."""
MAX_ASKED = 60
"""Claims that are put to the judge in one call; a later call goes on with the next."""
_ORDER = (UNSUPPORTED, "partial", UNCITED, "unknown", SUPPORTED)


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:  # noqa: ARG001 - it takes none
    """A verdict for every claim of the report."""
    if not desk.draft.strip():
        raise ToolError("there is no report; write report.md first")
    checked, usage = desk.judge(claims_of(desk.draft, desk.evidence), MAX_ASKED)
    count = Counter(c.verdict for c in checked)
    output: dict[str, object] = {"claims": len(checked), "verdicts": dict(count), "to_repair": described(checked)}
    note = ", ".join(f"{count[verdict]} {verdict}" for verdict in _ORDER if count[verdict]) or "no claims"
    return Observation(output, note, checked=tuple(checked), usage=usage)


def described(checked: Sequence[Checked]) -> list[dict[str, object]]:
    """What is not supported, the worst first, in words for the model."""
    worst = sorted((c for c in checked if c.verdict not in (SUPPORTED, "unknown")), key=lambda c: _ORDER.index(c.verdict))
    return [
        {
            "sentence": c.text[:200],
            "spans": list(c.spans),
            "verdict": c.verdict,
            "reason": c.reason,
            **({"contradicted_by": list(c.against)} if c.against else {}),
        }
        for c in worst[:SHOWN]
    ]


TOOL = Tool(
    ToolSchema(
        "verify",
        "Check every sentence of report.md against the spans it cites. Repair what is unsupported, by other spans, by other "
        f"words, or by taking it out. A call has at most {MAX_ASKED} new claims judged; what it leaves unknown, call again for.",
        {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    ),
    run,
)
