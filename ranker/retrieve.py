"""Which passages may answer, and what do they look like to the model?

Each retriever proposes its best passages; every proposal of either then gets both features, so a passage is judged alike whoever
found it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import analyze
from indexer.day import day_of
from indexer.encoders import Vectors
from indexer.index import Index
from indexer.numbering import Numbers
from indexer.restriction import Restriction
from indexer.selection import Score
from ranker.bm25 import LexicalQuery, bm25, bm25_of_each, title_bm25_of_each
from ranker.overlay import NO_OVERLAY, Overlay, site_terms
from ranker.query import Filters, Query
from ranker.steps import Steps, cut, step_of
from ranker.stopwatch import Stopwatch
from ranker.syntax import NOTHING_ASKED, Asked
from ranker.wordings import questions_of

REFERENCES = 50
"""Passages per segment among which the best match is sought when a filter hides it."""
DEPTH = 200
"""Passages that each retriever proposes; at least k."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """One query's proposals with completed features; all arrays are (n,)."""

    query: LexicalQuery
    passages: Numbers
    """Passage numbers, ascending, no repetition."""
    documents: Numbers
    """The document of each passage."""
    bm25: NDArray[np.float64]
    title_bm25: NDArray[np.float64]
    """Of the title of each passage's document."""
    max_bm25: float
    """What no passage can exceed."""
    best_bm25: float
    """What the best passage of the searched collections reaches, whatever the filters."""
    cosine: NDArray[np.float64]
    """Zeros where the snapshot has no vectors."""
    named: Mapping[int, str] = field(default_factory=dict)
    """Documents that the query calls by name, and the name."""
    unmet: tuple[str, ...] = ()
    """Phrases in quotes that leave no document beside the other filters; their words are searched instead."""

    def feature(self, name: str) -> NDArray[np.float64]:
        """One of the model's features by name, (n,).

        Words are measured against the best that the collection has to offer, and a part of what it could have at most: a long
        question full of odd words is matched by no passage in full, and yet its best passage is a good one.
        """
        if name == "dense":
            return self.cosine
        scores, share = {"lexical": (self.bm25, 0.1), "title": (self.title_bm25, 0.5)}[name]
        return scores / (self.best_bm25 + share * self.max_bm25) if self.max_bm25 > 0 else np.zeros_like(scores)


def retrieve(
    queries: Sequence[Query],
    vectors: Vectors | None,
    index: Index,
    k1: float,
    b: float,
    pool: Executor,
    depth: int = DEPTH,
    blocked: tuple[str, ...] = (),
    watch: Stopwatch | None = None,
) -> Steps[list[Candidates]]:
    """Candidates of every query in order, in steps. `vectors` is (len(queries), dim), zeros for a query without words, None where
    the snapshot has none.

    `blocked` are sites, as Restriction spells them, whose documents no query may find.
    """
    watch = watch or Stopwatch()
    parsed = [LexicalQuery.parse(q.keywords, index, q.filters.collections) for q in queries]
    restrictions = [restriction(q.filters, q.overlay, blocked, q.asked) for q in queries]
    depths = [max(depth, q.k) for q in queries]
    exact = [partial(bm25, p, index, k1=k1, b=b) for p in parsed]
    spread = pool.map if len(queries) > 1 else map  # a hop to another thread costs one query more than it takes

    def propose(rows: Sequence[int]) -> Iterator[tuple[Numbers, dict[int, tuple[str, Numbers]]]]:
        cuts, limits, scores = [depths[i] for i in rows], [restrictions[i] for i in rows], [exact[i] for i in rows]
        search = partial(by_words, index, pool=pool if spread is map else None)
        lexical = list(spread(search, [parsed[i] for i in rows], cuts, limits, scores))
        watch.lap("lexical")
        dense = [np.empty(0, np.int64)] * len(rows)
        if vectors is not None:
            dense = _dense(index, vectors[list(rows)], cuts, limits, pool if spread is map else None)
            watch.lap("dense")
        for i, legs in zip(rows, zip(lexical, dense, strict=True), strict=True):
            names = index.named(queries[i].text, restrictions[i])
            yield np.unique(np.concatenate([*legs, *(p for _, p in names.values())])), names

    step = step_of(queries)
    found_of: dict[int, tuple[Numbers, dict[int, tuple[str, Numbers]]]] = {}
    for rows in cut(range(len(queries)), step):
        found_of.update(zip(rows, propose(rows), strict=True))
        yield
        watch.skip()
    unmet = [i for i, q in enumerate(queries) if q.asked.phrases and not len(found_of[i][0])]
    if unmet:
        restrictions = [replace(r, phrases=()) if r and i in unmet else r for i, r in enumerate(restrictions)]
        found_of.update(zip(unmet, propose(unmet), strict=True))
    found: dict[int, Candidates] = {}
    for wordings in questions_of(queries):
        passages = np.unique(np.concatenate([found_of[i][0] for i in wordings]))  # they share what any of them finds
        names = {document: name for i in wordings for document, (name, _) in found_of[i][1].items()}
        documents = index.documents_of(passages)
        each, of_each = np.unique(documents, return_inverse=True)
        for rows in cut(wordings, step):
            asked = [parsed[i] for i in rows]
            cosines = np.zeros((len(rows), len(passages))) if vectors is None else index.cosines(passages, vectors[rows])
            scores, titles = bm25_of_each(asked, index, passages, k1, b), title_bm25_of_each(asked, index, each, k1, b)
            for i, cosine, score, title in zip(rows, cosines, scores, titles, strict=True):
                best = _best(queries[i], parsed[i], index, exact[i], score, restrictions[i] is not None)
                missed = queries[i].asked.phrases if i in unmet else ()
                features = score, title[of_each], parsed[i].maximum(k1), best, cosine
                found[i] = Candidates(parsed[i], passages, documents, *features, names, missed)
            if len(wordings) > step:
                watch.lap("features")
                yield
                watch.skip()
    watch.lap("features")
    return [found[i] for i in range(len(queries))]


def by_words(
    index: Index, query: LexicalQuery, depth: int, restriction: Restriction | None, exact: Score, pool: Executor | None = None
) -> Numbers:
    """The best passages by words, in no particular order; `exact` is their BM25, `pool` as in `Index.lexical_candidates`."""
    asked = query.proposal
    found = index.lexical_candidates(asked.terms, depth, restriction, exact, asked.weights, pool, asked.wider)
    if asked.everything and len(found) < depth:  # rare words alone find few, and a filter leaves fewer
        asked = asked.everything
        found = index.lexical_candidates(asked.terms, depth, restriction, exact, asked.weights, pool)
    return found


def _best(query: Query, parsed: LexicalQuery, index: Index, exact: Score, scores: NDArray[np.float64], limited: bool) -> float:
    """The highest BM25 in the searched collections: that of the candidates, unless a filter may have kept the best away."""
    if limited:
        searched = Restriction(collections=query.filters.collections) if query.filters.collections else None
        scores = np.append(scores, exact(by_words(index, parsed, REFERENCES, searched, exact)))
    return float(scores.max(initial=0.0))


def restriction(
    filters: Filters, overlay: Overlay = NO_OVERLAY, blocked: tuple[str, ...] = (), asked: Asked = NOTHING_ASKED
) -> Restriction | None:
    """Filters with their dates as days, what the caller and a policy block and keep, and what was typed; None without any."""
    if not (filters.any or overlay.block or overlay.only or blocked or asked.filters):
        return None
    sites, excluded = _hosts(filters.sites), _hosts(filters.exclude_sites)
    return Restriction(
        kinds=filters.kinds,
        collections=filters.collections,
        sites=sites,
        exclude_sites=excluded + site_terms(overlay.block) + blocked + asked.exclude_sites,
        hosts=tuple("=" + host for host in _hosts(filters.hosts)),
        only=site_terms(overlay.only),
        languages=filters.languages,
        retracted=filters.retracted,
        clusters=filters.clusters,
        first_day=max((day for day in (day_of(filters.after), asked.first_day) if day is not None), default=None),
        end_day=min((day for day in (day_of(filters.before), asked.end_day) if day is not None), default=None),
        undated=filters.undated and asked.first_day is None and asked.end_day is None,
        typed_sites=asked.sites,
        phrases=_terms(asked.phrases),
        without=_terms(asked.without),
        authors=asked.authors,
    )


def _terms(phrases: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(terms for phrase in phrases if (terms := tuple(analyze(phrase))))


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower().strip(".") for name in names)


def _dense(
    index: Index, vectors: Vectors, depths: list[int], restrictions: list[Restriction | None], pool: Executor | None
) -> list[Numbers]:
    """One FAISS call for all queries that share a depth and a restriction: usually one for the whole batch.

    A query whose vector is zero, as that of operators alone is, is near to nothing.
    """
    groups: dict[tuple[int, Restriction | None], list[int]] = {}
    for i in np.flatnonzero(vectors.any(axis=1)).tolist():
        groups.setdefault((depths[i], restrictions[i]), []).append(i)
    found = dict.fromkeys(range(len(depths)), np.empty(0, np.int64))
    for (depth, limits), rows in groups.items():
        found.update(zip(rows, index.dense_candidates(vectors[rows], depth, limits, pool), strict=True))
    return [found[i] for i in range(len(depths))]
