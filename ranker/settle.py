"""In which order do documents come?

Relevance decides; authority only settles what relevance leaves open:

    score = relevance + delta * authority        authority in [0, 1], unlisted = 0

A near tie is a gap in log-odds below delta. What follows: no document overtakes one whose relevance leads by more than delta;
authority off, or equal everywhere, changes nothing; a higher authority never lowers a document. The order is total (score, then
relevance, then id), so two documents stand in the same order in every list that has both. What the query calls by its name comes
first whatever its score: a hard policy, apart from the score, and said in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.numbering import Numbers
from ranker.retrieve import Candidates


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Candidates as documents, each by its best passage; all arrays are (documents,)."""

    documents: Numbers
    """Document numbers, ascending."""
    best: NDArray[np.intp]
    """Row of the best passage in the candidates."""
    relevance: NDArray[np.float64]

    def named(self, candidates: Candidates) -> NDArray[np.bool_]:
        """(documents,) which of them the query calls by name."""
        return np.isin(self.documents, list(candidates.named))


def collapse(candidates: Candidates, relevance: NDArray[np.float64]) -> Collapsed:
    """A document is as relevant as its most relevant passage; among equals the earlier passage stands for it."""
    order = np.lexsort((candidates.passages, -relevance, candidates.documents))
    documents, first = np.unique(candidates.documents[order], return_index=True)
    best = order[first]
    return Collapsed(documents, best, relevance[best])


def settle(
    relevance: NDArray[np.float64],
    authority: NDArray[np.float64],
    ids: Sequence[str],
    delta: float,
    first: NDArray[np.bool_] | None = None,
) -> NDArray[np.intp]:
    """Row numbers in final order: score, then relevance, both falling, then id; rows of the mask `first` before all others."""
    by_id = np.empty(len(ids), np.intp)
    by_id[np.asarray(sorted(range(len(ids)), key=ids.__getitem__), np.intp)] = np.arange(len(ids))
    later = np.zeros(len(ids), np.bool_) if first is None else ~first
    return np.lexsort((by_id, -relevance, -(relevance + delta * authority), later))
