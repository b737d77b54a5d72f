"""How is an answer sent while it is being made?

A line of JSON for each outcome (NDJSON). What is refused before the first line is an error as everywhere; what breaks after it
is the last line, `{"error": {"code", "message"}}`. When the client hangs up, the work ends.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from server.errors import ServerError
from server.http.gone import HUNG_UP, Gone, unless_gone
from server.http.headers import key_of
from server.http.reception import Reception
from server.http.replies import refused, status_of
from server.http.visit import Visit

MEDIA_TYPE = "application/x-ndjson"

Lines = Callable[[Request, Visit], AsyncGenerator[bytes, None]]
"""What answers a path, a line at a time."""


def streams(reception: Reception, path: str, lines: Lines) -> Callable[[Request], Awaitable[Response]]:
    """`lines` as an endpoint; `path` is what the log and the metrics call it."""

    async def endpoint(request: Request) -> Response:
        answer = _guarded(reception, path, lines, request)
        try:
            first = await unless_gone(request, anext(answer, b""))
        except ServerError as error:
            return refused(error)
        except Gone:
            return Response(status_code=HUNG_UP)
        return _Streamed(first, answer)

    return endpoint


async def _guarded(reception: Reception, path: str, lines: Lines, request: Request) -> AsyncGenerator[bytes, None]:
    """The lines of a visit, its error after some of them as the last one. Raises ServerError before the first."""
    begun = False
    try:
        async with (
            reception.received(path, request.headers, await key_of(request)) as visit,
            aclosing(lines(request, visit)) as answer,
        ):
            async for line in answer:
                begun = True
                yield line
    except ServerError as error:
        if not begun:
            raise
        yield orjson.dumps({"error": {"code": status_of(error)[1], "message": str(error)}}) + b"\n"


class _Streamed(StreamingResponse):
    """A stream that has begun; whatever ends it ends the work, too."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None]) -> None:
        super().__init__(_chained(first, rest), media_type=MEDIA_TYPE)
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._rest):
            await super().__call__(scope, receive, send)


async def _chained(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    yield first
    async for line in rest:
        yield line
