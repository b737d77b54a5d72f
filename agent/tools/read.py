"""read: what stands in this file, from this line on?

A file of the workspace, the whole result of an earlier call, ``outputs/c3.1``, or an earlier reply with its calls, ``replies/3``:
what was shortened is read here, every character of it, and nothing is ever lost by shortening.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from agent.errors import ToolError
from agent.models import ToolSchema
from agent.recollection import retold
from agent.standing import looked
from agent.storage import lines_of, room_of
from agent.tokens import estimate
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.write import OUTPUTS, PATH, REPLIES, SHORT

DEFAULT_LINES = 120
LINES: Mapping[str, object] = {
    "start": {"type": "integer", "minimum": 1, "maximum": 10**7, "description": "First line, default 1."},
    "lines": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "Lines at most, default 120."},
    "find": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Only lines that hold this."},
}
"""Schemas of the arguments that choose lines."""
FRAME = 60
"""Tokens of an answer beside its lines."""


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Lines of a text from `start` on, or those that hold `find`, with their numbers."""
    path: str = arguments["path"]
    text = _text(path, desk)
    lines = lines_of(text)
    wanted = str(arguments.get("find", "")).casefold()
    start = arguments.get("start", 1)
    chosen = [(n, line) for n, line in enumerate(lines, 1) if n >= start and (not wanted or wanted in line.casefold())]
    shown: dict[str, str] = {}
    room = room_of(desk.standing) - FRAME
    for number, line in chosen[: arguments.get("lines", DEFAULT_LINES)]:
        room -= estimate(orjson.dumps(line).decode()) + 3
        if shown and room < 0:
            break
        shown[str(number)] = line
    output: dict[str, object] = {"path": path, "of_lines": len(lines), "lines": shown}
    if not path.startswith((OUTPUTS, REPLIES)):
        output["sha256"] = hashlib.sha256(text.encode()).hexdigest()[:SHORT]
    if len(shown) < len(chosen):
        output["more"] = f"{len(chosen) - len(shown)} lines; read on with start {chosen[len(shown)][0]}"
    apart = path.startswith(OUTPUTS) and bool(desk.answers[path.removeprefix(OUTPUTS)].reader)
    what = f"{len(shown)} of {len(lines)} lines of {path}"
    return Observation(output, what, foreign=path.startswith(OUTPUTS), bounded=True, pages=apart)


def _text(path: str, desk: Desk) -> str:
    if path.startswith(OUTPUTS):
        call = path.removeprefix(OUTPUTS)
        if call not in desk.answers:
            raise ToolError(f"no call {call!r} has a result; there are {', '.join(list(desk.answers)[-10:]) or 'none yet'}")
        answer = desk.answers[call]
        if answer.reader and not looked(answer):
            raise ToolError(f"{path} holds lines of a page that was read apart; read the result of the call that opened it")
        return desk.blobs.read(answer.output)
    if path.startswith(REPLIES):
        number = path.removeprefix(REPLIES)
        if not number.isdecimal() or not 1 <= int(number) <= len(desk.replies):
            raise ToolError(f"no reply {number!r}; there are {REPLIES}1 to {REPLIES}{len(desk.replies)}")
        return retold(desk.replies[int(number) - 1])
    return desk.workspace.read(path).decode(errors="replace")


TOOL = Tool(
    ToolSchema(
        "read",
        "Read a file of the workspace, with outputs/CALL the whole result of an earlier call such as outputs/c3.1, or with "
        "replies/N what you said and called in your N-th reply.",
        {
            "type": "object",
            "properties": {
                "path": PATH,
                **LINES,
            },
            "required": ["path"],
            "additionalProperties": False,
        },
    ),
    run,
    goal=lambda arguments: str(arguments.get("find", "")),
)
