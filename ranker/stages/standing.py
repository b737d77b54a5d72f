"""Where do the documents of one question stand?

Scored and settled, with what each stage has added or moved since. Rows are documents in no order; orders are row numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ranker.fuse import Fused
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Trust
from ranker.retrieve import Candidates
from ranker.settle import settle
from ranker.trust import values


@dataclass(frozen=True, slots=True)
class Standing:
    """The documents of one question; arrays are (documents,) unless they are orders."""

    queries: Sequence[Query]
    """The wordings of the question, mostly one."""
    views: Sequence[Candidates]
    """The candidates as each wording scores them."""
    pinned: Pinned
    documents: Fused
    """With the relevance that is in force: the model's, and what stages have added."""
    trusts: Sequence[Trust]
    authority: NDArray[np.float64]
    """In [0, 1]; zeros where the question wants none."""
    ids: Sequence[str]
    first: NDArray[np.bool_]
    """What the question calls by name: before all others, whatever its score."""
    settled: NDArray[np.intp]
    """Rows in the order of their scores."""
    shown: NDArray[np.intp]
    """Rows in the order in which they are shown; fewer where some were passed over."""
    added: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Log-odds that each stage has added, by its term."""
    notes: tuple[str, ...] = ()
    """What stages had to leave out, in words."""

    @classmethod
    def of(cls, queries: Sequence[Query], views: Sequence[Candidates], documents: Fused, pinned: Pinned) -> Self:
        """As the model scores them and the table settles them."""
        query = queries[0]
        trusts = pinned.trusted.of_documents(documents.documents, query.profile, query.overlay)
        authority = values(trusts) if query.authority else np.zeros(len(trusts))
        ids = pinned.index.ids(documents.documents)
        first = np.isin(documents.documents, list(views[0].named))
        order = settle(documents.relevance, authority, ids, pinned.delta, first)
        return cls(queries, views, pinned, documents, trusts, authority, ids, first, order, order)

    @property
    def scores(self) -> NDArray[np.float64]:
        """Log-odds with authority."""
        return self.documents.relevance + self.pinned.delta * self.authority

    @property
    def without_authority(self) -> NDArray[np.intp]:
        """Rows in the order that relevance alone gives them."""
        return settle(self.documents.relevance, np.zeros(len(self.ids)), self.ids, self.pinned.delta, self.first)

    def plus(self, term: str, log_odds: NDArray[np.float64], *notes: str) -> Self:
        """Relevance with something added, settled anew."""
        scored = self.documents
        documents = replace(scored, relevance=scored.relevance + log_odds, alone=scored.alone + log_odds)
        order = settle(documents.relevance, self.authority, self.ids, self.pinned.delta, self.first)
        added = {**self.added, term: log_odds}
        return replace(self, documents=documents, added=added, settled=order, shown=order, notes=(*self.notes, *notes))

    def showing(self, order: NDArray[np.intp]) -> Self:
        """The same scores in another order, or fewer of them."""
        return replace(self, shown=order)

    def noting(self, *notes: str) -> Self:
        """Nothing changed, and why."""
        return replace(self, notes=(*self.notes, *notes))
