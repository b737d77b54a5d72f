"""What do the model's features look like for documents that somebody judged?

Every candidate of every query of a judged split, once, as passages: which passage stands for its document depends on the weights,
and is chosen again whenever they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from indexer.progress import Progress
from ranker.collection import Collection
from ranker.cross import CrossEncoder
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.relevance import CROSS, HYBRID, LEXICAL
from ranker.retrieve import Candidates
from ranker.search import Searcher
from ranker.settle import collapse, settle
from ranker.stages.reading import logits_of

BATCH = 32
CUT = 10
"""Ranks that nDCG looks at."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a cross-encoder is to read."""

    encoder: CrossEncoder
    most: int
    """Documents of each query, the most relevant ones."""


@dataclass(frozen=True)
class Judged:
    """Candidates of one collection's queries; rows of one query are neighbours."""

    collection: str
    name: str
    """Collection and split."""
    features: tuple[str, ...]
    x: NDArray[np.float64]
    """(rows, features)."""
    query: NDArray[np.int64]
    """(rows,) number of the query, ascending."""
    document: NDArray[np.int64]
    """(rows,) number of the document in the index."""
    grade: NDArray[np.int64]
    """(rows,) as judged; 0 for what nobody judged."""
    judged: NDArray[np.bool_]
    """(rows,) whether anybody judged it."""
    ideal: NDArray[np.float64]
    """(queries,) the DCG@10 that all judged documents of a query allow, found or not."""

    @property
    def queries(self) -> int:
        """Number of queries."""
        return len(self.ideal)

    @cached_property
    def documents(self) -> int:
        """Number of (query, document) pairs."""
        return len(np.unique(self.query * (self.document.max() + 1) + self.document))

    @cached_property
    def relevant(self) -> NDArray[np.float64]:
        """(rows,) 1 where judged relevant."""
        return (self.grade > 0).astype(np.float64)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """(queries,) the first row of each query."""
        return np.searchsorted(self.query, np.arange(self.queries))

    def folds(self, number: int) -> NDArray[np.int64]:
        """(queries,) to which of `number` folds each query belongs."""
        return np.arange(self.queries) % number

    def only(self, kept: NDArray[np.bool_]) -> Judged:
        """The queries of a mask, (queries,), numbered anew."""
        rows = kept[self.query]
        number = np.cumsum(kept) - 1
        number, document = number[self.query[rows]], self.document[rows]
        parts = (self.x[rows], number, document, self.grade[rows], self.judged[rows], self.ideal[kept])
        return Judged(self.collection, self.name, self.features, *parts)

    def best(self, weights: NDArray[np.float64]) -> Judged:
        """One row a document: the passage that scores highest."""
        order = np.lexsort((-(self.x @ weights), self.document, self.query))
        first = np.r_[True, (np.diff(self.query[order]) != 0) | (np.diff(self.document[order]) != 0)]
        rows = order[first]
        parts = (self.x[rows], self.query[rows], self.document[rows], self.grade[rows], self.judged[rows], self.ideal)
        return Judged(self.collection, self.name, self.features, *parts)

    def ndcg(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(queries,) nDCG@10 with linear gains, as trec_eval has it; of rows that are documents."""
        order = np.lexsort((self.document, -(self.x @ weights), self.query))
        rank = np.arange(len(order)) - self.starts[self.query[order]]
        shown = rank < CUT
        gains = np.maximum(self.grade[order][shown], 0) / np.log2(rank[shown] + 2)
        return np.bincount(self.query[order][shown], gains, self.queries) / self.ideal


def gather(collection: Collection, searcher: Searcher, k1: float, b: float, reading: Read | None = None) -> Judged:
    """Search every query of a collection once; `reading` keeps only the documents that a cross-encoder reads, with its logits."""
    index = searcher.pinned.index
    pinned = replace(searcher.pinned, calibration=replace(searcher.pinned.calibration, k1=k1, b=b))
    features = HYBRID if searcher.pinned.encoder else LEXICAL
    x, document, grade, judged = [], [], [], []
    query: list[NDArray[np.int64]] = []
    with Progress(f"features of {collection.name}", "queries", len(collection.queries)) as progress:
        for ids in _batches(collection):
            found = searcher.candidates([Query(collection.queries[i]) for i in ids], pinned)
            for query_id, candidates in zip(ids, found, strict=True):
                grades = collection.qrels[query_id]
                rows, columns = np.arange(len(candidates.passages)), [candidates.feature(name) for name in features]
                if reading:
                    rows = _best(candidates, pinned, reading.most)
                    logits = logits_of(reading.encoder, Query(collection.queries[query_id]).words, candidates, rows, pinned)
                x.append(np.column_stack([column[rows] for column in columns] + ([logits] if reading else [])))
                query.append(np.full(len(rows), len(query)))
                document.append(candidates.documents[rows])
                found_ids = index.ids(candidates.documents[rows])
                grade.append(np.array([grades.get(i, 0) for i in found_ids], np.int64))
                judged.append(np.array([i in grades for i in found_ids]))
            progress.advance(len(ids))
    ideal = np.array([_ideal(list(grades.values())) for grades in collection.qrels.values()])
    parts = (np.concatenate(x), np.concatenate(query), np.concatenate(document), np.concatenate(grade), np.concatenate(judged))
    return Judged(collection.name, f"{collection.name}/{collection.split}", CROSS if reading else features, *parts, ideal)


def _best(candidates: Candidates, pinned: Pinned, most: int) -> NDArray[np.intp]:
    """The candidates that stand for the most relevant documents, best first."""
    documents = collapse(candidates, pinned.calibration.log_odds(candidates))
    order = settle(documents.relevance, np.zeros(len(documents.best)), pinned.index.ids(documents.documents), 0.0)
    return documents.best[order[:most]]


def _ideal(grades: list[int]) -> float:
    best = sorted((g for g in grades if g > 0), reverse=True)[:CUT]
    return sum(g / np.log2(rank + 2) for rank, g in enumerate(best)) or 1.0


def _batches(collection: Collection) -> Iterator[list[str]]:
    source = iter(collection.qrels)
    while batch := list(islice(source, BATCH)):
        yield batch
