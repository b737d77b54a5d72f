"""patch: what of this file shall be otherwise?

Each `old` must stand in the file exactly once, all edits are of the same version of it, and either all are made or none. What
does not match is answered with the lines that come nearest. A line end matches any that `read` shows as one, which it cannot tell
apart, and what is put in has the ends of the lines around it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.errors import ToolError
from agent.models import ToolSchema
from agent.storage import lines_of
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.write import BASE, PATH, based, written
from agent.workspace import parts

MAX_EDITS = 40
NEAREST = 3
"""Lines that are named where nothing matches."""
MAX_PLACES = 100
_WRITTEN = re.compile(r"\r\n|\n")
_END = r"(?:\r\n|(?<!\r)\n|\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029])"
"""What `str.splitlines` ends a line at, whole."""


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
    made, end = [], 0
    for (start, stop), new in sorted((_places(text, old)[0], new) for old, new in edits):
        if start < end:
            raise ToolError(f"nothing was changed: two edits meet at {text[start : start + 40]!r}; join them")
        made += [text[end:start], _fitted(new, text, start)]
        end = stop
    return "".join([*made, text[end:]])


def _fault(text: str, number: int, old: str) -> str:
    found = _places(text, old)
    if len(found) == 1:
        return ""
    if found:
        lines = ", ".join(str(len(lines_of(f"{text[:start]}x"))) for start, _ in found[:5])
        return f"edits[{number}].old stands {len(found)} times, in lines {lines}; make it longer"
    lines_there = lines_of(text)
    near = difflib.get_close_matches(max(lines_of(old), key=len, default=""), lines_there, n=NEAREST, cutoff=0.4)
    shown = "; ".join(f"line {lines_there.index(line) + 1}: {line[:120]!r}" for line in near)
    return f"edits[{number}].old {old[:60]!r} does not stand in the file" + (f", nearest are {shown}" if near else "")


def _places(text: str, old: str) -> list[tuple[int, int]]:
    """Where `old` begins and ends, overlapping places among them, MAX_PLACES at most."""
    pattern = re.compile(_END.join(map(re.escape, _WRITTEN.split(old))))
    found: list[tuple[int, int]] = []
    start = 0
    while len(found) < MAX_PLACES and (match := pattern.search(text, start)):
        found.append(match.span())
        start = match.start() + 1
    return found


def _fitted(new: str, text: str, start: int) -> str:
    """`new` with the line end of the line that it begins in, or of the last one before."""
    end = text.find("\n", start)
    end = end if end >= 0 else text.rfind("\n", 0, start)
    return _WRITTEN.sub("\r\n" if text[max(0, end - 1) : end] == "\r" else "\n", new) if end >= 0 else new


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
