"""In which segment is what has a number in the snapshot?

Segments lie end to end: the first one has the numbers from 0, the next one those after it. Passages are numbered so, documents,
and their sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
"""Passage or document numbers in the snapshot, from 0."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where each segment begins."""

    firsts: Numbers
    """(segments + 1,) the first number of each segment, and one past the last of all."""

    @classmethod
    def of(cls, sizes: Iterable[int]) -> Self:
        """Of segments of these sizes."""
        return cls(np.cumsum([0, *sizes]))

    @property
    def sizes(self) -> Numbers:
        """(segments,)."""
        return np.diff(self.firsts)

    def place(self, number: int) -> tuple[int, int]:
        """The segment of one number, and what it is there."""
        place = int(np.searchsorted(self.firsts, number, side="right")) - 1
        return place, number - int(self.firsts[place])

    def by_segment(self, numbers: Numbers) -> Iterator[tuple[int, Numbers, Numbers]]:
        """For each segment that has any of them: its place, which rows of `numbers` are in it, and their numbers within it."""
        if len(self.firsts) == 2:
            yield 0, np.arange(len(numbers)), numbers
            return
        places = np.searchsorted(self.firsts, numbers, side="right") - 1
        order = np.argsort(places, kind="stable")
        bounds = np.flatnonzero(np.diff(places[order], prepend=-1, append=len(self.firsts))).tolist()
        for start, end in pairwise(bounds):
            rows = order[start:end]
            place = int(places[rows[0]])
            yield place, rows, numbers[rows] - self.firsts[place]
