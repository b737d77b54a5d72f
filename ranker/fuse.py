"""How do several wordings of one question become one ranking?

Every document that any of them finds is scored for all of them, by the same model; it is relevant if it is so for at least one:

    P(relevant) = 1 - product over wordings of (1 - P(relevant to the wording)) ** new(wording)

new(wording) is what it says that the others did not: all of it for the wording that is taken first, for any other one
(1 - its greatest likeness to that one or an earlier one) squared (`ranker.likeness`); first is whichever makes the most of the
document. So a document is scored by its best wording, and a little more for every other one that it serves: copies of a wording
count as one, questions that have nothing in common as independent (noisy-or; Pearl, Probabilistic Reasoning in Intelligent
Systems, 1988). The result is a log-odds, rises with each of its parts, lies below none, and with one wording is that wording's.
The square is fitted (benchmarks/LOG.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.numbering import Numbers
from ranker.settle import Collapsed


@dataclass(frozen=True, slots=True)
class Fused:
    """The documents of one question, however many queries ask it; all arrays are (documents,)."""

    documents: Numbers
    """Document numbers, ascending."""
    relevance: NDArray[np.float64]
    """Log-odds that the document is relevant to the question."""
    alone: NDArray[np.float64]
    """The same for the query that it answers best."""
    view: NDArray[np.intp]
    """Which query that is."""
    best: NDArray[np.intp]
    """Row of the passage that stands for the document, in that query's candidates."""


def fuse(collapsed: Sequence[Collapsed], alike: NDArray[np.float64]) -> Fused:
    """One question from its queries, whose candidates are the same documents; `alike` is (queries, queries), in [0, 1]."""
    first = collapsed[0]
    assert all(np.array_equal(c.documents, first.documents) for c in collapsed), "queries of one question share their candidates"
    if len(collapsed) == 1:
        return Fused(first.documents, first.relevance, first.relevance, np.zeros(len(first.documents), np.intp), first.best)
    relevance = np.stack([c.relevance for c in collapsed])
    view = relevance.argmax(axis=0)
    columns = np.arange(relevance.shape[1])
    best = np.stack([c.best for c in collapsed])[view, columns]
    return Fused(first.documents, any_of(relevance, alike), relevance[view, columns], view, best)


def any_of(log_odds: NDArray[np.float64], alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds that at least one of several events happens, which are `alike` (events, events) in [0, 1]; (n,) from (events, n).

    -log(1 - p) is softplus of the log-odds, so nothing is rounded away near 0 or 1.
    """
    none = np.logaddexp(0.0, log_odds)
    together = np.max([(news[:, None] * none).sum(axis=0) for news in _new(alike)], axis=0)
    joined: NDArray[np.float64] = together + np.log(-np.expm1(-together))
    least: NDArray[np.float64] = log_odds.max(axis=0)
    return np.maximum(joined, least)  # rounding must not put the whole below its best part


def _new(alike: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """For every event taken as the first, (events,) what of each is new beside that one and those before it."""
    earlier = np.triu(alike, 1)
    for first, likeness in enumerate(alike):
        known = earlier.copy()
        known[first] = likeness
        known[:, first] = 0.0
        yield (1.0 - known.max(axis=0)) ** 2
