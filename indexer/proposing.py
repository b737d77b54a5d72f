"""How do several segments propose as one index would?

Each ranks by the weights of the whole index. Of many segments each holds a part of the best passages only: it is asked for twice
its part, and those that turn out to hold more are asked again for as many as are wanted in all. What all of them propose is cut
to what one index would have proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.dense.layout import TIMES
from indexer.numbering import Numbers

LEAST = 25
"""Passages that a segment is asked for at least."""
FULL = 0.75
"""Part of a segment's proposals that are among the best of all, above which it is asked for more. Where the best are spread by
chance it is a half, and three fourths are three standard deviations beyond it in eight segments."""


def propose(
    first: Sequence[Numbers],
    depth: int,
    again: Callable[[Sequence[int]], Sequence[Numbers]],
    cut: Callable[[Numbers], Numbers],
    wider: int = 1,
) -> Numbers:
    """What segments propose together, at most `depth` passages.

    `first` is what each proposes that was asked for its `share`, as wide; `again` what some of them, by place, propose that are
    asked for all; `cut` leaves the best `depth` of some passages.
    """
    each, found = share(depth, len(first), wider), list(first)
    best = _cut(found, depth, cut)
    if each < depth:
        among = np.isin(np.concatenate(found), best)
        ends = np.cumsum([len(some) for some in found]).tolist()
        full = [
            place
            for place, (some, end) in enumerate(zip(found, ends, strict=True))
            if len(some) >= each and among[end - len(some) : end].mean() > FULL
        ]
        if full:
            for place, some in zip(full, again(full), strict=True):
                found[place] = some
            best = _cut(found, depth, cut)
    return best


def share(depth: int, segments: int, wider: int = 1) -> int:
    """What each of so many segments is asked for, where `depth` passages are wanted in all, out of `wider` times as many."""
    return max(min(depth, max(LEAST, -(-TIMES * depth // max(segments, 1)))), -(-wider * depth // max(segments, 1)))


def boosts(weights: Sequence[float], df: NDArray[np.int64], passages: Numbers) -> list[list[float]]:
    """For each segment what turns tantivy's idf there into the weights of the query, term by term; 1 where it lacks the term.

    `df` is (segments, terms), `passages` (segments,).
    """
    idf = np.log1p((passages[:, np.newaxis] - df + 0.5) / (df + 0.5))
    factors: list[list[float]] = np.where(df > 0, np.maximum(weights, 1e-6) / np.maximum(idf, 1e-6), 1.0).tolist()
    return factors


def _cut(found: Sequence[Numbers], depth: int, cut: Callable[[Numbers], Numbers]) -> Numbers:
    together = np.concatenate([np.empty(0, np.int64), *found])
    return cut(together) if len(together) > depth else together
