"""How are the terms of a text spelt out, given their numbers?

Each term lies in memory once, with blanks behind it up to a multiple of eight bytes. A text is then so many 64-bit numbers, which
numpy copies one after the other: no term becomes an object of Python's. tantivy splits at blanks, however many they are.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from indexer.ragged import Numbers, ranges


class Spelling:
    """The terms met so far, by their numbers."""

    def __init__(self) -> None:
        self._firsts, self._rests = array("Q"), array("Q")
        """The first eight bytes of each term, and what else they are, end to end."""
        self._starts, self._sizes = array("q"), array("q")
        """By term: where its rest begins in `_rests`, and how many numbers the whole term is."""

    def add(self, terms: Sequence[str]) -> None:
        """Append terms; the first of all is number 0. None holds a blank."""
        padded = [term.ljust((len(term) | 7) + 1) for term in map(str.encode, terms)]
        sizes = np.fromiter(map(len, padded), np.int64, len(padded)) // 8
        self._starts.frombytes((len(self._rests) + np.cumsum(sizes - 1) - (sizes - 1)).tobytes())
        self._sizes.frombytes(sizes.tobytes())
        self._firsts.frombytes(b"".join([term[:8] for term in padded]))
        self._rests.frombytes(b"".join([term[8:] for term in padded]))

    def spell(self, codes: Numbers, sizes: Numbers) -> list[str]:
        """Texts of `sizes` terms each, whose numbers are `codes`; blanks between the terms and behind the last."""
        numbers = np.frombuffer(self._sizes, np.int64)[codes]
        ends = np.cumsum(numbers)
        spelt = np.empty(ends[-1] if len(ends) else 0, np.uint64)
        spelt[ends - numbers] = np.frombuffer(self._firsts, np.uint64)[codes]
        longer = np.flatnonzero(numbers > 1)
        starts, left = np.frombuffer(self._starts, np.int64)[codes[longer]], numbers[longer] - 1
        spelt[ranges(ends[longer] - left, left)] = np.frombuffer(self._rests, np.uint64)[ranges(starts, left)]
        text_ends = np.concatenate([np.zeros(1, np.int64), ends * 8])[np.cumsum(sizes)]
        written = spelt.tobytes()
        return [written[start:end].decode() for start, end in pairwise([0, *text_ends.tolist()])]
