"""Which terms do thousands of texts have?

What `analyze` finds, for a writer. All texts of a block become one string of bytes; numpy finds its words, looks them up and
spells out their terms. Only a word that was not met before, or one longer than sixteen bytes, becomes an object of Python's: it
is taken apart and stemmed with the others of its block, and remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import MAX_TERM, raw_block, stems, words_of
from indexer.known_words import LONGEST, UNKNOWN, KnownWords, as_words, words_in
from indexer.spelling import Spelling

KNOWN_WORDS = 250_000
"""Words whose terms are remembered, some 15 MB; when they are that many all are forgotten and met anew."""
LONG_WORD = 3 * MAX_TERM
"""Bytes from which a word is not remembered: a text without spaces may be one."""

_BLANK = 32


class Terms(NamedTuple):
    """The terms of some texts."""

    codes: NDArray[np.int64]
    """(terms,) of all texts, end to end; what they stand for is in Vocabulary.terms."""
    sizes: NDArray[np.int64]
    """(texts,) how many each text has."""
    joined: list[str]
    """The terms of each text with one space or more between, and perhaps behind."""


class Vocabulary:
    """The words and terms met so far. A term's code is how many other terms came before it."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        """Every term met so far, by its code."""
        self._codes: dict[str, int] = {}
        self._spelling = Spelling()
        self._forget()

    @property
    def remembered(self) -> int:
        """Words whose terms are known."""
        return KNOWN_WORDS - self._known.room + len(self._long)

    def analyze(self, texts: Sequence[str]) -> Terms:
        """What `analyze` gives for each text."""
        if self.remembered >= KNOWN_WORDS:
            self._forget()
        block, text_ends = raw_block(texts)
        letters = np.frombuffer(block, np.uint8) != _BLANK
        borders = np.flatnonzero(letters[1:] != letters[:-1]) + 1
        starts, ends = borders[::2], borders[1::2]
        sizes = ends - starts
        meanings = self._known.find(words_in(block, starts, sizes))
        meanings[sizes > LONGEST] = UNKNOWN
        unknown = np.flatnonzero(meanings == UNKNOWN)
        words = [block[start:end] for start, end in zip(starts[unknown].tolist(), ends[unknown].tolist(), strict=True)]
        meanings[unknown] = self._meanings(words)
        word_ends = np.searchsorted(starts, text_ends)
        codes, before = self._terms_of(meanings)
        del self._several[self._lasting :]
        term_sizes = np.diff(before[word_ends], prepend=0)
        return Terms(codes, term_sizes, self._spelling.spell(codes, term_sizes))

    def _forget(self) -> None:
        """Forget every word; terms keep their codes."""
        self._known = KnownWords(KNOWN_WORDS)
        self._long: dict[bytes, int] = {}
        """Words that are too long for the table. What a word means is the code of its term, where it is one."""
        self._several: list[list[int]] = []
        """The codes of words that are no term or more than one: what the first of these words means is -1, of the second -2."""
        self._lasting = 0
        """How many of them are of words that are remembered."""

    def _meanings(self, words: list[bytes]) -> list[int]:
        """What these words mean, which are not in the table; those not met before are found out and remembered."""
        fresh = [word for word in dict.fromkeys(words) if word not in self._long]
        fresh.sort(key=lambda word: len(word) > LONG_WORD)
        parts = {word: _parts(word) for word in fresh if not word.isascii() or len(word) > MAX_TERM}
        plain = [word for word in fresh if word not in parts]
        codes = iter(self._coded(stems([*plain, *chain.from_iterable(parts.values())])))
        meanings = dict(zip(plain, codes, strict=False))
        for word, part in parts.items():
            self._several.append(several := list(islice(codes, len(part))))
            meanings[word] = several[0] if len(several) == 1 else -len(self._several)
        self._lasting = len(self._several) - sum(len(word) > LONG_WORD for word in parts)
        self._long |= meanings
        found = list(map(self._long.__getitem__, words))
        short = [word for word in fresh if len(word) <= LONGEST]
        for word in chain(short, (word for word in fresh if len(word) > LONG_WORD)):
            del self._long[word]
        del short[self._known.room :]
        self._known.put(as_words(short), np.fromiter(map(meanings.__getitem__, short), np.int64, len(short)))
        return found

    def _coded(self, terms: list[str]) -> list[int]:
        """The codes of terms; those not met before get the next ones."""
        fresh = [term for term in dict.fromkeys(terms) if term not in self._codes]
        self._codes.update(zip(fresh, range(len(self.terms), len(self.terms) + len(fresh)), strict=True))
        self.terms += fresh
        self._spelling.add(fresh)
        return list(map(self._codes.__getitem__, terms))

    def _terms_of(self, meanings: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The codes of words end to end, and how many lie before each word and before the end, (words + 1,)."""
        odd = np.flatnonzero(meanings < 0)
        lists = [self._several[-1 - meaning] for meaning in meanings[odd].tolist()]
        sizes = np.ones(len(meanings), np.int64)
        sizes[odd] = np.fromiter(map(len, lists), np.int64, len(lists))
        codes = np.repeat(meanings, sizes)
        codes[codes < 0] = list(chain.from_iterable(lists))
        return codes, np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _parts(word: bytes) -> tuple[bytes, ...]:
    """The words of `analyze` in a word as written that are not too long for a term."""
    return tuple(part for part in words_of(word.decode()) if len(part) <= MAX_TERM)
