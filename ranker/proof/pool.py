"""What does one query's retrieval leave to be settled?

Retrieved once, then any table and any delta can be tried on it without asking the index again. Nothing here ranks by itself: the
order is always that of `ranker.settle`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from authority.hosts import registrable_domain
from authority.table import Table
from indexer.index import Index
from indexer.numbering import Numbers
from indexer.progress import Progress
from ranker.collection import Qrels
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.retrieve import Candidates
from ranker.search import Searcher
from ranker.settle import collapse, settle
from ranker.trust import Trusted, values

TOP = 10
"""Places that people and agents read; all effects are measured on them."""
BATCH = 32
SLACK = 1e-6
"""Log-odds by which the contenders for the top are cut wider than delta, far above any rounding."""
READ = 50
"""Places, by relevance, that are read to find copies of relevant documents; no table brings what lies far below to the top."""
SAME = 500
"""Letters and digits from the beginning, title first, by which two documents read the same."""

Values = NDArray[np.float64]
"""Authority of each document of a pool, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One query's documents with everything but a table; arrays are (documents,)."""

    query_id: str
    text: str
    documents: Numbers
    """Document numbers in the snapshot, ascending."""
    ids: Sequence[str]
    relevance: NDArray[np.float64]
    """Calibrated log-odds, authority left out."""
    grades: NDArray[np.int64]
    """The judgement, 0 where nobody judged."""
    sources: Numbers
    """Number of the source (host, venue, ISSN) in the snapshot."""
    authority: Values
    """By the table that the searcher has."""
    reads_as: Numbers
    """Number of the document judged relevant that reads the same, for a duplicate that the judgements missed; else its own."""

    @property
    def copies(self) -> NDArray[np.bool_]:
        """Reads the same as a document judged relevant, and was not judged itself."""
        return np.not_equal(self.reads_as, self.documents)

    def order(self, authority: Values, delta: float) -> NDArray[np.intp]:
        """Rows in final order."""
        return settle(self.relevance, authority, self.ids, delta)

    def top(self, authority: Values, delta: float, k: int = TOP) -> list[int]:
        """Rows of the first k. Nothing that lies more than delta below the k-th in relevance can be among them."""
        if len(self.ids) <= k:
            return [int(row) for row in self.order(authority, delta)]
        kth = np.partition(self.relevance, len(self.ids) - k)[len(self.ids) - k]
        rows = np.flatnonzero(self.relevance >= kth - delta - SLACK)
        order = settle(self.relevance[rows], authority[rows], [self.ids[row] for row in rows.tolist()], delta)
        return [int(row) for row in rows[order[:k]]]


@dataclass(frozen=True, slots=True)
class Pools:
    """All queries of a collection or a query log over one snapshot."""

    name: str
    pools: tuple[Pool, ...]
    qrels: Qrels
    """Empty for a query log."""
    domains: Mapping[int, str]
    """Source number -> registrable domain (an address or a name without one: the host); only sources that have a host."""
    delta: float
    """In force where nothing else is asked."""

    def __iter__(self) -> Iterator[Pool]:
        return iter(self.pools)

    def __len__(self) -> int:
        return len(self.pools)

    @property
    def hosts(self) -> bool:
        """Whether the documents lie on enough different domains for a table of hosts to mean anything."""
        return len(set(self.domains.values())) >= VARIED


VARIED = 20
"""Domains below which a collection says nothing about a table of hosts, and synthetic tables speak for it."""


def gather(name: str, queries: Mapping[str, str | Query], qrels: Qrels, searcher: Searcher, delta: float | None = None) -> Pools:
    """Search every query once, by its id; `delta` is the searcher's unless another one is to be tried."""
    pinned = searcher.pinned
    pools = []
    with Progress(f"searching {name}", "queries", len(queries)) as progress:
        source = iter(queries.items())
        while batch := [(i, q if isinstance(q, Query) else Query(q)) for i, q in islice(source, BATCH)]:
            found = searcher.candidates([query for _, query in batch], pinned)
            for (query_id, query), candidates in zip(batch, found, strict=True):
                pools.append(pool_of(query_id, query.text, candidates, pinned, qrels.get(query_id, {})))
            progress.advance(len(batch))
    return Pools(name, tuple(pools), qrels, domains_of(pools, pinned.index), pinned.delta if delta is None else delta)


def pool_of(query_id: str, text: str, candidates: Candidates, pinned: Pinned, judged: Mapping[str, int]) -> Pool:
    """One query's pool from its candidates."""
    documents = collapse(candidates, pinned.calibration.log_odds(candidates))
    ids = pinned.index.ids(documents.documents)
    grades = np.array([judged.get(i, 0) for i in ids], np.int64)
    return Pool(
        query_id,
        text,
        documents.documents,
        ids,
        documents.relevance,
        grades,
        pinned.index.source_numbers(documents.documents),
        values(pinned.trusted.of_documents(documents.documents)),
        reads_as(pinned.index, documents.documents, documents.relevance, grades, np.array([i in judged for i in ids])),
    )


def reads_as(
    index: Index, documents: Numbers, relevance: NDArray[np.float64], grades: NDArray[np.int64], judged: NDArray[np.bool_]
) -> Numbers:
    """Which relevant document each of the first READ reads the same as if nobody judged it; all others read as themselves."""
    found = documents.copy()
    relevant = np.flatnonzero(grades > 0)
    if len(relevant):
        near = np.argsort(-relevance)[:READ]
        unjudged = near[~judged[near]]
        texts = [_reading(d.title + d.text) for d in index.documents(documents[relevant])]
        known = dict(zip(texts, documents[relevant].tolist(), strict=True))
        for row, document in zip(unjudged.tolist(), index.documents(documents[unjudged]), strict=True):
            found[row] = known.get(_reading(document.title + document.text), documents[row])
    return found


def _reading(text: str) -> str:
    return "".join(filter(str.isalnum, text[: 4 * SAME].casefold()))[:SAME]


def domains_of(pools: Sequence[Pool], index: Index) -> dict[int, str]:
    """The domain of every source that the pools reached."""
    numbers = np.unique(np.concatenate([p.sources for p in pools])) if pools else np.empty(0, np.int64)
    hosts = {int(n): index.source(int(n)).host for n in numbers}
    return {n: registrable_domain(host) or host for n, host in hosts.items() if host}


def under(pools: Pools, index: Index, table: Table | None) -> list[Values]:
    """What another table says of every pool's documents, in the order of the pools."""
    trusted = Trusted(index, table)
    return [values(trusted.of_documents(pool.documents)) for pool in pools]
