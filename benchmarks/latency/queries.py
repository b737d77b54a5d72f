"""What do people and agents ask of this index?

Nobody's log is at hand, so queries are cut from the index itself with a fixed seed: short ones of 3 to 6 words from titles, as
people type, and long ones of 30 to 60 words from whole documents, as agents paste.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from indexer.document import Document
from indexer.index import Index
from ranker.query import MAX_QUERY

SEED = 20_261_122
LENGTHS = {"short": (3, 6), "long": (30, 60)}
"""Words in a query, both ends included."""


def queries_from(index: Index, length: str, count: int) -> list[str]:
    """`count` queries of that length; the same snapshot gives the same ones."""
    chance = random.Random(f"{SEED} {length}")
    low, high = LENGTHS[length]

    def words() -> list[str]:
        number = chance.randrange(index.manifest.documents)
        (document,) = index.documents(np.array([number]))
        return _source(length)(document).split() or [document.title]

    return [_cut(chance, chance.randint(low, high), words) for _ in range(count)]


def _source(length: str) -> Callable[[Document], str]:
    return (lambda d: d.title) if length == "short" else (lambda d: f"{d.title} {d.text}")


def _cut(chance: random.Random, wanted: int, words: Callable[[], list[str]]) -> str:
    """Neighbouring words of one document; where it has too few, of as many as are needed."""
    query: list[str] = []
    while len(query) < wanted:
        source = words()
        missing = wanted - len(query)
        start = chance.randrange(max(1, len(source) - missing + 1))
        query += source[start : start + missing]
    return " ".join(query)[:MAX_QUERY]
