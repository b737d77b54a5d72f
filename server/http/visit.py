"""How does one HTTP request reach the service?

A visit has a caller, a deadline and the calls made on its behalf. They go to the gRPC service itself, in the same process and
event loop, so that admission, units, limits and coverage are one for both wires. When the client hangs up, the work is cancelled,
and no further unit of it starts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import grpc
from starlette.requests import Request
from starlette.responses import Response

from protos.stepwell.v1 import search_pb2 as pb
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Hit, Outcome, Ranking, Status
from server.access.door import Caller, Door
from server.ending import Ending
from server.errors import RequestRefused, ServerError, ServerFault, error_of
from server.guard import CALLER, SCOPE, fault
from server.http.asked import content
from server.http.logged import TOLD, Told
from server.http.replies import refused, status_of
from server.observe.calls import Call, Observer
from server.observe.metrics import InFlight
from server.wire.document import fetched_from_proto, status_from_proto
from server.wire.query import query_to_proto
from server.wire.ranking import outcome_from_proto
from server.wire.reply import Reply

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from server.services import Services

SECONDS = 30.0
"""What a request is given unless it says less, as the Python client gives."""
DEADLINE = "stepwell-timeout"
"""The header in which a client may say how many seconds it waits."""
KEY_HEADERS = ("authorization", "x-api-key", "x-subscription-token")
"""Where clients put a key: Step and Tavily, Serper, Brave."""
HUNG_UP = 499
"""Nobody reads this status; it is what the log and the metrics show."""


T = TypeVar("T")


class Exchange:
    """What the service needs of gRPC's context, for a call that came another way."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def time_remaining(self) -> float:
        """Seconds until the caller's deadline."""
        return self._until - time.monotonic()

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Sequence[tuple[str, str | bytes]] = ()
    ) -> NoReturn:
        """Refuse the whole call, as the error that a client of the contract would get."""
        wait = dict(trailing_metadata).get("retry-after")
        raise error_of(code.name, details, float(wait) if wait else None)


class Visit:
    """One request's calls to the service."""

    def __init__(
        self, services: Services, door: Door, caller: Caller, seconds: float = SECONDS, ending: Ending | None = None
    ) -> None:
        self.caller = caller
        """Who asks."""
        self.asked = 0
        """Queries and documents asked for so far."""
        self.failed = 0
        """Of them, how many had no answer."""
        self._services = services
        self._door = door
        self._exchange = cast("Any", Exchange(seconds))
        self._ending = ending or Ending()

    @property
    def left(self) -> float:
        """Seconds until the caller's deadline."""
        return float(self._exchange.time_remaining())

    async def batch_search(self, request: pb.BatchSearchRequest) -> pb.BatchSearchResponse:
        """As the contract has it. Raises ServerError where the call as a whole is refused."""
        with self.paid("search", len(request.queries)):
            reply: Reply = await self._call(self._services.search.BatchSearch, request)
        self.failed += reply.failed
        return reply.message

    async def stream(self, request: pb.BatchSearchRequest) -> AsyncGenerator[Reply, None]:
        """The same, each outcome as soon as it is known."""
        with self.paid("search", len(request.queries)):
            async with aclosing(cast("Any", self._services.search.BatchSearchStream(request, self._exchange))) as parts:
                while (part := await self._call(_next, parts)) is not None:
                    self.failed += part.failed
                    yield part

    async def fetch_documents(self, request: pb.FetchRequest) -> pb.FetchResponse:
        """As the contract has it. Raises ServerError where the call as a whole is refused."""
        with self.paid("fetch", len(request.targets) + len(request.parts)):
            reply = await self._call(self._services.search.Fetch, request)
        self.failed += sum(outcome.HasField("failure") for outcome in reply.outcomes)
        return cast("pb.FetchResponse", reply)

    async def search(self, queries: Sequence[Query], category: str = "") -> list[Outcome]:
        """One outcome per query, in input order; a `category` that this server does not know restricts nothing."""
        request = pb.BatchSearchRequest(queries=[query_to_proto(query) for query in queries])
        if category in self._services.search.categories:
            for message in request.queries:
                message.category = category
        reply = await self.batch_search(request)
        return [outcome_from_proto(one, query.text) for one, query in zip(reply.outcomes, queries, strict=True)]

    async def ranking(self, query: Query, category: str = "") -> Ranking:
        """The answer to one query. Raises the error that its failure stands for."""
        [outcome] = await self.search([query], category)
        if isinstance(outcome, Failure):
            raise error_of(outcome.code, outcome.message)
        return outcome

    async def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        """One document per id or URL, or why not, in input order."""
        reply = await self.fetch_documents(pb.FetchRequest(targets=targets))
        return [fetched_from_proto(one, target) for one, target in zip(reply.outcomes, targets, strict=True)]

    async def texts(self, hits: Sequence[Hit]) -> dict[str, str]:
        """Whole texts by document id, for shapes that send them with the hits; part of the search that found them.

        Empty for a caller without the scope `fetch`, and without what does not fit in one reply: the passages stand in, as they
        do for a text that another snapshot has changed meanwhile.
        """
        if not hits or "fetch" not in self.caller.scopes:
            return {}
        reply = await self._call(self._services.search.Fetch, pb.FetchRequest(targets=[hit.doc_id for hit in hits]))
        found = [(hit, fetched_from_proto(one, hit.doc_id)) for one, hit in zip(reply.outcomes, hits, strict=True)]
        return {
            hit.doc_id: one.document.text for hit, one in found if isinstance(one, Fetched) and one.text_sha256 == hit.text_sha256
        }

    async def status(self) -> Status:
        """What is served."""
        return status_from_proto(await self.status_message())

    async def status_message(self) -> pb.StatusResponse:
        """The same as the contract has it."""
        self.admit("search", 0)
        return cast("pb.StatusResponse", await self._call(self._services.search.Status, pb.StatusRequest()))

    async def ask(self, call: str, request: Message) -> Message:
        """The reply to `Service/Method` of the contract. Raises ServerError."""
        service, _, method = call.partition("/")
        with self.paid(SCOPE.get(f"/stepwell.v1.{call}", "admin"), 1):
            return cast("Message", await self._call(getattr(getattr(self._services, service.lower()), method), request))

    @contextmanager
    def paid(self, scope: str, cost: int) -> Iterator[None]:
        """Around what needs a scope and costs so many queries or documents, but nothing where the server is overloaded."""
        with self._door.paid(self.caller, scope, cost):
            self.asked += cost
            yield

    def admit(self, scope: str, cost: int) -> None:
        """Let this visit go on to what needs a scope and costs so many queries or documents. Raises Forbidden, RateLimited."""
        self._door.admit(self.caller, scope, cost)
        self.asked += cost

    async def unless_over(self, work: Awaitable[T]) -> T:
        """What comes of it. Raises Draining where the server ends before."""
        async with self._ending.ends():
            return await work

    async def _call(self, method: Callable[[Any, Any], Awaitable[Any]], request: Any) -> Any:
        token = CALLER.set(self.caller)
        try:
            return await self.unless_over(method(request, self._exchange))
        finally:
            CALLER.reset(token)


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
        shown = next((headers[name] for name in KEY_HEADERS if headers.get(name)), key)
        return Visit(self._services, self._door, self._door.caller(shown), _seconds(headers.get(DEADLINE)), self._ending)

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


class Gone(Exception):
    """The client hung up before it was answered."""


async def _next(parts: AsyncGenerator[Any, None], _: object) -> Any:
    """The next part; None after the last."""
    return await anext(parts, None)


async def unless_gone(request: Request, answer: Awaitable[T]) -> T:
    """The answer; cancelled, with Gone, as soon as nobody waits for it."""
    working = asyncio.ensure_future(answer)
    watching = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        for task in (working, watching):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _gone(request: Request) -> None:
    """Return once the client has hung up. The border has read the body, so only that can arrive."""
    while (await request.scope["stepwell.disconnect"]())["type"] != "http.disconnect":
        pass


async def key_of(request: Request) -> str | None:
    """A key among the parameters, where some clients of Tavily put it and those who can set no header must."""
    fields = await content(request) if not any(name in request.headers for name in KEY_HEADERS) else None
    key = fields.get("api_key") if isinstance(fields, dict) else None
    return key if isinstance(key, str) else None


def _seconds(header: str | None) -> float:
    """The patience that a client states, never more than SECONDS."""
    if not header:
        return SECONDS
    try:
        seconds = float(header)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise RequestRefused(f"{DEADLINE} is {header[:50]!r}; send a positive number of seconds")
    return min(seconds, SECONDS)
