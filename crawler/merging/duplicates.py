"""Do two pages say the same?

The same text at several addresses (print views, mirrors, copies with another menu) stays several documents in one cluster, so
that a search can show one of them. The same means: equal words, or fingerprints that resemble each other. A fingerprint is a
MinHash (Broder 1997, doi:10.1109/SEQUEN.1997.666900) of the page's 5-word shingles, made by datasketch; the share of equal
places in two fingerprints estimates the share of common shingles (Jaccard), with a standard error of .037 at .8. Candidates
share a band of a fingerprint (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import islice

import numpy as np

SHINGLE = 5
"""Words in a shingle; a letter counts as a word in scripts that are written without spaces."""
FEWEST = 50
"""Shingles below which a text is too short to be anybody's duplicate: two error pages are not one work."""
BANDS, ROWS = 24, 5
"""Of a fingerprint. Pages that resemble each other by .8 share a band with probability 1 - (1 - .8^5)^24 = .9999, by .5 with
.53."""
RESEMBLING = 0.8
"""Least share of common shingles of near duplicates: a 1,000-word page may differ in some twenty separate words, or in one
paragraph of a hundred."""

_BATCH = 20_000
"""Shingles hashed at a time, which bounds memory at some 20 MB for texts of any length."""
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]|\w+")


def text_key(text: str) -> str:
    """Equal for texts of the same words, whatever their case, punctuation and spacing; empty for a text that is too short."""
    digest, words = hashlib.blake2b(digest_size=16), 0
    for words, word in enumerate(_words(text), 1):  # noqa: B007 - how many there were
        digest.update(word.encode("utf-8", "replace") + b" ")
    return digest.hexdigest() if words >= FEWEST + SHINGLE - 1 else ""


def fingerprint(text: str) -> bytes:
    """BANDS * ROWS unsigned 32-bit numbers, little-endian; empty for a text that is too short."""
    from datasketch import MinHash

    print_ = MinHash(num_perm=BANDS * ROWS, seed=1, scheme="affine32")
    shingles, count = _shingles(text), 0
    while batch := list(islice(shingles, _BATCH)):
        print_.update_batch(batch)
        count += len(batch)
    return print_.hashvalues.astype("<u4").tobytes() if count >= FEWEST else b""


def bands(print_: bytes) -> list[str]:
    """Keys of a fingerprint's bands; pages that share none are not compared."""
    size = 4 * ROWS
    return [f"{band}:{print_[band * size : (band + 1) * size].hex()}" for band in range(BANDS)] if print_ else []


def resemblance(one: bytes, other: bytes) -> float:
    """Estimated share of common shingles of two fingerprints, in [0, 1]."""
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def _words(text: str) -> Iterator[str]:
    return (found.group() for found in _WORD.finditer(text.casefold()))


def _shingles(text: str) -> Iterator[bytes]:
    window: list[str] = []
    for word in _words(text):
        window = [*window[-SHINGLE + 1 :], word]
        if len(window) == SHINGLE:
            yield " ".join(window).encode("utf-8", "replace")
