"""write: what shall the report say?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.evidence import cited, unresolved
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool

MAX_DRAFT = 400_000
"""Characters in the whole report."""


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Replace the draft or add to it, and say at once which citations do not resolve."""
    content: str = arguments["content"]
    draft = f"{desk.draft}\n\n{content}" if arguments.get("append") and desk.draft else content
    if len(draft) > MAX_DRAFT:
        raise ToolError(f"the report would have {len(draft):,} characters, the limit is {MAX_DRAFT:,}; shorten it")
    invented = unresolved(draft, desk.evidence)
    output: dict[str, object] = {"characters": len(draft), "citations": len(cited(draft)), "unresolved": invented}
    return Observation(output, f"{len(draft):,} characters, {len(cited(draft))} spans cited", draft=draft)


TOOL = Tool(
    ToolSchema(
        "write",
        "Write the report, in Markdown, with citations such as [[s12]] or [[s12, s40]]. Replaces what was written before, "
        "or adds to its end with append.",
        {
            "type": "object",
            "properties": {
                "content": {"type": "string", "minLength": 1, "maxLength": MAX_DRAFT, "description": "Markdown."},
                "append": {"type": "boolean", "description": "Add to the end of the report; default false."},
            },
            "required": ["content"],
            "additionalProperties": False,
        },
    ),
    run,
)
