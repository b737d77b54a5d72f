"""shell: what does this command print?

It runs in the sandbox, where it sees the files of the workspace and nothing else, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from agent.budget import RESEARCH
from agent.errors import ToolError
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.write import MAX_CONTENT
from agent.trajectory import REPORT, FileVersion
from agent.workspace import FILE

TIMEOUT = 60
MAX_TIMEOUT = 600


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Run the command; files that tools wrote before and that it changed are kept in the log."""
    if absent := desk.sandbox.absent():
        raise ToolError(f"the shell is not available: {absent}")
    desk.workspace.root.mkdir(exist_ok=True)
    limits, used = desk.standing.limits, desk.standing.seconds
    timeout = max(1, min(arguments.get("timeout", TIMEOUT), round(RESEARCH * limits.seconds - used)))  # the rest is for writing
    done = desk.sandbox.run(arguments["cmd"], desk.workspace.root, timeout)
    output: dict[str, object] = {"exit": done.code, "output": done.output, "files": desk.workspace.files()[:100]}
    files, left_out = changed(desk, done.cut_back)
    if left_out:
        output["not_kept"] = left_out
    if done.stopped:
        output["stopped"] = done.stopped
    if done.cut:
        output["cut"] = "the output was over the limit; send it into a file"
    return Observation(output, f"exit {done.code} after {done.seconds:.1f} s", files=files, foreign=True)


def changed(desk: Desk, cut_back: Collection[str] = ()) -> tuple[tuple[FileVersion, ...], list[str]]:
    """New versions of the files that tools wrote, and of the report whoever wrote it; and why some cannot be kept, in words.

    Those that were cut back are what the log has of them, again.
    """
    found: list[FileVersion] = []
    left_out: list[str] = []
    for path, before in ({REPORT: ""} | dict(desk.standing.files)).items():
        if before and path in cut_back:
            found.append(FileVersion(path, before))
            continue
        try:
            now = desk.workspace.sha256(path)
            if (kind := desk.workspace.kind(path)) not in ("", FILE):
                left_out.append(f"{path} is a {kind} now; as the log has it, it is unchanged; write makes it a file again")
            elif now and now != before:
                found.append(desk.keep(path, desk.workspace.read(path).decode(errors="replace")[:MAX_CONTENT]))
        except ToolError as error:
            left_out.append(f"{error}; as the log has it, it is unchanged")
    return tuple(found), left_out


TOOL = Tool(
    ToolSchema(
        "shell",
        "Run a shell command in the workspace, without network. For calculations and for files.",
        {
            "type": "object",
            "properties": {
                "cmd": {"type": "string", "minLength": 1, "maxLength": 20_000},
                "timeout": {"type": "integer", "minimum": 1, "maximum": MAX_TIMEOUT, "description": "Seconds, default 60."},
            },
            "required": ["cmd"],
            "additionalProperties": False,
        },
    ),
    run,
    research=True,
    effects=True,
)
