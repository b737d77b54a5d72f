"""Is one line written of every request, whatever it comes to?

What reaches the service is written where it is answered, with the caller and what was asked. Everything else is written here:
what the border refuses, what nobody answers, files of the page, the description of the API. A path that nobody answers is a
stranger's words and is not repeated.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.observe.calls import Call, Observer

CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    413: "RESOURCE_EXHAUSTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    503: "UNAVAILABLE",
}
"""gRPC status names of HTTP's; what is not here is INVALID_ARGUMENT, from 500 on INTERNAL, below 400 OK."""
UNKNOWN = "unknown"
"""What the log calls a path that nobody answers, or that nobody has looked at."""
PROBED = "/healthz"
"""Asked by balancers every other second; leaves no line."""


@dataclass(slots=True)
class Told:
    """What is known of one request's line."""

    yet: bool = False
    """Whether it was written."""


TOLD: ContextVar[Told] = ContextVar("told")
"""Of the request that is being answered."""


class Logged:
    """Stands before the border."""

    def __init__(self, site: ASGIApp, observe: Observer) -> None:
        self._site, self._observe = site, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it on, and write its line unless that was done."""
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        began, told, status = time.perf_counter(), Told(), 499  # until something is answered, nobody was there to be

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = TOLD.set(told)
        try:
            await self._site(scope, receive, seen)
        finally:
            TOLD.reset(token)
            name = _name(scope)
            if not told.yet and name != PROBED:
                self._observe(Call(name, "anonymous", _code(status), 1, 0, (time.perf_counter() - began) * 1000))


def _name(scope: Scope) -> str:
    """The path as it was declared."""
    declared = getattr(scope.get("route"), "path", None)
    if isinstance(declared, str):
        return declared
    return str(scope["path"]) if "endpoint" in scope and not scope.get("path_params") else UNKNOWN


def _code(status: int) -> str:
    return "OK" if status < 400 else CODES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
