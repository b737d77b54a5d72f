"""Which tools does a model trained for Step-DeepResearch expect?

Its four names and shapes (report arXiv 2512.20491 and its public client), carried out by the native tools, with their limits and
their answers. Citations are span ids in this profile too; ``\\cite{s12}`` is read as ``[[s12]]``. A reply without a call is the
report: it is written to report.md and handed in. Where report.md was written before and the reply only says so ("Done."), what
was written is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.errors import ToolError
from agent.evidence import cited
from agent.many import many
from agent.models import Call, ToolSchema
from agent.models.text import without_thinking
from agent.tools import finish, patch, read, search, shell, todo, write
from agent.tools import open as opening
from agent.tools.desk import Desk, Observation, Tool
from agent.trajectory import REPORT

MAX_K = 20
"""Documents per query, whatever topk asks for: the server's pages are whole passages, not snippets."""

WORD_OF_IT = 4
"""A reply that cites nothing and is this many times shorter than a report that was written and cites is a word about it."""


def surf(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """batch_search or batch_open."""
    if arguments["action"] == "batch_open":
        if not arguments.get("urls"):
            raise ToolError("batch_open needs urls")
        return opening.run({"targets": arguments["urls"]}, desk)
    if not arguments.get("queries"):
        raise ToolError("batch_search needs queries")
    k = max(1, min(MAX_K, arguments.get("topk", 50) // len(arguments["queries"])))
    return search.run({"queries": arguments["queries"], "k": k}, desk)


def file(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """read, write, append, list or stat."""
    path, action = arguments.get("path", ""), arguments["action"]
    if action == "list":
        found = desk.workspace.files()
        return Observation({"files": found}, many(len(found), "file"))
    if not path:
        raise ToolError(f"{action} needs a path")
    if action == "read":
        return read.run({"path": path} | {name: arguments[name] for name in read.LINES if name in arguments}, desk)
    if action == "stat":
        data = desk.workspace.read(path)
        return Observation({"path": path, "bytes": len(data), "sha256": desk.workspace.sha256(path)[: write.SHORT]}, path)
    before = desk.workspace.sha256(path)
    kept = desk.workspace.read(path).decode(errors="replace") if before and action == "append" else ""
    content = kept + arguments.get("content", "")
    if not content:
        raise ToolError(f"{action} needs content")
    return write.run({"path": path, "content": content, "base_sha256": before}, desk)


def plan(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Updates by id; null takes an item out, and the answer says which."""
    kept = {i.id: {"id": i.id, "text": i.text, "status": i.status} for i in desk.standing.todo}
    for name, update in arguments["updates"].items():
        if update is None:
            kept.pop(name, None)
        elif isinstance(update, dict):
            text = update.get("text") or update.get("content") or update.get("title") or update.get("description")
            new = {"text": str(text)} if text else {}
            kept[name] = kept.get(name, {"id": name}) | new | {k: str(v) for k, v in update.items() if k == "status"}
        else:
            raise ToolError(f"updates.{name} must be an object or null")
    if not kept:
        raise ToolError("that would leave no plan; mark items completed instead")
    if strange := [i["status"] for i in kept.values() if i.get("status", "pending") not in todo.STATUSES]:
        raise ToolError(f"status {strange[0]!r} must be one of {', '.join(todo.STATUSES)}")
    return todo.run({"mode": "replace", "items": list(kept.values())}, desk)


def handed_in(text: str, draft: str) -> tuple[Call, ...]:
    """What a reply without a call means in this profile; `draft` is the report that is there, or empty."""
    import orjson

    said = without_thinking(text)
    if cited(draft) and not cited(said) and len(said) * WORD_OF_IT < len(draft):
        return (Call("", "finish", "{}"),)
    wanted = orjson.dumps({"action": "write", "path": REPORT, "content": text}).decode()
    return Call("", "file", wanted), Call("", "finish", "{}")


_STRINGS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 2000}, "maxItems": 8}
_SURF = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": ["batch_search", "batch_open"]},
        "queries": _STRINGS,
        "urls": _STRINGS | {"description": "Ids or URLs that a search returned."},
        "topk": {"type": "integer", "minimum": 1, "maximum": 200, "description": "Documents over all queries, default 50."},
    },
    "required": ["action"],
    "additionalProperties": False,
}
_FILE = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": ["read", "write", "append", "list", "stat"]},
        "path": write.PATH,
        "content": {"type": "string", "maxLength": write.MAX_CONTENT},
        **read.LINES,
    },
    "required": ["action"],
    "additionalProperties": False,
}
_PLAN = {
    "type": "object",
    "properties": {"updates": {"type": "object", "description": "{id: {text, status}} or {id: null}", "minProperties": 1}},
    "required": ["updates"],
    "additionalProperties": False,
}


def _goal(arguments: Mapping[str, Any]) -> str:
    return "; ".join(arguments.get("queries", ()))


TOOLS: Mapping[str, Tool] = {
    "batch_web_surfer": Tool(
        ToolSchema("batch_web_surfer", "Search with several queries, or open several documents, at once.", _SURF),
        surf,
        research=True,
        goal=_goal,
    ),
    "file": Tool(
        ToolSchema(
            "file",
            "Read and write files of the workspace; the report is report.md. read also shows outputs/CALL, the whole result of "
            "an earlier call such as outputs/c3.1, and replies/N, what you said and called in your N-th reply.",
            _FILE,
        ),
        file,
        goal=lambda arguments: str(arguments.get("find", "")),
    ),
    "todo": Tool(ToolSchema("todo", "Keep the plan: updates by id, null takes an item out.", _PLAN), plan),
    "shell": shell.TOOL,
    "patch": patch.TOOL,
    "finish": finish.TOOL,
}
HIDDEN = frozenset({"finish"})
"""Carried out, but not offered: weights of this profile hand in by replying without a call."""
