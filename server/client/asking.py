"""What may a caller say of its queries, and of the call that carries them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, TypedDict, TypeVar

from protos.stepwell.v1 import search_pb2 as pb
from ranker.errors import QueryError
from ranker.overlay import Overlay
from ranker.query import Filters, Query
from ranker.ranking import Failure
from server.errors import RequestRefused
from server.part import Part
from server.wire.failure import refusal
from server.wire.query import query_to_proto

Item = TypeVar("Item")

TIMEOUT = 30.0
"""Seconds that a method may take, retries and all calls of a split batch together."""


class QueryOptions(TypedDict, total=False):
    """How a query given as plain text is asked: the other fields of Query."""

    k: int
    filters: Filters
    authority: bool
    passages: int
    profile: str
    overlay: Overlay
    max_tokens: int
    max_per_domain: int
    max_per_paper: int
    diversity: float
    rerank: int
    rerank_ms: int
    impact: float
    feedback: float
    recency: float
    fuse: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What one call says beside its queries."""

    as_of: str = ""
    """Answer from the snapshot that was current at this ISO 8601 date or time, UTC; empty for the newest."""
    category: str = ""
    """A kind of source that the server defines (`Client.overview` names them); empty for any."""
    explain: bool = True
    """Whether hits come with the terms of their scores."""

    def at(self, as_of: str) -> Self:
        """The same as of that date or time, where one is given. Raises RequestRefused where this says another one."""
        if as_of and self.as_of not in ("", as_of):
            raise RequestRefused(f"as_of is {as_of[:100]!r} and that of asking {self.as_of[:100]!r}; give one of them")
        return replace(self, as_of=as_of or self.as_of)


PLAIN = Asking()
"""The newest snapshot, any source, with explanations."""


def as_query(query: Query | str, options: QueryOptions) -> Query | Failure:
    """A query given as text with its options, or why it is none; any other one as it is."""
    if isinstance(query, Query):
        return query
    try:
        return Query(query, **options)
    except QueryError as error:
        return refusal(query if isinstance(query, str) else repr(query), error)


def batch(items: Sequence[Item], what: str) -> Sequence[Item]:
    """The items themselves. Raises RequestRefused where they are one instead: a text is no list of its letters."""
    if isinstance(items, str | Query | Part):
        raise RequestRefused(f"{str(items)[:50]!r} is one of the {what} that are asked for in a list; put it in brackets")
    return items


def several(connections: int) -> int:
    """How many connections a client has. Raises RequestRefused where it would have none."""
    if connections < 1:
        raise RequestRefused(f"connections is {connections}, it must be 1 or more")
    return connections


def search_request(queries: Sequence[Query], asking: Asking) -> pb.BatchSearchRequest:
    """The message of one call."""
    request = pb.BatchSearchRequest(queries=[query_to_proto(query) for query in queries], as_of=asking.as_of)
    for query in request.queries:
        query.category = asking.category
        query.explain = asking.explain
    return request
