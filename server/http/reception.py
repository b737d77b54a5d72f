"""Who asks over HTTP, and is it answered or refused?

However a request ends, it leaves one line in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from ranker.errors import QueryError
from server.access.door import Door
from server.ending import Ending
from server.errors import RequestRefused, ServerError, ServerFault
from server.faults import fault
from server.http.gone import HUNG_UP, Gone, unless_gone
from server.http.headers import key_of, seconds, shown
from server.http.logged import TOLD, Told
from server.http.replies import refused, status_of
from server.http.visit import Visit
from server.observe.calls import Call, Observer
from server.observe.metrics import InFlight

if TYPE_CHECKING:
    from server.services import Services

Answer = Callable[[Request, Visit], Awaitable[Response]]
"""What answers a path."""


class Reception:
    """Receives requests: finds out who asks, answers or refuses, and tells the observer."""

    def __init__(
        self, services: Services, door: Door, observe: Observer, in_flight: InFlight, ending: Ending | None = None
    ) -> None:
        """`ending` comes when nothing is answered any more."""
        self._services = services
        self._ending = ending or Ending()
        self._door = door
        self._observe = observe
        self._in_flight = in_flight

    def visit(self, headers: Mapping[str, str], key: str | None = None) -> Visit:
        """A visit by whoever sent these headers; `key` is one that came elsewhere. Raises Unauthenticated, RequestRefused."""
        return Visit(self._services, self._door, self._door.caller(shown(headers) or key), seconds(headers), self._ending)

    def answers(self, path: str, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """`answer` as an endpoint; `path` is what the log and the metrics call it."""

        async def endpoint(request: Request) -> Response:
            try:
                async with self.received(path, request.headers, await key_of(request)) as visit:
                    return await unless_gone(request, answer(request, visit))
            except ServerError as error:
                return refused(error)
            except Gone:
                return Response(status_code=HUNG_UP)

        return endpoint

    @asynccontextmanager
    async def received(self, method: str, headers: Mapping[str, str], key: str | None = None) -> AsyncIterator[Visit]:
        """A visit, and the log line when it ends. Raises ServerError, one of them for whatever nobody expected, and Gone."""
        began, visit, code = time.perf_counter(), None, "OK"
        self._in_flight.begin()
        try:
            visit = self.visit(headers, key)
            yield visit
        except (ServerError, QueryError) as error:
            known = RequestRefused(str(error)) if isinstance(error, QueryError) else error
            _, code = status_of(known)
            raise known from None
        except (Gone, asyncio.CancelledError, GeneratorExit):
            code = "CANCELLED"
            raise
        except Exception as error:  # noqa: BLE001 - the border of the process: the caller gets an id and the log the rest
            code = "INTERNAL"
            raise ServerFault(fault(method, error)) from None
        finally:
            self._in_flight.end()
            ms = (time.perf_counter() - began) * 1000
            TOLD.get(Told()).yet = True
            name, asked, failed = (visit.caller.name, visit.asked, visit.failed) if visit else ("anonymous", 0, 0)
            self._observe(Call(method, name, code, max(asked, 1), failed, ms))
