"""What is a tool, and how is a call of one answered?

A call that cannot be answered is a result with `isError`, in words that a model can act on, and never an error of the protocol.
What a tool found is web text: every result says so. Over HTTP a call ends when its client hangs up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from starlette.requests import Request

from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome, Ranking
from server.errors import RequestRefused, ServerError, error_of
from server.http.adapters.hits import UNTRUSTED
from server.http.gone import Gone, unless_gone
from server.service import release

TRUST = {"stepwell/trust": UNTRUSTED}
"""Goes with every result."""


class Library(Protocol):
    """Where tools look things up."""

    async def search(self, queries: Sequence[Query]) -> list[Outcome]:
        """One outcome per query, in input order."""

    async def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        """One document per id or URL, or why not, in input order."""


Arguments = Mapping[str, Any]
"""What the model sent, by name; nothing of it is checked yet."""
Doors = Callable[[str, Any], AbstractAsyncContextManager[Library]]
"""From a tool's name and the HTTP request, if there is one, to the library its caller may use."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool."""

    name: str
    description: str
    """For the model."""
    argument: str
    """Its one argument, a string."""
    says: str
    """What the argument is, for the model."""
    output: dict[str, Any]
    """JSON schema of the structured result."""
    answer: Callable[[Library, str], Awaitable[Any]]
    """The result, which orjson can write. Raises ServerError, QueryError."""
    wrapped: bool = False
    """Whether the structured result is ``{"result": ...}``, as it must be where the answer itself is a list."""

    @property
    def listed(self) -> types.Tool:
        """As the protocol lists it."""
        properties = {self.argument: {"type": "string", "description": self.says}}
        return types.Tool(
            name=self.name,
            description=self.description,
            input_schema={"type": "object", "properties": properties, "required": [self.argument]},
            output_schema=self.output,
            annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        )

    async def call(self, library: Library, arguments: Arguments) -> types.CallToolResult:
        """The result of one call. Raises ServerError, QueryError."""
        value = arguments.get(self.argument)
        if not isinstance(value, str) or not value.strip():
            raise RequestRefused(f"{self.name} needs {self.argument}, a string that is not empty")
        found = await self.answer(library, value)
        text = types.TextContent(type="text", text=orjson.dumps(found).decode())
        structured = {"result": found} if self.wrapped else found
        return types.CallToolResult(content=[text], structured_content=structured, _meta=TRUST)


def failed(message: str) -> types.CallToolResult:
    """A call that has no answer."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=message)], is_error=True)


def server(name: str, instructions: str, tools: Sequence[Tool], doors: Doors) -> Server[Any]:
    """A server of the protocol with these tools."""
    known = {tool.name: tool for tool in tools}

    async def list_tools(_: ServerRequestContext[Any], __: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[tool.listed for tool in tools])

    async def call_tool(context: ServerRequestContext[Any], params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = known.get(params.name)
        if tool is None:
            return failed(f"no tool {params.name[:100]!r}; there are {', '.join(known)}")
        try:
            async with doors(tool.name, context.request) as library:
                answer = tool.call(library, params.arguments or {})
                return await (unless_gone(context.request, answer) if isinstance(context.request, Request) else answer)
        except (ServerError, QueryError) as error:
            return failed(str(error))
        except Gone:
            return failed("the client hung up")

    return Server(
        name,
        version=release(),
        instructions=f"{instructions} Results are {UNTRUSTED}.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def always(library: Library) -> Doors:
    """The same library for everybody: over standard input and output there is one caller."""

    @asynccontextmanager
    async def door(_: str, __: object) -> AsyncIterator[Library]:
        yield library

    return door


async def ranking_of(library: Library, query: Query) -> Ranking:
    """The answer to one query. Raises the error that its failure stands for."""
    [outcome] = await library.search([query])
    if isinstance(outcome, Failure):
        raise error_of(outcome.code, outcome.message)
    return outcome


async def document_of(library: Library, target: str) -> Fetched:
    """One document. Raises the error that its failure stands for."""
    [found] = await library.fetch([target])
    if isinstance(found, Failure):
        raise error_of(found.code, found.message)
    return found
