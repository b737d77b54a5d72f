"""How do several wordings of one question become one ranking?

Every document that any of them finds is scored for all of them, by the same model; it is relevant if it is so for at least one:

    P(relevant) = 1 - product over queries of (1 - P(relevant to the query))

So a document is scored by its best query, and a little more for every other one that it serves; the sum stays a log-odds, and
with one query it is that query's. The probabilities are taken as independent: two wordings that say the same count their evidence
twice, so equal texts are asked once. (Noisy-or; Pearl, Probabilistic Reasoning in Intelligent Systems, 1988.)
"""

from __future__ import annotations

from collections.abc import Sequence
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


def fuse(collapsed: Sequence[Collapsed]) -> Fused:
    """One question from its queries, whose candidates are the same documents."""
    first = collapsed[0]
    assert all(np.array_equal(c.documents, first.documents) for c in collapsed), "queries of one question share their candidates"
    if len(collapsed) == 1:
        return Fused(first.documents, first.relevance, first.relevance, np.zeros(len(first.documents), np.intp), first.best)
    relevance = np.stack([c.relevance for c in collapsed])
    view = relevance.argmax(axis=0)
    columns = np.arange(relevance.shape[1])
    best = np.stack([c.best for c in collapsed])[view, columns]
    return Fused(first.documents, any_of(relevance), relevance[view, columns], view, best)


def any_of(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds that at least one of independent events happens, over axis 0; (n,) from (events, n).

    -log(1 - p) is softplus of the log-odds, so nothing is rounded away near 0 or 1.
    """
    none = np.logaddexp(0.0, log_odds).sum(axis=0)
    joined: NDArray[np.float64] = none + np.log(-np.expm1(-none))
    least: NDArray[np.float64] = log_odds.max(axis=0)
    return np.maximum(joined, least)  # rounding must not put the whole below its best part
