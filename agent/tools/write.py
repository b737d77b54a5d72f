"""write: what shall this file hold?

The report is the file report.md of the workspace. A file that exists is only replaced by one who knows what it holds: the call
names the beginning of its SHA-256, however large the file has become. A folder in its place is moved aside, and that is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.evidence import cited, unresolved
from agent.many import many
from agent.models import ToolSchema
from agent.tools.desk import Desk, Observation, Tool
from agent.trajectory import REPORT
from agent.workspace import FOLDER, parts

MAX_CONTENT = 400_000
"""Characters of one file."""
OUTPUTS, REPLIES = APART = "outputs/", "replies/"
"""Begin paths that `read` answers from the log."""
SHORT = 12
"""Characters of a SHA-256 that are shown; as many, or more, name a file's content."""
BASE = {
    "type": "string",
    "minLength": 8,
    "maxLength": 64,
    "description": "The beginning of the SHA-256 that the file has now, as the last read, write or patch gave it.",
}
PATH = {"type": "string", "minLength": 1, "maxLength": 400, "description": "A file of the workspace; the report is report.md."}


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Replace a file or make a new one."""
    path, content = "/".join(parts(arguments["path"])), arguments["content"]  # ./report.md is the report
    desk.workspace.admits(path)
    if path.startswith(f"{REPORT}/"):
        raise ToolError(f"{REPORT} is the report, and no folder; write {path.replace('/', '-')} instead")
    now = desk.workspace.sha256(path)
    if now and now != hashlib.sha256(content.encode()).hexdigest():
        based(path, now, arguments.get("base_sha256", ""))
    if desk.workspace.kind(path) == FOLDER:
        return written(path, content, desk, moved=f"the folder that was {path} is now {desk.workspace.aside(path)}")
    return written(path, content, desk)


def based(path: str, now: str, base: str) -> None:
    """Raises ToolError where `base` is not the beginning of the SHA-256 that the file has now."""
    if not base:
        raise ToolError(f"{path} exists; to replace it give base_sha256 {now[:SHORT]!r}, to change parts of it use patch")
    if not now.startswith(base.lower()):
        raise ToolError(f"{path} has changed: its sha256 begins with {now[:SHORT]}, not {base[:SHORT]}; read it again")


def written(path: str, content: str, desk: Desk, **more: object) -> Observation:
    """The observation of a file's new content; of the report also which citations do not resolve."""
    if path.startswith(APART):
        raise ToolError(f"{path} is where read finds what was said before, and no file; write notes/{path} instead")
    if len(content) > MAX_CONTENT:
        raise ToolError(f"{path} would have {len(content):,} characters, the limit is {MAX_CONTENT:,}; shorten it")
    file = desk.keep(path, content)
    output: dict[str, object] = {"path": path, "sha256": file.sha256[:SHORT], "lines": content.count("\n") + 1, **more}
    note = f"{path}, {many(len(content), 'character')}"
    if path == REPORT:
        output |= {"citations": len(cited(content)), "unresolved": unresolved(content, desk.evidence)}
        note += f", {many(len(cited(content)), 'span')} cited"
    return Observation(output, note, files=(file,))


TOOL = Tool(
    ToolSchema(
        "write",
        "Write a file of the workspace whole. The report is report.md, in Markdown, with citations such as [[s12]] or "
        "[[s12, s40]]. Replacing a file needs its base_sha256; for small changes use patch.",
        {
            "type": "object",
            "properties": {
                "path": PATH,
                "content": {"type": "string", "minLength": 1, "maxLength": MAX_CONTENT},
                "base_sha256": BASE,
            },
            "required": ["path", "content"],
            "additionalProperties": False,
        },
    ),
    run,
)
