"""patch: what of this file shall be otherwise?

Each `old` must stand in the file exactly once, all edits are of the same version of it, and either all are made or none. What
does not match is answered with the lines that come nearest.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from agent.errors import ToolError
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.write import BASE, PATH, based, written
from agent.workspace import parts

MAX_EDITS = 40
NEAREST = 3
"""Lines that are named where nothing matches."""


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Make all edits, or raise ToolError with what each that fails has run into."""
    path = "/".join(parts(arguments["path"]))
    data = desk.workspace.read(path)
    based(path, desk.workspace.sha256(path), arguments["base_sha256"])
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ToolError(f"{path} is no UTF-8 text; write it anew") from error
    return written(path, patched(text, [(edit["old"], edit["new"]) for edit in arguments["edits"]]), desk)


def patched(text: str, edits: Sequence[tuple[str, str]]) -> str:
    """The text with every edit made. Raises ToolError where one does not match exactly once, or two overlap."""
    faults = [fault for i, (old, _) in enumerate(edits) if (fault := _fault(text, i, old))]
    if faults:
        raise ToolError("nothing was changed: " + "; ".join(faults[:5]))
    places = sorted((text.index(old), len(old), new) for old, new in edits)
    made, end = [], 0
    for start, length, new in places:
        if start < end:
            raise ToolError(f"nothing was changed: two edits meet at {text[start : start + 40]!r}; join them")
        made += [text[end:start], new]
        end = start + length
    return "".join([*made, text[end:]])


def _fault(text: str, number: int, old: str) -> str:
    found = _count(text, old)
    if found == 1:
        return ""
    if found:
        lines = ", ".join(str(text.count("\n", 0, i) + 1) for i in _places(text, old)[:5])
        return f"edits[{number}].old stands {found} times, in lines {lines}; make it longer"
    first = max(old.splitlines(), key=len, default="")
    lines_of = text.splitlines()
    near = difflib.get_close_matches(first, lines_of, n=NEAREST, cutoff=0.4)
    shown = "; ".join(f"line {lines_of.index(line) + 1}: {line[:120]!r}" for line in near)
    return f"edits[{number}].old {old[:60]!r} does not stand in the file" + (f", nearest are {shown}" if near else "")


def _count(text: str, old: str) -> int:
    return len(_places(text, old))


def _places(text: str, old: str) -> list[int]:
    """Where `old` begins, overlapping places among them."""
    found: list[int] = []
    start = text.find(old)
    while start >= 0 and len(found) < 100:
        found.append(start)
        start = text.find(old, start + 1)
    return found


TOOL = Tool(
    ToolSchema(
        "patch",
        "Change parts of a file of the workspace. Each old text must stand in it exactly once; all edits are made, or none.",
        {
            "type": "object",
            "properties": {
                "path": PATH,
                "base_sha256": BASE,
                "edits": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MAX_EDITS,
                    "items": {
                        "type": "object",
                        "properties": {
                            "old": {"type": "string", "minLength": 1, "maxLength": 20_000},
                            "new": {"type": "string", "maxLength": 50_000},
                        },
                        "required": ["old", "new"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["path", "base_sha256", "edits"],
            "additionalProperties": False,
        },
    ),
    run,
)
