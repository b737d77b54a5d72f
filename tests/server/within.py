"""How does a whole server answer without a socket?

The same parts as `server.serving` puts on ports: guard, door, services, app and border. What is asked runs on one event loop in
this thread, so that a case takes what the server's own code takes, and no more. A share of all cases goes through sockets apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Self, TypeVar

import grpc
import grpc.aio

from ranker.search import Searcher
from server.access.door import Door
from server.admin_service import AdminService
from server.answering import Answering
from server.authority_service import AuthorityService
from server.http.app import app
from server.http.border import Border
from server.http.logged import Logged
from server.http.reception import Reception
from server.load.collector import Collector
from server.observe.metrics import Metrics
from server.page.routes import page_routes
from server.rpc.guard import Guard
from server.service import SearchService
from server.services import Services
from server.settings import ServerSettings
from server.state import Life, State
from server.table import ServedTable
from server.units import Units
from server.waiting import UNTAKEN, Waiting
from server.workers.company import Alone

T = TypeVar("T")
Headers = Sequence[tuple[bytes, bytes]]
SECONDS = 30
"""A case that takes longer hangs."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back over HTTP."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Refused(Exception):
    """A call over gRPC ended with this status."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(f"{code.name}: {details}")
        self.code = code
        self.details = details


class Within:
    """A server in this thread; everybody may edit the table and administer. A context manager."""

    def __init__(self, searcher: Searcher) -> None:
        settings = ServerSettings()
        self._loop = asyncio.new_event_loop()
        self._door = Door(None, open_admin=True)
        self._units = Units(1)
        self._collector = Collector(searcher, 1, settings.max_cost)
        metrics = Metrics(searcher)
        state = State("serving", "2026-01-01T00:00:00+00:00", 0, 0, settings.max_cost)
        table = ServedTable(searcher, lambda: None)
        self._services = Services(
            SearchService(searcher, Answering(searcher, self._collector, self._units), {}),
            AuthorityService(table),
            AdminService(searcher, lambda: state, searcher.reload, Alone(), metrics.calls, 1.0),
        )
        reception = Reception(self._services, self._door, metrics.note, metrics.in_flight)
        self._app = app(reception, metrics, Life("serving"), page_routes(reception, searcher, table))
        border = Border(self._app, max_body=settings.max_request, max_requests=8, names=(), tls=False)
        self._http = Logged(border, metrics.note)
        self._guard = Guard(self._door, metrics.note, metrics.in_flight, Waiting(UNTAKEN, settings.take))
        self._handlers = _Handlers()
        self._lives, self._ends = asyncio.Event(), asyncio.Event()
        self._services.register(self._handlers)  # type: ignore[arg-type] - it takes what a server takes

    def __enter__(self) -> Self:
        self._living = self._loop.create_task(self._live())
        self._within(self._lives.wait())
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._within(self._living)
        self._collector.close()
        self._units.close()
        self._door.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def http(self, method: str, path: str, query: bytes = b"", headers: Headers = (), body: bytes = b"") -> Answered:
        """The answer to one request."""
        return self._within(self._http_answer(method, path, query, headers, body))

    def grpc(self, method: str, request: bytes) -> list[bytes]:
        """The replies to one call of ``/stepwell.v1.Service/Method``, as bytes. Raises Refused."""
        return self._within(self._grpc_answer(method, request))

    async def _live(self) -> None:
        """Hold open what the app needs, in one task from beginning to end."""
        async with self._app.router.lifespan_context(self._app):
            self._lives.set()
            await self._ends.wait()

    def _within(self, work: Awaitable[T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(SECONDS):
                return await work

        return self._loop.run_until_complete(bounded())

    async def _http_answer(self, method: str, path: str, query: bytes, headers: Headers, body: bytes) -> Answered:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        arriving = [{"type": "http.request", "body": body, "more_body": False}]
        done = asyncio.Event()
        sent: list[Any] = []

        async def receive() -> Any:
            if arriving:
                return arriving.pop()
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                done.set()

        await self._http(scope, receive, send)
        assert sent[0]["type"] == "http.response.start", "an answer begins with its status"
        assert done.is_set(), "an answer ends"
        return Answered(sent[0]["status"], dict(sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:]))

    async def _grpc_answer(self, method: str, request: bytes) -> list[bytes]:
        details: Any = _Details(method)
        handler: Any = await self._guard.intercept_service(self._handlers.find, details)
        context: Any = _Context(request)
        if handler.stream_unary:
            return [handler.response_serializer(await handler.stream_unary(None, context))]
        await handler.stream_stream(None, context)
        return list(map(handler.response_serializer, context.written))


class _Handlers:
    """Keeps what the generated code registers."""

    def __init__(self) -> None:
        self._generic: list[grpc.GenericRpcHandler[Any, Any]] = []

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler[Any, Any]]) -> None:
        self._generic += handlers

    def add_registered_method_handlers(self, service: str, handlers: object) -> None:
        """The same once more."""

    async def find(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        return next(filter(None, (one.service(details) for one in self._generic)), None)


@dataclass(frozen=True, slots=True)
class _Details:
    method: str
    invocation_metadata: tuple[()] = ()


class _Context:
    """gRPC's context, for a call that came without it."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._code = grpc.StatusCode.OK
        self.written: list[object] = []

    async def write(self, part: object) -> None:
        self.written.append(part)

    async def read(self) -> bytes:
        return self._request

    def time_remaining(self) -> float:
        return 20.0

    def code(self) -> grpc.StatusCode:
        return self._code

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: object = ()) -> NoReturn:
        self._code = code
        raise _Aborted(code, details)


class _Aborted(Refused, grpc.aio.AbortError):
    """What gRPC raises, with what it was."""
