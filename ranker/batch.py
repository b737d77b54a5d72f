"""Which queries of a batch are searched, and what becomes of the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranker.errors import QueryError
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Failure
from ranker.retrieve import Candidates
from ranker.wordings import check_group


@dataclass(frozen=True, slots=True)
class Batch:
    """What one caller asked at once, looked over."""

    asked: dict[int, Query]
    """What is to be searched, by place in the batch."""
    failures: dict[int, Failure]
    """The others, by place."""
    notes: dict[str, list[str]]
    """What the ranking of a fused group must say of those of its queries that failed, by label."""

    @classmethod
    def of(cls, queries: Sequence[Query | str], pinned: Pinned) -> Batch:
        """A query that cannot be answered fails and harms no other. Raises QueryError on a bare string."""
        if isinstance(queries, str):
            raise QueryError("search takes a list of queries; put the one in brackets")
        batch = cls({}, {}, {})
        for place, query in enumerate(queries):
            try:
                asked = query if isinstance(query, Query) else Query(query)
                pinned.trusted.chosen(asked.profile)
                check_group(asked, batch.asked.values())
                batch.asked[place] = asked
            except QueryError as error:
                batch.failures[place] = Failure(_shown(query), "INVALID_ARGUMENT", str(error))
                if isinstance(query, Query) and query.fuse:
                    batch.notes.setdefault(query.fuse, []).append(f"a query of group {query.fuse!r} failed: {error}")
        if pinned.refused:
            refused = {place: Failure(query.text, "UNAVAILABLE", pinned.refused) for place, query in batch.asked.items()}
            return cls({}, batch.failures | refused, {})
        return batch


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A batch whose candidates are known: everything before a score is done."""

    batch: Batch
    """What was asked."""
    found: Sequence[Candidates]
    """Of each query that is searched, in their order."""
    stages: tuple[tuple[str, float], ...]
    """``(stage, milliseconds)`` that this took, together with whatever was retrieved in company."""


def _shown(query: Query | str) -> str:
    """Its text as far as an answer repeats it; an answer is always valid Unicode."""
    return (query.text if isinstance(query, Query) else str(query))[:200].encode("utf-8", "replace").decode()
