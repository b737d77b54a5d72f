"""How well do a passage's words match a query?

BM25 with the non-negative idf of Lucene, idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5)), which counts a little more than in the
textbook, and repetitions in the query, which count less:

    bm25(q, d) = sum over t in q of log2(1 + qtf(t)) * idf(t) ** 1.25 * tf * (k1 + 1) / (tf + k1 * (1 - b + b * |d| / mean |d|))

Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, doi:10.1561/1500000019. Both changes were measured on four
collections (benchmarks/LOG.md). Computed exactly from the forward index with the statistics of the live passages of the searched
collections, before any other filter: a score depends on neither the split into segments nor the depth of retrieval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import analyze
from indexer.index import Index
from indexer.numbering import Numbers
from indexer.pairs import is_lone
from indexer.statistics import PAIRS
from ranker.function_words import content
from ranker.proposal import Proposal

IDF_POWER = 1.25
"""Above 1, rare words decide more: what somebody asks about is named by them."""

LONE = 4
"""Characters of a query that stand alone and are sought in pairs; the first search for one takes 60 ms."""


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A query as terms with their weights in one snapshot."""

    terms: tuple[str, ...]
    """Distinct terms in the order of the query."""
    weights: NDArray[np.float64]
    """(terms,) log2(1 + qtf) * idf ** IDF_POWER."""
    mean_length: float
    """Terms per passage in the snapshot."""
    mean_title: float
    """Terms per title in the snapshot."""
    df: NDArray[np.int64]
    """(terms,) passages of the snapshot that hold the term."""
    common: frozenset[str]
    """Terms that very many passages hold; not worth highlighting."""

    @classmethod
    def parse(cls, text: str, index: Index, collections: Sequence[str] = ()) -> LexicalQuery:
        """Analyse the content words of a query and look their terms up in these collections, or in all."""
        counts = _with_pairs(Counter(analyze(content(text))), index, collections)
        terms = tuple(counts)
        statistics = index.statistics(terms, collections)
        idf = np.log1p((statistics.passages - statistics.df + 0.5) / (statistics.df + 0.5))
        idf[statistics.df == 0] = 0  # what no passage holds tells none apart, and must not make every score look low
        weights = idf**IDF_POWER * np.log2(1 + np.fromiter(counts.values(), np.float64, len(terms)))
        many = max(statistics.passages / 10, min(statistics.passages / 2, 100))
        common = frozenset(t for t, df in zip(terms, statistics.df, strict=True) if df > many)
        return cls(terms, weights, statistics.mean_length, statistics.mean_title, statistics.df, common)

    @property
    def proposal(self) -> Proposal:
        """What its candidates are sought by."""
        return Proposal.of(self.terms, self.weights, self.df)

    def maximum(self, k1: float) -> float:
        """The score that no passage can exceed: every term that the snapshot has, saturated. 0 if it has none of them."""
        return float(self.weights.sum() * (k1 + 1))


def _with_pairs(counts: Counter[str], index: Index, collections: Sequence[str]) -> Counter[str]:
    """Beside characters that stand alone the pairs that hold them in texts without spaces, as many as there is room for."""
    if lone := [term for term in counts if is_lone(term)][:LONE]:
        for term in lone:
            for pair in index.pairs(term, collections)[: PAIRS // len(lone)]:
                counts[pair] += counts[term]
    return counts


def bm25(query: LexicalQuery, index: Index, passages: Numbers, k1: float, b: float) -> NDArray[np.float64]:
    """Exact BM25 of each passage, (len(passages),); terms are summed in query order, so equal passages score equal bits."""
    (scores,) = bm25_of_each([query], index, passages, k1, b)
    return scores


def bm25_of_each(
    queries: Sequence[LexicalQuery], index: Index, passages: Numbers, k1: float, b: float
) -> list[NDArray[np.float64]]:
    """The same of several queries, whose terms are counted in one go."""
    counts = _counted(queries, lambda terms: index.frequencies(passages, terms))
    return [_sum(q, tf, lengths / max(q.mean_length, 1e-9), k1, b) for q, (tf, lengths) in zip(queries, counts, strict=True)]


def title_bm25_of_each(
    queries: Sequence[LexicalQuery], index: Index, documents: Numbers, k1: float, b: float
) -> list[NDArray[np.float64]]:
    """The same of each document's title as a text of its own, (len(documents),)."""
    counts = _counted(queries, lambda terms: index.title_frequencies(documents, terms))
    return [_sum(q, tf, lengths / max(q.mean_title, 1e-9), k1, b) for q, (tf, lengths) in zip(queries, counts, strict=True)]


Counts = tuple[NDArray[np.float64], NDArray[np.float64]]
"""How often each text holds each term, (texts, terms), and its length in terms, (texts,)."""


def _counted(queries: Sequence[LexicalQuery], count: Callable[[tuple[str, ...]], Counts]) -> list[Counts]:
    """For each query the counts of its terms, in their order."""
    if len(queries) == 1:
        return [count(queries[0].terms)]
    column = {term: at for at, term in enumerate(dict.fromkeys(term for query in queries for term in query.terms))}
    tf, lengths = count(tuple(column))
    return [(tf[:, [column[term] for term in query.terms]], lengths) for query in queries]


def _sum(query: LexicalQuery, tf: NDArray[np.float64], lengths: NDArray[np.float64], k1: float, b: float) -> NDArray[np.float64]:
    if not query.terms:
        return np.zeros(len(tf))
    norm = k1 * (1 - b + b * lengths)
    parts = query.weights * tf * (k1 + 1) / (tf + norm[:, np.newaxis])
    scores: NDArray[np.float64] = np.add.accumulate(parts, axis=1)[:, -1]  # one after the other; `sum` would choose an order
    return scores
