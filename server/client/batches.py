"""How is a batch of any size cut into calls, and its answers put together again?

A call holds what a server takes and what a reply of 4 MiB holds uncut. Its smallest piece is a bundle: the wordings of one
question, which are never parted, or one query, or one document. What did not fit into a shared reply is asked for again, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from ranker.query import Query
from ranker.ranking import Failure
from server.wire.query import query_to_proto, weight

QUERIES_PER_CALL = 256
"""What a server takes."""
TARGETS_PER_CALL = 64
"""What a server takes."""
PASSAGES_PER_CALL = 2_000
"""Passages (hits times passages per hit) in one call of several queries, so that a reply of 4 MiB holds them uncut."""
BYTES_PER_CALL = 2 * 2**20
"""Size of a request of several queries; a server takes 4 MiB."""

Bundle = list[int]
"""Places in the batch."""
Answer = TypeVar("Answer")


class Answers(Generic[Answer]):
    """What is known so far of a batch. Ask for what `calls` gives, one after the other, and `note` the answers to it."""

    def __init__(self, calls: Iterator[list[Bundle]]) -> None:
        self._calls = calls
        self._known: dict[int, Answer] = {}
        self._again: list[list[Bundle]] = []

    def __iter__(self) -> Iterator[list[Bundle]]:
        """The calls to make, repetitions included."""
        for call in self._calls:
            yield call
            while self._again:
                yield self._again.pop(0)

    def note(self, call: Sequence[Bundle], answers: Sequence[Answer]) -> None:
        """The answers to one call, in the order of its places."""
        known = dict(zip((place for bundle in call for place in bundle), answers, strict=True))
        crowded = [bundle for bundle in call if len(call) > 1 and any(_crowded(known[place]) for place in bundle)]
        self._again += [[bundle] for bundle in crowded]
        self._known |= known

    @property
    def in_order(self) -> list[Answer]:
        """One answer per item of the batch."""
        return [self._known[place] for place in range(len(self._known))]


def _crowded(answer: object) -> bool:
    return isinstance(answer, Failure) and answer.code == "RESOURCE_EXHAUSTED"


def calls_of_queries(queries: Sequence[Query]) -> Iterator[list[Bundle]]:
    """The queries in order, cut into calls."""
    call: list[Bundle] = []
    count = passages = size = 0
    for bundle in _bundles(queries):
        members = [queries[place] for place in bundle]
        more, larger = sum(map(weight, members)), sum(query_to_proto(query).ByteSize() for query in members)
        full = count + len(bundle) > QUERIES_PER_CALL or passages + more > PASSAGES_PER_CALL or size + larger > BYTES_PER_CALL
        if call and full:
            yield call
            call, count, passages, size = [], 0, 0, 0
        call.append(bundle)
        count, passages, size = count + len(bundle), passages + more, size + larger
    if call:
        yield call


def calls_of_targets(count: int) -> Iterator[list[Bundle]]:
    """`count` documents, cut into calls."""
    for first in range(0, count, TARGETS_PER_CALL):
        yield [[place] for place in range(first, min(first + TARGETS_PER_CALL, count))]


def _bundles(queries: Sequence[Query]) -> list[Bundle]:
    bundles: dict[str | int, Bundle] = {}
    for place, query in enumerate(queries):
        bundles.setdefault(query.fuse or place, []).append(place)
    return list(bundles.values())
