"""How long will this take?

A query costs a fixed part (its candidates and their features) and a part for every passage it shows. What one unit of cost
takes is measured on the units that ran, apart for searches with the dense part and without it. What encoding alone takes goes
by the characters of a query.
"""

from __future__ import annotations

from ranker.query import Query
from server.wire.query import weight

FIXED = 20
"""Cost of a query's candidates, in passages shown: with them, a query of 10 hits with 2 passages each costs 40."""
FIRST = 50 / (8 * 40)
"""Milliseconds a unit of cost, until something was measured: eight usual queries are 50 ms."""
FIRST_ENCODING = 3 / 40
"""Milliseconds a character, until something was measured: 40 characters are 3 ms."""
FEWEST = 20
"""Characters that the shortest query counts for."""
LEARNING = 0.2
"""Weight of the newest unit in the mean."""
SURPRISE = 4
"""Times the mean that one unit may count for."""


def cost(query: Query) -> int:
    """Of one query; a document that a cross-encoder reads costs as much as a query without it."""
    return FIXED * (1 + query.rerank) + weight(query)


def characters(query: Query) -> int:
    """What encoding a query goes by."""
    return max(FEWEST, len(query.text))


class Estimate:
    """Milliseconds that a unit of cost takes on one thread."""

    def __init__(self) -> None:
        self._ms = {True: FIRST, False: FIRST / 2}
        self.encode_ms = FIRST_ENCODING
        """Milliseconds that a character takes, encoded with others."""

    def ms(self, dense: bool) -> float:
        """Of a search with or without the dense part."""
        return self._ms[dense]

    def learn(self, dense: bool, spent: int, ms: float) -> None:
        """A unit of this cost took so long; one hiccup counts for no more than SURPRISE."""
        known = self._ms[dense]
        self._ms[dense] += LEARNING * (min(ms / spent, SURPRISE * known) - known)

    def learn_encoding(self, spent: int, ms: float) -> None:
        """So many characters took so long."""
        self.encode_ms += LEARNING * (min(ms / spent, SURPRISE * self.encode_ms) - self.encode_ms)
