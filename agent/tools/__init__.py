"""What can the model do?

Four tools, each a schema and a function. A tool gets checked arguments and the desk it works at, and gives an Observation;
what it cannot do goes back to the model as a message, never as an exception. Every call gets a reply.

    batch_search   several queries at once; finds passages
    open           reads documents around a place
    write          the report's draft
    finish         hands the report in
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from agent.errors import ToolError
from agent.models import Call
from agent.tools import finish, open, search, write  # noqa: A004 - the tool's name
from agent.tools.desk import Desk, Observation, Tool
from agent.tools.schema import problems

TOOLS: Mapping[str, Tool] = {tool.schema.name: tool for tool in (search.TOOL, open.TOOL, write.TOOL, finish.TOOL)}


def use(call: Call, desk: Desk, tools: Mapping[str, Tool] = TOOLS) -> Observation:
    """Run one call. Raises ToolError with a message for the model on anything that it can put right or must live with."""
    tool = tools.get(call.name)
    if tool is None:
        raise ToolError(f"no tool is called {call.name!r}; there are {', '.join(tools)}")
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError as error:
        raise ToolError(f"the arguments are not valid JSON: {error}") from error
    if faults := problems(arguments, tool.schema.parameters):
        raise ToolError("; ".join(faults[:5]))
    try:
        return tool.run(arguments, desk)
    except Exception as error:
        if not hasattr(error, "exit_code"):  # every room's expected errors carry one; anything else is a bug
            raise
        raise ToolError(str(error)) from error
