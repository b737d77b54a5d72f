"""What does BM25 need to know of the collections that are searched?

Sums over the live passages of all segments that hold one of them. A segment that holds other collections too counts for its part;
what was counted so is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.forward import ForwardIndex
from indexer.hash64 import hashes64
from indexer.manifest import SegmentEntry
from indexer.pairs import pairs_in
from indexer.restriction import Restriction, allowed
from indexer.segment import Segment

REMEMBERED = 256
"""Queries whose terms were looked up lately."""
PAIRS = 32
"""Pairs of characters that are searched for one that stands alone; as many terms propose (ranker/proposal.py)."""
PARTLY = 32
"""Mixed segments whose statistics for a part of their collections are remembered, four bytes a term each."""


class TermStatistics(NamedTuple):
    """What BM25 needs to know of the snapshot."""

    passages: int
    """N, live passages in all segments."""
    mean_length: float
    """Terms per passage."""
    df: NDArray[np.int64]
    """(terms,) passages that hold each term."""
    mean_title: float
    """Terms per title of a document; 0 where no segment counted them."""


class Known(NamedTuple):
    """What the segments know of some terms, (segments, terms) each."""

    ids: NDArray[np.int64]
    """-1 where a segment lacks a term."""
    df: NDArray[np.int64]


class Statistics:
    """Those of one snapshot; thread-safe."""

    def __init__(self, segments: Sequence[Segment], entries: Sequence[SegmentEntry]) -> None:
        """`entries` are the segments' in the manifest, with their shares."""
        self._segments, self._entries = segments, entries
        self.known = lru_cache(REMEMBERED)(self._looked_up)
        self.most_frequent_pairs = lru_cache(REMEMBERED)(self._most_frequent)
        self._partly: dict[tuple[int, frozenset[str]], ForwardIndex] = {}
        self._title_means: dict[frozenset[str], float] = {}

    def of(self, terms: Sequence[str], collections: Sequence[str] = ()) -> TermStatistics:
        """N, mean length and document frequencies over the live passages of these collections; of all, if none is named."""
        return self._sums(terms, frozenset(collections), self.known(tuple(terms)))

    def _sums(self, terms: Sequence[str], searched: frozenset[str], known: Known) -> TermStatistics:
        passages = total = 0
        df = np.zeros(len(terms), np.int64)
        for place, entry in enumerate(self._entries):
            shares = [s for s in entry.shares if not searched or s.collection in searched]
            if shares:
                passages += sum(s.passages for s in shares)
                total += sum(s.terms for s in shares)
                if len(shares) == len(entry.shares):
                    df += known.df[place]
                else:
                    df += self._partly_searched(place, searched).look_up(terms)[1]
        return TermStatistics(passages, total / max(passages, 1), df, self._mean_title(searched))

    def _most_frequent(self, character: str, searched: frozenset[str]) -> tuple[str, ...]:
        """The pairs with a lone character that most live passages of these collections hold, at most PAIRS."""
        pairs = tuple(pairs_in(character, [segment.forward for segment in self._segments]))
        df = self._sums(pairs, searched, self._looked_up(pairs)).df  # there may be thousands: not to be remembered
        return tuple(pairs[place] for place in np.argsort(-df, kind="stable")[:PAIRS].tolist() if df[place])

    def _looked_up(self, terms: tuple[str, ...]) -> Known:
        """What each segment knows of these terms: a query asks for it three times."""
        hashes = hashes64(terms)
        found = [segment.forward.look_up_hashes(hashes) for segment in self._segments]
        shape = (len(found), len(terms))
        return Known(np.array([ids for ids, _ in found]).reshape(shape), np.array([df for _, df in found]).reshape(shape))

    def _partly_searched(self, place: int, searched: frozenset[str]) -> ForwardIndex:
        """A segment's forward index with the document frequencies of some of its collections."""
        segment = self._segments[place]
        wanted = searched.intersection(segment.columns.collections)
        known = self._partly.get((place, wanted))
        if known is None:
            inside = segment.selected(Restriction(collections=tuple(sorted(wanted))))
            assert inside is not None
            if 2 * inside.count < len(inside.mask):
                known = segment.forward.only(np.flatnonzero(inside.mask))
            else:
                outside = ~inside.mask if segment.live_passages is None else segment.live_passages & ~inside.mask
                known = segment.forward.without(np.flatnonzero(outside))
            self._partly[place, wanted] = known
            while len(self._partly) > PARTLY:
                self._partly.pop(next(iter(self._partly)), None)
        return known

    def _mean_title(self, searched: frozenset[str]) -> float:
        """Terms per title of the live documents of these collections, of all if none is named; counted once, then remembered."""
        if (known := self._title_means.get(searched)) is not None:
            return known
        titles = terms = 0
        for segment in self._segments:
            if segment.titles and (not searched or searched.intersection(segment.columns.collections)):
                counted = np.ones(segment.columns.documents, np.bool_) if segment.live is None else segment.live.copy()
                if searched:
                    counted &= allowed(segment.columns, Restriction(collections=tuple(sorted(searched))))
                titles += int(counted.sum())
                terms += int(segment.titles.lengths[counted].sum(dtype=np.int64))
        while len(self._title_means) >= PARTLY:
            self._title_means.pop(next(iter(self._title_means)), None)
        return self._title_means.setdefault(searched, terms / max(titles, 1))
