"""What does each call of the Search service do?

The whole call is refused only where the batch itself is wrong (empty, or too long); everything else is an outcome per
query or target, in input order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, cast

import grpc
import grpc.aio

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1 import search_pb2_grpc as pb_grpc
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome
from server.access.door import CALLER
from server.answering import MAX_QUERIES, MAX_TARGETS, Answering, Occasion, admit
from server.categories import Category, narrowed
from server.fit import MAX_REPLY, fit_fetch, fit_search, reply_size
from server.part import Part, Reading
from server.wire.document import fetched_to_proto, status_to_proto
from server.wire.failure import refusal
from server.wire.part import part_from_proto, reading_to_proto
from server.wire.query import query_from_proto
from server.wire.ranking import outcome_to_proto
from server.wire.reply import Reply, joined, part_of, reply_of

if TYPE_CHECKING:
    from ranker.search import Searcher

    Context = grpc.aio.ServicerContext[Any, Any]

NAME = "stepwell.v1.Search"


@cache
def release() -> str:
    """Version of the installed Stepwell; ``unreleased`` where it runs from a checkout that is not installed."""
    try:
        return metadata.version("stepwell")
    except metadata.PackageNotFoundError:
        return "unreleased"


class SearchService(pb_grpc.SearchServicer):
    """Search, Fetch and Status over one Searcher."""

    def __init__(self, searcher: Searcher, answering: Answering, categories: Mapping[str, Category]) -> None:
        self._searcher = searcher
        self._answering = answering
        self._categories = categories

    @property
    def categories(self) -> Mapping[str, Category]:
        """What `Query.category` may name."""
        return self._categories

    async def BatchSearch(self, request: pb.BatchSearchRequest, context: Context) -> Reply:  # type: ignore[override]  # noqa: N802
        """Answers every query of the batch, or says per query why not; a BatchSearchResponse that is bytes already."""

        def written(place: int, outcome: Outcome) -> Reply:
            return reply_of(outcome, _explained(request, place))

        reply = joined(await self._answering.search(self._parsed(request), written, _occasion(request, context)))
        if len(reply.body) <= MAX_REPLY:
            return reply
        return await asyncio.to_thread(_shortened, reply)  # cutting thousands of passages would hold up every other call

    async def BatchSearchStream(self, request: pb.BatchSearchRequest, context: Context) -> AsyncIterator[Reply]:  # type: ignore[override]  # noqa: N802
        """The same, each outcome as soon as it is known; a BatchSearchPart each that is bytes already."""

        def written(place: int, outcome: Outcome) -> Reply:
            return part_of(place, _fitted(outcome, _explained(request, place), MAX_REPLY - FRAME))

        parts = self._answering.stream(self._parsed(request), written, _occasion(request, context), Reply.size)
        async with aclosing(cast("AsyncGenerator[tuple[int, Reply], None]", parts)):
            async for _, part in parts:
                yield part

    async def Fetch(self, request: pb.FetchRequest, context: Context) -> pb.FetchResponse:  # noqa: N802
        """Reads documents, or parts of them, by id or URL, and finds words in them."""
        admit(len(request.targets) + len(request.parts), MAX_TARGETS, "targets")
        parts = [*map(Part, request.targets), *map(_part, request.parts)]
        return fit_fetch(await self._answering.fetch(parts, _read, _occasion(request, context)))

    async def Status(self, request: pb.StatusRequest, context: Context) -> pb.StatusResponse:  # noqa: ARG002, N802
        """What this server serves."""
        return status_to_proto(
            self._searcher.status, release(), tuple(self._categories), tuple(self._searcher.pinned.trusted.profiles)
        )

    def _parsed(self, request: pb.BatchSearchRequest) -> list[Query | Failure]:
        admit(len(request.queries), MAX_QUERIES, "queries")  # two million empty ones fit into a request
        return [self._parse(message) for message in request.queries]

    def _parse(self, message: pb.Query) -> Query | Failure:
        try:
            return narrowed(query_from_proto(message), message.category, self._categories)
        except QueryError as error:
            return refusal(message.text, error)


def _occasion(request: pb.BatchSearchRequest | pb.FetchRequest, context: Context) -> Occasion:
    return Occasion(CALLER.get().name, context.time_remaining(), request.as_of)


FRAME = 20
"""Bytes around an outcome in a part of a stream, at most."""


def _fitted(outcome: Outcome, explain: bool, limit: int) -> pb.SearchOutcome:
    """An outcome that may be sent alone."""
    message = outcome_to_proto(outcome, explain)
    return message if reply_size([message]) <= limit else fit_search([message], limit).outcomes[0]


def _shortened(reply: Reply) -> Reply:
    """A reply that is too large, cut to what may be sent."""
    fitting = fit_search(reply.message.outcomes)
    return Reply(fitting.SerializeToString(), sum(outcome.HasField("failure") for outcome in fitting.outcomes))


def _explained(request: pb.BatchSearchRequest, place: int) -> bool:
    """Whether a query wants the terms of its hits' scores."""
    query = request.queries[place]
    return query.explain or not query.HasField("explain")


def _part(message: pb.Part) -> Part | Failure:
    try:
        return part_from_proto(message)
    except QueryError as error:
        return refusal(message.target, error)


def _read(target: str, answer: Reading | Fetched | Failure) -> pb.FetchOutcome:
    """One document's message, or its refusal: at once, since a unit of them may be 160 MB."""
    message = reading_to_proto(target, answer) if isinstance(answer, Reading) else fetched_to_proto(target, answer)
    return fit_fetch([message]).outcomes[0]
