"""Which words of a passage did the query ask for?

A word is highlighted if its term is a term of the query, so inflected forms count; words that most passages hold do not.
"""

from __future__ import annotations

import re
from functools import lru_cache

from indexer.analysis import analyze

_WORD = re.compile(r"\w+")


def highlights(text: str, terms: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """Spans of the words of `text` whose term is among `terms`; ascending, not overlapping."""
    return tuple(m.span() for m in _WORD.finditer(text) if not terms.isdisjoint(_terms(m.group())))


@lru_cache(maxsize=200_000)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(analyze(word))
