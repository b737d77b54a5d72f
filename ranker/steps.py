"""How is the work on many wordings of one question cut into steps?

Thirty-two wordings take half a second, and whoever shares the machine would wait for it. So what retrieves is a generator that
yields wherever it may be left and taken up again, of some 50 ms between; queries that nobody fused are one step, since they are
cheaper together.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

from ranker.query import Query
from ranker.wordings import questions_of

STEP = 8
"""Wordings in one step."""

Found = TypeVar("Found")
Steps = Generator[None, None, Found]
"""Yields between steps and returns what they come to."""


def finished(steps: Steps[Found]) -> Found:
    """What they come to, without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Found = done.value
            return found


def cut(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The rows in order, so many at a time."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def step_of(queries: Sequence[Query]) -> int:
    """Queries in one step: all, unless a question among them has more wordings than are one."""
    return STEP if max(map(len, questions_of(queries)), default=0) > STEP else max(1, len(queries))
