"""How are the terms of a text spelt out, given their numbers?

Each term lies in memory once, with blanks behind it up to a multiple of eight bytes. A text is then so many 64-bit numbers, which
numpy copies one after the other: no term becomes an object of Python's. tantivy splits at blanks, however many they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


class Spelling:
    """The terms met so far, by their numbers."""

    def __init__(self) -> None:
        self._pool = array("Q")
        """All terms end to end, eight bytes a number."""
        self._starts, self._sizes = array("q"), array("q")
        """By term: where it begins in `_pool`, and how many numbers it is."""

    def add(self, terms: Sequence[str]) -> None:
        """Append terms; the first of all is number 0. None holds a blank."""
        padded = [term.ljust((len(term) | 7) + 1) for term in map(str.encode, terms)]
        sizes = np.fromiter(map(len, padded), np.int64, len(padded)) // 8
        self._starts.frombytes((len(self._pool) + np.cumsum(sizes) - sizes).tobytes())
        self._sizes.frombytes(sizes.tobytes())
        self._pool.frombytes(b"".join(padded))

    def spell(self, codes: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[str]:
        """Texts of `sizes` terms each, whose numbers are `codes`; blanks between the terms and behind the last."""
        starts, numbers = np.frombuffer(self._starts, np.int64)[codes], np.frombuffer(self._sizes, np.int64)[codes]
        ends = np.cumsum(numbers)
        pool, spelt = np.frombuffer(self._pool, np.uint64), np.empty(ends[-1] if len(ends) else 0, np.uint64)
        places = ends - numbers
        while len(places):  # most terms are one number, so each round has far less to do
            spelt[places] = pool[starts]
            more = np.flatnonzero(numbers > 1)
            starts, places, numbers = starts[more] + 1, places[more] + 1, numbers[more] - 1
        text_ends = np.concatenate([np.zeros(1, np.int64), ends * 8])[np.cumsum(sizes)]
        written = spelt.tobytes()
        return [written[start:end].decode() for start, end in pairwise([0, *text_ends.tolist()])]
