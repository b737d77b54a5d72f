"""What can the model do?

Ten tools, each a schema and a function. A tool gets checked arguments and the desk it works at, and gives an Observation;
what it cannot do goes back to the model as a message, never as an exception. Every call gets a reply.

    todo           the plan
    batch_search   several queries at once; finds passages
    open           reads documents around a place
    read           reads files, and what was shortened
    reflect        what is known, missing, contradictory
    write, patch   files, of which report.md is the report
    shell          a command in the sandbox
    verify         every sentence against what it cites
    finish         hands the report in

A profile is a set of them under the names that a model knows: ``native``, or ``step`` for weights trained on the tools of
Step-DeepResearch.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from agent.budget import withdrawn
from agent.errors import ToolError
from agent.models import Call
from agent.standing import Standing, spelled
from agent.tools import finish, open, patch, read, reflect, search, shell, step, todo, verify, write  # noqa: A004 - the tool's name
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.schema import problems

NATIVE = (todo, search, open, read, reflect, write, patch, shell, verify, finish)
TOOLS: Mapping[str, Tool] = {room.TOOL.schema.name: room.TOOL for room in NATIVE}
PROFILES: Mapping[str, Mapping[str, Tool]] = {"native": TOOLS, "step": step.TOOLS}
REPEATABLE = frozenset({"verify", "finish", "shell", "reflect", "read", "file"})
"""Tools whose same call may mean something new right after itself."""


def offered(standing: Standing, tools: Mapping[str, Tool], has_shell: bool) -> list[Tool]:
    """The tools that may be called now."""
    return [
        tool
        for name, tool in tools.items()
        if not withdrawn(standing, name, tool.research)
        and (has_shell or name != "shell")
        and not (standing.started.model.profile == "step" and name in step.HIDDEN)
    ]


def use(call: Call, desk: Desk, tools: Mapping[str, Tool] = TOOLS) -> Observation:
    """Run one call. Raises ToolError with a message for the model on anything that it can put right or must live with."""
    tool = tools.get(call.name)
    if tool is None:
        raise ToolError(f"no tool is called {call.name!r}; there are {', '.join(tools)}")
    try:
        arguments = orjson.loads(call.arguments or "{}")
        orjson.dumps(arguments)  # takes less nesting
    except (orjson.JSONDecodeError, TypeError) as error:
        raise ToolError(f"the arguments are not valid JSON: {error}") from error
    if faults := problems(arguments, tool.schema.parameters):
        raise ToolError("; ".join(faults[:5]))
    if reason := withdrawn(desk.standing, call.name, tool.research):
        raise ToolError(f"{call.name} is not available any more: {reason}")
    if reason := _repeated(call, tool, desk.standing):
        raise ToolError(reason)
    try:
        return tool.run(arguments, desk)
    except Exception as error:
        if not hasattr(error, "exit_code"):  # every room's expected errors carry one; anything else is a bug
            raise
        raise ToolError(str(error)) from error


def _repeated(call: Call, tool: Tool, standing: Standing) -> str:
    """Why this very call is not carried out again: research never, other calls not twice within two replies."""
    before = standing.answered.get((call.name, spelled(call)), "")
    if not before or call.name in REPEATABLE:
        return ""
    recent = standing.steps - int(before[1:].partition(".")[0]) <= 1
    return f"the same call was answered as {before}; its result is at outputs/{before}" if tool.research or recent else ""
