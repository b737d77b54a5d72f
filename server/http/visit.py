"""What may one HTTP request ask of the service?

A visit has a caller, a deadline and the calls made on its behalf. They go to the gRPC service itself, in the same process and
event loop, so that admission, units, limits and coverage are one for both wires.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from protos.stepwell.v1 import search_pb2 as pb
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Hit, Outcome, Ranking, Status
from server.access.door import CALLER, Caller, Door
from server.access.scopes import SCOPE
from server.categories import first_known
from server.client.batches import calls_of_queries
from server.ending import Ending
from server.errors import error_of
from server.http.exchange import Exchange
from server.http.headers import SECONDS
from server.wire.document import fetched_from_proto, status_from_proto
from server.wire.query import query_to_proto
from server.wire.ranking import outcome_from_proto
from server.wire.reply import Reply

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from server.services import Services

T = TypeVar("T")


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
        """One outcome per query, in input order, however many; the first `category` of a list with commas that this server knows
        restricts. What is more than the service takes at once are several calls, paid for together."""
        known = first_known(category, self._services.search.categories)
        found: dict[int, Outcome] = {}
        with self.paid("search", len(queries)):
            for bundles in calls_of_queries(queries):
                places = [place for bundle in bundles for place in bundle]
                request = pb.BatchSearchRequest(queries=[query_to_proto(queries[place]) for place in places])
                for message in request.queries:
                    message.category = known
                reply: Reply = await self._call(self._services.search.BatchSearch, request)
                self.failed += reply.failed
                for place, one in zip(places, reply.message.outcomes, strict=True):
                    found[place] = outcome_from_proto(one, queries[place].text)
        return [found[place] for place in range(len(queries))]

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


async def _next(parts: AsyncGenerator[Any, None], _: object) -> Any:
    """The next part; None after the last."""
    return await anext(parts, None)
