"""How much do the wordings of one question say the same?

By the words they share, weighted: 1 says that the second adds nothing to the first, 0 that it is another question. Vectors call
alike what differs in words, too; counted so, wordings lost the order that they gain together (benchmarks/LOG.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranker.bm25 import LexicalQuery
from ranker.retrieve import Candidates


def likeness(views: Sequence[Candidates]) -> NDArray[np.float64]:
    """(wordings, wordings) in [0, 1], 1 on the diagonal: the weight of shared words as a part of all."""
    alike = np.eye(len(views))
    for i, one in enumerate(views):
        for j, other in enumerate(views[:i]):
            alike[i, j] = alike[j, i] = _shared(one.query, other.query)
    return alike


def _shared(one: LexicalQuery, other: LexicalQuery) -> float:
    """The weight of the words that both have, as a part of that of all (weighted Jaccard)."""
    ours, theirs = (dict(zip(q.terms, q.weights.tolist(), strict=True)) for q in (one, other))
    either = sum(max(ours.get(term, 0.0), theirs.get(term, 0.0)) for term in {**ours, **theirs})
    both = sum(min(weight, theirs.get(term, 0.0)) for term, weight in ours.items())
    return both / either if either else 0.0
