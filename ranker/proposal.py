"""Which terms of a query seek its candidates, and how many do they ask for?

Every term counts in the score of a candidate, few need to find it. Reading postings is what a search of a large index costs
(7 to 8 ns each, benchmarks/LOG.md), and they lie with the terms that tell least. So a query lets light terms go as long as its
postings exceed a budget, and asks the others for more hits, which exact scores then cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

PROPOSING = 32
"""Terms of a long query by which candidates are sought; their scores count all of them. With 24 an index of one segment misses
one of the ten best of a query of 36 terms that three segments find in 3 % of all cases, with 32 in .6 % (benchmarks/LOG.md)."""
COSTLY = 20_000
"""Passages from which on a term costs a search more than it tells."""
SPARED = 0.15
"""Part of a query's weight that its lightest costly terms may have together and yet not propose: they take most of the time of a
large index and lift nothing into the top 10 (benchmarks/LOG.md)."""
POSTINGS = 1_500_000
"""Postings of a query that are read without asking whether they are needed, 12 ms of one core. Above it more terms go."""
LET_GO = 0.35
"""Part of a query's weight that may go for the sake of POSTINGS, what is spared included."""
DEAR = 8_000_000
"""Postings above which more of the weight may go: of long queries at ten million passages three in a hundred."""
LET_GO_DEAR = 0.5
"""Part of the weight that may go above DEAR."""
LEAST = 3
"""Terms that stay, however dear: where two words tell about as much, the passages that hold both are not found by one of them."""
WIDER = 5
"""How many times the hits are asked for where terms went for the sake of POSTINGS. With both limits as they are to ten million
passages, .998 of the top 10 of titles and .994 of those of texts of the Anthology stay what they were; with 2 times .995 and
.982 (benchmarks/LOG.md)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the postings are asked."""

    terms: tuple[str, ...]
    """In the order of the query."""
    weights: tuple[float, ...]
    """What each term counts."""
    wider: int
    """How many times as many hits as are wanted are asked for, to be cut by exact scores; 1 or WIDER."""

    everything: Self | None = None
    """The same with all of the heaviest terms, to be asked where these do not find enough; None if nothing went."""

    @classmethod
    def of(cls, terms: Sequence[str], weights: NDArray[np.float64], df: NDArray[np.int64]) -> Self:
        """The terms of the greatest weight, at most PROPOSING, without those that are spared or let go; all arrays (terms,)."""
        heaviest = np.argsort(-weights, kind="stable")[:PROPOSING]
        lightest = heaviest[1:][df[heaviest[1:]] >= COSTLY][::-1]  # the heaviest one proposes, whatever it costs
        gone = np.cumsum(weights[lightest]) / max(weights[heaviest].sum(), 1e-9)
        spared = gone <= SPARED
        left = df[heaviest].sum() - np.cumsum(df[lightest]) + df[lightest]  # before the term goes
        let_go = (left > POSTINGS) & (gone <= np.where(left > DEAR, LET_GO_DEAR, LET_GO)) & ~spared
        let_go &= len(heaviest) - np.arange(1, len(lightest) + 1) >= LEAST
        went = lightest[spared | let_go]

        def asked(places: NDArray[np.intp], wider: int = 1, everything: Self | None = None) -> Self:
            return cls(tuple(terms[place] for place in places.tolist()), tuple(weights[places].tolist()), wider, everything)

        everything = asked(np.sort(heaviest)) if len(went) else None
        return asked(np.setdiff1d(heaviest, went), WIDER if let_go.any() else 1, everything)
