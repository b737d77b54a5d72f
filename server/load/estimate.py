"""How long will this take?

A query costs a fixed part (its candidates and their features) and a part for every passage it shows; retrieving alone goes by
its characters, which the encoder reads, and has a fixed part a unit. What a unit of either takes is measured on what ran, apart
for searches with the dense part and without it.
"""

from __future__ import annotations

from ranker.query import Query
from server.wire.query import weight

FIXED = 20
"""Cost of a query's candidates, in passages shown: with them, a query of 10 hits with 2 passages each costs 40."""
FIRST = 50 / (8 * 40)
"""Milliseconds a unit of cost, until something was measured: eight usual queries are 50 ms."""
FIRST_CHARACTER = 5 / 40
"""Milliseconds a character, until something was measured: 40 characters are retrieved in 5 ms."""
FEWEST = 40
"""Characters that the shortest query counts for: its candidates have their features too."""
BESIDE = 160
"""Characters that a unit of retrieving counts for beside those of its queries: threads that wake, and what is looked up once.

On two cores 5 short queries took 33 ms together, 8 took 46, 16 took 69. Without it units would stay small.
"""
LEARNING = 0.2
"""Weight of the newest unit in the mean."""
SURPRISE = 4
"""Times the mean that one unit may count for."""


def cost(query: Query) -> int:
    """Of one query; a document that a cross-encoder reads costs as much as a query without it."""
    return FIXED * (1 + query.rerank) + weight(query)


def characters(query: Query) -> int:
    """What retrieving for a query goes by."""
    return max(FEWEST, len(query.text))


class Mean:
    """Milliseconds that one of something takes, lately."""

    def __init__(self, first: float) -> None:
        self.ms = first
        """The mean."""

    def learn(self, spent: int, ms: float) -> None:
        """So many took so long together; one hiccup counts for no more than SURPRISE."""
        self.ms += LEARNING * (min(ms / spent, SURPRISE * self.ms) - self.ms)


class Estimate:
    """What searches with or without the dense part take."""

    def __init__(self, dense: bool) -> None:
        part = 1.0 if dense else 0.5
        self.whole = Mean(FIRST * part)
        """A unit of cost, on one thread from the query to the reply."""
        self.retrieving = Mean(FIRST_CHARACTER * part)
        """A character, until the candidates are known; a unit has BESIDE more of them than its queries."""
        self.ranking = Mean(FIRST * part / 3)
        """A unit of cost, from then on."""
        self.pace = Pace(FIRST * part)
        """A unit of cost, as they leave one after the other while there is more to do than can be done."""


class Pace:
    """Milliseconds between one unit of cost done and the next, lately, whatever it was done with."""

    def __init__(self, first: float) -> None:
        self._ms, self._done = first, 1.0

    @property
    def ms(self) -> float:
        """A unit of cost."""
        return self._ms / self._done

    def learn(self, done: int, ms: float) -> None:
        """So much was done `ms` after the last that was done, and something waited all the while."""
        keep = 0.5 ** (ms / HALF)
        self._ms, self._done = self._ms * keep + ms, self._done * keep + done


HALF = 500.0
"""Milliseconds of work after which what was known counts half."""
