"""How are documents that repeat each other kept from filling the first page?

Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998, doi:10.1145/290941.291025) in log-odds: what is picked next has
the highest score less `weight` times its likeness to the most similar document above it. A document that repeats one above it
word for word counts `weight` log-odds less, one on something else nothing. Likeness is the cosine of the best passages' vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.stages.standing import Standing

POOL = 100
"""Rows that are picked from; those below keep their order. Fixed, so the first k hits are the same for every k up to it."""


@dataclass(frozen=True, slots=True)
class Diversity:
    """Pick by score less likeness; what policy puts first stays there. Without vectors there is no likeness."""

    weight: float
    """Log-odds, above 0."""

    def __call__(self, standing: Standing) -> Standing:
        """The first POOL of them in the order in which they are picked."""
        if not standing.pinned.encoder:
            return standing.noting("diversity left out: the index has no vectors")
        vectors = standing.pinned.index.vectors(standing.views[0].passages[standing.documents.best])
        return standing.showing(diverse(standing.shown, standing.scores, vectors, standing.first, self.weight))


def diverse(
    order: NDArray[np.intp],
    scores: NDArray[np.float64],
    vectors: NDArray[np.float32],
    first: NDArray[np.bool_],
    weight: float,
) -> NDArray[np.intp]:
    """All rows, the first POOL of them as they are picked.

    `scores` (rows,) are log-odds, `vectors` (rows, dim) L2-normalised, `first` (rows,) marks what stays before all others.
    """
    fixed = int(first[order[:POOL]].sum())
    picked, left = order[:fixed].tolist(), order[fixed:POOL].tolist()
    likeness = np.zeros(len(scores))

    def note(row: int) -> None:
        np.maximum(likeness, (vectors @ vectors[row]).astype(np.float64), out=likeness)

    for row in picked:
        note(row)
    while left:
        merits = scores[left] - weight * likeness[left]
        best = left.pop(int(merits.argmax()))  # of equals the one that stood higher
        picked.append(best)
        note(best)
    return np.concatenate([np.array(picked, np.intp), order[POOL:]])
