"""How do the tools answer over streamable HTTP?

Stateless and in plain JSON: every POST is a call of its own, so any worker may answer it and a restart loses no session. The
stream that a GET would open has nothing to say and is refused with 405, as the protocol allows. Keys and limits are those of
every request.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.errors import ServerError
from server.http.reception import Reception
from server.http.replies import problem, refused
from server.mcp import browsecomp, research
from server.mcp.tools import Doors, Library, server

PATHS = {"/mcp": research, "/mcp/browsecomp": browsecomp}
"""Which tools answer where."""


class Mounted:
    """Both servers of the protocol, as routes; they answer while `running`."""

    def __init__(self, reception: Reception) -> None:
        logging.getLogger("mcp").setLevel(logging.WARNING)
        self._managers = {
            path: StreamableHTTPSessionManager(
                server(shape.NAME, shape.INSTRUCTIONS, shape.TOOLS, _doors(path, reception)), json_response=True, stateless=True
            )
            for path, shape in PATHS.items()
        }
        self.routes = [
            Route(path, _Posts(manager, reception), include_in_schema=False) for path, manager in self._managers.items()
        ]

    @asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        """What the app's life span must hold open."""
        async with AsyncExitStack() as stack:
            for manager in self._managers.values():
                await stack.enter_async_context(manager.run())
            yield


class _Posts:
    """One endpoint of the protocol."""

    def __init__(self, manager: StreamableHTTPSessionManager, reception: Reception) -> None:
        self._manager = manager
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            answer = problem(405, "UNIMPLEMENTED", "send MCP messages by POST; there is no stream to open", {"allow": "POST"})
            await answer(scope, receive, send)
            return
        try:
            self._reception.visit(Request(scope).headers)  # so that a missing key is 401, and no error inside the protocol
        except ServerError as error:
            await refused(error)(scope, receive, send)
            return
        await self._manager.handle_request(scope, receive, send)


def _doors(path: str, reception: Reception) -> Doors:
    @asynccontextmanager
    async def door(tool: str, request: Any) -> AsyncIterator[Library]:
        async with reception.received(f"{path}#{tool}", request.headers) as visit:
            yield visit

    return door
