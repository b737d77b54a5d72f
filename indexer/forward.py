"""Which terms does a passage have, and how often?

The postings answer the opposite question. With this compact forward index any candidate, whichever retriever found it, gets its
exact BM25 with any k1 and b and with the statistics of all searched segments, so splitting an index changes no score.

On disk, all memory-mapped: ``terms.npy`` (T,) uint64 sorted term hashes; ``df.npy`` (T,) uint32 passages holding the term;
``offsets.npy`` (P + 1,) uint64; ``ids.npy`` and ``counts.npy`` (N,) uint32 and uint16, the rows end to end; ``lengths.npy`` (P,)
uint32 terms per passage. A term is its hash (hash64.py).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.hash64 import hashes64
from indexer.mapped import mapped
from indexer.ragged import ranges

MAX_COUNT = 65_535
"""Occurrences of one term in one passage are counted up to this."""

SIEVE = 4_096
"""Slots of a sieve for term ids, a power of two."""


class ForwardWriter:
    """Collects the rows of one segment; about 6 bytes for each distinct term of a passage."""

    def __init__(self) -> None:
        self._ids, self._counts, self._rows, self._lengths = array("I"), array("H"), array("I"), array("I")

    def add(self, passages: int, rows: NDArray[np.int64], codes: NDArray[np.int64]) -> None:
        """Append a block of passages: `codes` of all their terms, and which of the passages each is of, in any order."""
        pairs = rows << 32 | codes
        pairs.sort()
        firsts = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)])
        counts = np.diff(firsts, append=len(pairs))
        self._ids.frombytes(pairs[firsts].astype(np.uint32).tobytes())  # the low half: the code
        self._counts.frombytes(np.minimum(counts, MAX_COUNT).astype(np.uint16).tobytes())
        borders = np.searchsorted(pairs, np.arange(passages + 1) << 32)
        for collected, ends in ((self._rows, np.searchsorted(firsts, borders)), (self._lengths, borders)):
            collected.frombytes(np.diff(ends).astype(np.uint32).tobytes())

    def write(self, folder: Path, terms: NDArray[np.uint64]) -> None:
        """Write the six arrays below `folder`; `terms` are the terms' hashes by code, more of them than are used if need be."""
        folder.mkdir()
        codes = np.frombuffer(self._ids, np.uint32)
        df = np.bincount(codes, minlength=len(terms))
        used = np.flatnonzero(df)
        hashes = terms[used]
        order = np.argsort(hashes, kind="stable")
        rank = np.zeros(len(terms), np.uint32)
        rank[used[order]] = np.arange(len(used), dtype=np.uint32)
        arrays: dict[str, NDArray[np.generic]] = {
            "terms": hashes[order],
            "df": df[used[order]].astype(np.uint32),
            "ids": rank[codes],
            "counts": np.asarray(self._counts, np.uint16),
            "offsets": np.concatenate([np.zeros(1, np.uint64), np.cumsum(self._rows, dtype=np.uint64)]),
            "lengths": np.asarray(self._lengths, np.uint32),
        }
        for name, values in arrays.items():
            np.save(folder / f"{name}.npy", values)


@dataclass(frozen=True, slots=True)
class ForwardIndex:
    """One segment's forward index, open for reading."""

    terms: NDArray[np.uint64]
    df: NDArray[np.uint32]
    ids: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint32]

    @classmethod
    def open(cls, folder: Path) -> ForwardIndex:
        """Memory-map what a ForwardWriter wrote."""
        names = ("terms", "df", "ids", "counts", "offsets", "lengths")
        return cls(*(mapped(folder / f"{name}.npy") for name in names))

    def without(self, passages: NDArray[np.int64]) -> ForwardIndex:
        """The same index with the document frequencies that it would have if these passages were not in it."""
        _, ids, _ = self._entries(passages)
        gone = np.bincount(ids, minlength=len(self.df)).astype(np.uint32)
        return replace(self, df=self.df - gone)

    def only(self, passages: NDArray[np.int64]) -> ForwardIndex:
        """The same index with the document frequencies that it would have if nothing but these passages were in it."""
        _, ids, _ = self._entries(passages)
        return replace(self, df=np.bincount(ids, minlength=len(self.df)).astype(np.uint32))

    def look_up(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids and document frequencies of terms, each (len(terms),) int64; id -1 and df 0 where the segment lacks a term."""
        return self.look_up_hashes(hashes64(terms))

    def look_up_hashes(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same for terms that were hashed already."""
        if not len(self.terms) or not len(hashes):
            return np.full(len(hashes), -1, np.int64), np.zeros(len(hashes), np.int64)
        places = np.minimum(np.searchsorted(self.terms, hashes), len(self.terms) - 1)
        known = self.terms[places] == hashes
        return np.where(known, places, -1).astype(np.int64), np.where(known, self.df[places], 0).astype(np.int64)

    def frequencies(self, passages: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """(len(passages), len(ids)) float64: how often each passage holds each term.

        `ids` is as from look_up, without repetitions.
        """
        table = np.zeros((len(passages), len(ids)), np.float64)
        asked = np.flatnonzero(ids >= 0)
        if not len(passages) or not len(asked):
            return table
        rows, found, entries = self._entries(passages, _sieve(ids[asked]))
        order = asked[np.argsort(ids[asked])]
        places = np.minimum(np.searchsorted(ids[order], found), len(order) - 1)
        hit = ids[order][places] == found
        table[rows[hit], order[places[hit]]] = self.counts[entries[hit]]
        return table

    def _entries(
        self, passages: NDArray[np.int64], sieve: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]]:
        """The entries of some passages, end to end: row of each in `passages`, term id, and position in ids and counts.

        With a `sieve`, only those that pass it.
        """
        starts = self.offsets[passages].astype(np.int64)
        sizes = self.offsets[passages + 1].astype(np.int64) - starts
        entries = ranges(starts, sizes)
        found = self.ids[entries]
        if sieve is None:
            return np.repeat(np.arange(len(passages)), sizes), found, entries
        kept = np.flatnonzero(sieve[found & (SIEVE - 1)])
        return np.searchsorted(np.cumsum(sizes), kept, side="right"), found[kept], entries[kept]


def _sieve(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """By the last bits of an id, whether it may be one of `ids`: a hundred others are told apart while one is looked up."""
    sieve = np.zeros(SIEVE, np.bool_)
    sieve[ids & (SIEVE - 1)] = True
    return sieve
