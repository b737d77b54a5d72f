"""How are texts of unequal length made ready to be encoded together?

Texts sorted by length are cut into batches by padded size, not by number of rows, so that every batch is about equal work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]
"""Token ids, or numbers of tokens."""


def batch_spans(lengths: Tokens, limit: int) -> Iterator[slice]:
    """Cut descending lengths into runs whose padded size is at most `limit` tokens, or that are a single text."""
    start = 0
    while start < len(lengths):
        rows = max(1, limit // max(1, int(lengths[start])))
        yield slice(start, start + rows)
        start += rows


def padded(tokens: Tokens, starts: NDArray[Any], lengths: Tokens) -> Tokens:
    """(texts, longest) int32: row i is ``tokens[starts[i] : starts[i] + lengths[i]]``, then zeros."""
    columns = np.arange(int(lengths.max()))
    inside = columns < lengths[:, None]
    return np.where(inside, tokens[np.where(inside, starts[:, None] + columns, 0)], np.int32(0))


def valid_unicode(text: str) -> str:
    """The text with every surrogate that has no partner replaced by U+FFFD; tokenisers refuse what UTF-8 cannot carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
