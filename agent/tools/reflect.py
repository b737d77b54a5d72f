"""reflect: what is known, what is missing, where do sources disagree?

The thought stays in the log; what comes back are facts about the run that a model loses sight of: what was asked, what is left
of the plan and of the budgets, how far the sources are trusted. A disagreement noted here is shown in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agent.budget import shares
from agent.errors import ToolError
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Take the thought, and answer with where the run stands."""
    for conflict in arguments.get("conflicts", ()):
        if missing := [name for name in conflict["spans"] if name not in desk.evidence.spans]:
            raise ToolError(f"no span is called {', '.join(missing)}; name spans that were found")
        if len({desk.evidence.spans[name].doc_id for name in conflict["spans"]}) < 2:
            raise ToolError(
                f"{', '.join(conflict['spans'])} are of one source; sources that disagree are two, name a span of each"
            )
    standing = desk.standing
    tiers = Counter(source.tier or "unlisted" for source in desk.evidence.sources.values())
    output: dict[str, object] = {
        "asked_so_far": list(dict.fromkeys(search.query for search in standing.searches))[-20:],
        "sources_by_authority": dict(tiers.most_common()),
        "spans": len(desk.evidence.spans),
        "plan_left": [item.text for item in standing.todo if item.status != "completed"],
        "files": list(standing.files),
        "used": [str(share) for share in shares(standing)],
    }
    return Observation(output, f"missing: {arguments['missing']}")


_WORDS = {"type": "string", "minLength": 1, "maxLength": 2000}
TOOL = Tool(
    ToolSchema(
        "reflect",
        "Step back: what is established, what is missing, what comes next. Note here where sources contradict each other. "
        "Answers with where the run stands.",
        {
            "type": "object",
            "properties": {
                "known": _WORDS,
                "missing": _WORDS,
                "next": _WORDS,
                "conflicts": {
                    "type": "array",
                    "maxItems": 10,
                    "items": {
                        "type": "object",
                        "properties": {
                            "about": {"type": "string", "minLength": 1, "maxLength": 300},
                            "spans": {
                                "type": "array",
                                "minItems": 2,
                                "maxItems": 6,
                                "items": {"type": "string", "minLength": 1, "maxLength": 20},
                            },
                        },
                        "required": ["about", "spans"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["known", "missing", "next"],
            "additionalProperties": False,
        },
    ),
    run,
)
