"""What do these words stand for, of those that were met before?

A word of up to 16 bytes is two 64-bit numbers, so thousands of words are looked up by numpy at once and none of them becomes an
object of Python's. They are compared whole: a hash only says where to begin to look. That hash is drawn anew for each table
(multiply-shift, Dietzfelbinger et al. 1997), so no text can be written whose words all begin at one place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST = 16
"""Bytes of a word that the table can hold."""
UNKNOWN = np.iinfo(np.int64).min
"""Stands for a word that is not in the table."""

_KEPT = np.array([2 ** (8 * size) - 1 for size in range(9)], np.uint64)
"""By a number of bytes, what of 64 bits they are; the first byte is the lowest."""


class Words(NamedTuple):
    """Words of up to LONGEST bytes, as numbers."""

    first: NDArray[np.uint64]
    """(words,) bytes 0 to 7, zero beyond the end; no word is all zero."""
    second: NDArray[np.uint64]
    """(words,) bytes 8 to 15."""


def words_in(block: bytes, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Words:
    """The words of `block` that begin at `starts`, of longer ones the first LONGEST bytes; so many lie behind each start."""
    numbers = np.ndarray(len(block) - 7, "<u8", block, strides=(1,))  # the eight bytes from each place on
    first = numbers[starts] & _KEPT.take(sizes, mode="clip")
    second = np.zeros(len(starts), np.uint64)
    longer = np.flatnonzero(sizes > 8)
    second[longer] = numbers[starts[longer] + 8] & _KEPT.take(sizes[longer] - 8, mode="clip")
    return Words(first, second)


def as_words(words: list[bytes]) -> Words:
    """The same of words that are at hand."""
    pairs = np.array(words, f"S{LONGEST}").view("<u8").reshape(-1, 2)
    return Words(pairs[:, 0].copy(), pairs[:, 1].copy())


class KnownWords:
    """Word -> number, open addressing with linear probing."""

    def __init__(self, room: int) -> None:
        """For `room` words; at least 64 bytes each, as half of the slots or more stay empty."""
        bits = (2 * room + 1).bit_length()
        self.room = room
        """Words that may still be put in."""
        self._table = np.zeros((1 << bits, 4), np.uint64)
        """First and second part of a word and its number, a slot to half a line of the processor's cache."""
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._factors = np.random.default_rng().integers(2**64, size=2, dtype=np.uint64) | np.uint64(1)

    def find(self, words: Words) -> NDArray[np.int64]:
        """(words,) the number of each, UNKNOWN where it has none."""
        slots = self._slots(words)
        first, second, found, _ = self._table.take(slots, axis=0, mode="clip").T
        numbers: NDArray[np.int64] = found.astype(np.int64)
        left = np.flatnonzero((first != words.first) | (second != words.second))
        numbers[left] = UNKNOWN
        while len(left):
            left = left[self._table[slots[left], 0] != 0]
            slots[left] = there = (slots[left] + 1) & self._last
            rows = self._table[there]
            same = (rows[:, 0] == words.first[left]) & (rows[:, 1] == words.second[left])
            numbers[left[same]] = rows[same, 2].view(np.int64)
            left = left[~same]
        return numbers

    def put(self, words: Words, numbers: NDArray[np.int64]) -> None:
        """Give these words, no two alike and none of them in the table, their numbers; not more than there is room for."""
        assert len(numbers) <= self.room
        self.room -= len(numbers)
        slots, waiting = self._slots(words), np.arange(len(numbers))
        while len(waiting):
            _, firsts = np.unique(slots, return_index=True)  # one word for each slot
            placed = firsts[self._table[slots[firsts], 0] == 0]
            for column, values in zip(range(3), (*words, numbers), strict=True):
                self._table[slots[placed], column] = values[waiting[placed]]
            waiting, slots = np.delete(waiting, placed), (np.delete(slots, placed) + 1) & self._last

    def _slots(self, words: Words) -> NDArray[np.int64]:
        """Where the search for each word begins."""
        mixed: NDArray[np.uint64] = words.first * self._factors[0] + words.second * self._factors[1]
        return (mixed >> self._shift).astype(np.int64)
