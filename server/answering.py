"""How is a batch answered, whoever asks?

What gRPC, HTTP and MCP share: limits of a call, one snapshot and one table for all of it, the query log. Queries and answers are
domain types; `present` turns an answer, with its place in the batch, into the caller's form on the thread that made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from indexer.errors import IndexOpenError, NoSuchGeneration
from indexer.generation import generations
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome
from server.errors import AS_OF, RequestRefused, SnapshotUnreadable
from server.load.call import Call
from server.load.collector import Collector
from server.part import Part, Reading
from server.reading import read
from server.units import Units
from server.wire.query import weight

if TYPE_CHECKING:
    from ranker.pinned import Pinned
    from ranker.search import Searcher

MAX_QUERIES = 256
"""Queries in one call."""
MAX_PASSAGES = 10_000
"""Passages (hits times passages per hit) that the queries of one call may ask for; what goes beyond is not even searched."""
MAX_TARGETS = 64
"""Documents in one call."""
FETCHED = 8
"""Documents in one unit."""

_TOO_MANY = f"the call asks for more than {MAX_PASSAGES:,} passages in all; send this query in another call, or a smaller k"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who asks, how long it may take, and of when the answer is to be."""

    caller: str = "anonymous"
    """For the query log."""
    seconds: float | None = None
    """Left to the caller; None for no deadline."""
    as_of: str = ""
    """ISO 8601, UTC: the snapshot that was current then; empty for the newest."""


ANYTIME = Occasion()
"""Somebody, without a deadline, of the newest snapshot."""


class Answering:
    """Batches over one searcher."""

    def __init__(self, searcher: Searcher, collector: Collector, units: Units) -> None:
        """`collector` runs searches, `units` reads documents."""
        self._searcher = searcher
        self._collector = collector
        self._units = units

    async def search(
        self, queries: Sequence[Query | Failure], present: Callable[[int, Outcome], Answer], occasion: Occasion = ANYTIME
    ) -> list[Answer]:
        """One answer per query, in order; a query that failed already is presented as it is.

        Raises RequestRefused where the batch is empty or too long, or there is no snapshot of that time; SnapshotUnreadable
        where that snapshot is damaged; Overloaded where it would wait in vain.
        """
        answers = {place: answer async for place, answer in self.stream(queries, present, occasion)}
        return [answers[place] for place in range(len(queries))]

    async def stream(
        self,
        queries: Sequence[Query | Failure],
        present: Callable[[int, Outcome], Answer],
        occasion: Occasion = ANYTIME,
        size: Callable[[Answer], int] | None = None,
    ) -> AsyncIterator[tuple[int, Answer]]:
        """The same, each answer with the place of its query as soon as it is known.

        `size` says how many bytes an answer is, where a client takes one after the other: then no more is searched than is taken.
        """
        admit(len(queries), MAX_QUERIES, "queries")
        pinned = await self._pinned(occasion.as_of)
        asked = _afford(queries)
        for place, item in enumerate(asked):
            if isinstance(item, Failure):
                yield place, present(place, item)
        sound = [(place, item) for place, item in enumerate(asked) if isinstance(item, Query)]
        if sound:
            call = Call(sound, pinned, present, occasion.caller, occasion.seconds, size)
            async with aclosing(self._collector.run(call)) as units:
                async for answers in units:
                    for answer in answers:
                        yield answer

    async def fetch(
        self,
        parts: Sequence[Part | Failure],
        present: Callable[[str, Reading | Fetched | Failure], Answer],
        occasion: Occasion = ANYTIME,
    ) -> list[Answer]:
        """One answer per part, in order; what is wanted whole is a Fetched. Raises RequestRefused as `search` does."""
        admit(len(parts), MAX_TARGETS, "targets")
        pinned = await self._pinned(occasion.as_of)

        def work(unit: Sequence[Part | Failure]) -> list[Answer]:
            return [present(_name(part), self._read(part, pinned)) for part in unit]

        def lost(part: Part | Failure, code: str, message: str) -> Answer:
            return present(_name(part), Failure(_name(part), code, message))

        units = [parts[first : first + FETCHED] for first in range(0, len(parts), FETCHED)]
        return [answer async for answers in self._units.run(units, work, lost, occasion.seconds) for answer in answers]

    async def _pinned(self, as_of: str) -> Pinned:
        """The same off the event loop where files may have to be opened, or a reload waited for."""
        return await asyncio.to_thread(self.pinned, as_of) if as_of else self._searcher.pinned

    def pinned(self, as_of: str = "") -> Pinned:
        """The snapshot and table to answer a call from.

        Raises RequestRefused where no snapshot is that old, SnapshotUnreadable where the one of that time cannot be read.
        """
        if not as_of:
            return self._searcher.pinned
        try:
            return self._searcher.at(as_of[:100])
        except NoSuchGeneration:
            kept, _ = generations(self._searcher.path)
            oldest = min((manifest.created for manifest in kept), default="none")
            raise RequestRefused(
                f"no snapshot as of {as_of[:100]!r}; write a date like 2026-11-22, the oldest kept is of {oldest}"
            ) from None
        except IndexOpenError:
            raise SnapshotUnreadable(
                f"{AS_OF}{as_of[:100]!r} cannot be read; ask as of another date, or the operator to repair the index"
            ) from None

    def _read(self, part: Part | Failure, pinned: Pinned) -> Reading | Fetched | Failure:
        if isinstance(part, Failure):
            return part
        [fetched] = self._searcher.fetch([part.target], pinned)
        if isinstance(fetched, Failure) or part.whole:
            return fetched
        try:
            return read(part, fetched, pinned.index.passages_of)
        except QueryError as error:
            return Failure(part.target, "NOT_FOUND", str(error))


def admit(count: int, limit: int, what: str) -> None:
    """Refuse a batch that is empty or too long, as a whole, before anybody looks into it."""
    if not 1 <= count <= limit:
        has = f"{count:,}; split it" if count else "none"
        raise RequestRefused(f"a call takes 1 to {limit} {what}, this one has {has}")


def _afford(asked: Sequence[Query | Failure]) -> list[Query | Failure]:
    """Queries within MAX_PASSAGES, first come first served; the others fail before they cost anything."""
    left = MAX_PASSAGES
    affordable: list[Query | Failure] = []
    for item in asked:
        if isinstance(item, Query) and weight(item) > left:
            affordable.append(Failure(item.text, "RESOURCE_EXHAUSTED", _TOO_MANY))
            continue
        left -= weight(item) if isinstance(item, Query) else 0
        affordable.append(item)
    return affordable


def _name(part: Part | Failure) -> str:
    return part.query if isinstance(part, Failure) else part.target
