"""Which pairs of characters does a lone one stand in?

Scripts written without spaces are indexed as pairs of neighbouring characters (analysis.py). A word of a single character is no
term of such a text, but the first or the last of one of its pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import unspaced
from indexer.forward import ForwardIndex
from indexer.hash64 import hashes64


def is_lone(term: str) -> bool:
    """Whether a term is one character of a script whose texts are pairs."""
    return len(term) == 1 and unspaced(term)


def pattern(character: str) -> str:
    """A regular expression of the terms that hold a lone character: a pair's first or last, or all of a run."""
    return f"{character}.?|.{character}"


def pairs_in(character: str, dictionaries: Sequence[ForwardIndex]) -> list[str]:
    """The pairs with this character that any of these dictionaries has, in the order of their characters.

    A dictionary knows its terms by their hashes, so every pair that there can be is looked up, some 80,000.
    """
    pairs = [character + other for other in _others()] + [other + character for other in _others() if other != character]
    hashes = hashes64(pairs)
    order = np.argsort(hashes)
    ascending = hashes[order]
    there = np.zeros(len(pairs), np.bool_)
    for dictionary in dictionaries:
        there[order] |= _among(ascending, dictionary.terms)
    return sorted(pairs[place] for place in np.flatnonzero(there).tolist())


@cache
def _others() -> tuple[str, ...]:
    """The characters that a pair may hold beside another one, but for the rare ones beyond the Basic Multilingual Plane."""
    return tuple(filter(unspaced, map(chr, range(0x0E00, 0xFB00))))


def _among(some: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """(some,) bool: which are among `others`; both ascend, and the shorter one is looked up in the longer."""
    if not len(others):
        return np.zeros(len(some), np.bool_)
    if len(some) <= len(others):
        found: NDArray[np.bool_] = others[np.minimum(np.searchsorted(others, some), len(others) - 1)] == some
        return found
    places = np.minimum(np.searchsorted(some, others), len(some) - 1)
    among = np.zeros(len(some), np.bool_)
    among[places[some[places] == others]] = True
    return among
