"""Which terms do thousands of texts have?

What `analyze` finds, for a writer. All texts of a block become one string of bytes; numpy finds its words, looks them up and
spells out their terms. Only a word that was not met before, or one longer than sixteen bytes, becomes an object of Python's: it
is taken apart and stemmed with the others of its block, and remembered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, count, islice
from typing import NamedTuple

import numpy as np

from indexer.analysis import MAX_TERM, raw_block, stems, words_of_each
from indexer.known_words import LONGEST, UNKNOWN, KnownWords, as_words, words_in
from indexer.ragged import Numbers, ranges
from indexer.spelling import Spelling

KNOWN_WORDS = 250_000
"""Words whose terms are remembered, some 20 MB; when they are that many all are forgotten and met anew."""
LONG_WORD = 3 * MAX_TERM
"""Bytes from which a word is not remembered: a text without spaces may be one."""

_BLANK = 32


class Terms(NamedTuple):
    """The terms of some texts."""

    codes: Numbers
    """(terms,) of all texts, end to end; what they stand for is in Vocabulary.terms."""
    sizes: Numbers
    """(texts,) how many each text has."""
    joined: list[str]
    """The terms of each text with one space or more between, and perhaps behind."""


class Vocabulary:
    """The words and terms met so far. A term's code is how many other terms came before it."""

    def __init__(self) -> None:
        self._codes = defaultdict[str, int](count().__next__)
        """Term -> code, in the order of the codes."""
        self._spelling = Spelling()
        self._forget()

    @property
    def terms(self) -> list[str]:
        """Every term met so far, by its code."""
        return list(self._codes)

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
        codes, term_ends = self._terms_of(meanings, np.searchsorted(starts, text_ends))
        del self._several[self._lasting :]
        term_sizes = np.diff(term_ends, prepend=0)
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
        meanings = {word: self._long.get(word, UNKNOWN) for word in words}
        fresh = [word for word, meaning in meanings.items() if meaning == UNKNOWN]
        fresh.sort(key=lambda word: len(word) > LONG_WORD)
        odd = [word for word in fresh if not word.isascii() or len(word) > MAX_TERM]
        parts = [[part for part in parts if len(part) <= MAX_TERM] for parts in words_of_each(odd)]
        plain = [word for word in fresh if word.isascii() and len(word) <= MAX_TERM] if odd else fresh
        codes = iter(self._coded(stems([*plain, *chain.from_iterable(parts)])))
        meanings.update(zip(plain, codes, strict=False))
        for word, part in zip(odd, parts, strict=True):
            self._several.append(several := list(islice(codes, len(part))))
            meanings[word] = several[0] if len(several) == 1 else -len(self._several)
        self._lasting = len(self._several) - sum(len(word) > LONG_WORD for word in odd)
        self._long.update((word, meanings[word]) for word in fresh if LONGEST < len(word) <= LONG_WORD)
        short = [word for word in fresh if len(word) <= LONGEST][: self._known.room]
        self._known.put(as_words(short), np.fromiter(map(meanings.__getitem__, short), np.int64, len(short)))
        return list(map(meanings.__getitem__, words))

    def _coded(self, terms: list[str]) -> list[int]:
        """The codes of terms; those not met before get the next ones."""
        before = len(self._codes)
        codes = list(map(self._codes.__getitem__, terms))
        self._spelling.add([*islice(reversed(self._codes), len(self._codes) - before)][::-1])
        return codes

    def _terms_of(self, meanings: Numbers, word_ends: Numbers) -> tuple[Numbers, Numbers]:
        """The codes of words end to end, and where texts end among them whose words end at `word_ends`."""
        odd = np.flatnonzero(meanings < 0)
        lists = [self._several[-1 - meaning] for meaning in meanings[odd].tolist()]
        sizes = np.fromiter(map(len, lists), np.int64, len(lists))
        more = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes - 1)])  # terms than words, before each odd one
        codes = np.empty(len(meanings) + more[-1], np.int64)
        alone = np.ones(len(codes), np.bool_)
        places = ranges(odd + more[:-1], sizes)
        alone[places] = False
        codes[alone] = np.delete(meanings, odd)
        codes[places] = list(chain.from_iterable(lists))
        return codes, word_ends + more[np.searchsorted(odd, word_ends)]
