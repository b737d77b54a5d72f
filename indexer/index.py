"""What can be read from an index?

An Index pins one generation: its segments, open together, numbered end to end, so that a passage or document has one number
whatever segment holds it. Statistics are sums over all segments. Nothing here ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.columns import Source
from indexer.dense.device import cards
from indexer.document import Document
from indexer.encoders import Vectors
from indexer.errors import DeviceError, IndexOpenError
from indexer.generation import check_sizes, current, pinned
from indexer.hash64 import hash64
from indexer.locks import Pin
from indexer.manifest import Manifest
from indexer.names import look_up, names_in, names_of
from indexer.numbering import Numbering, Numbers
from indexer.proposing import boosts, propose, share
from indexer.restriction import Restriction
from indexer.segment import Segment
from indexer.selection import Score, best, greatest
from indexer.shares import shares_of
from indexer.statistics import Statistics, TermStatistics

T = TypeVar("T")

SIDE_BY_SIDE = 200_000
"""Postings of a query from which on its segments are searched side by side: a millisecond, ten times a hop between threads."""
NEAR_SIDE_BY_SIDE = 100_000
"""Passages from which on segments are searched by vector side by side: 50,000 in each of two take a millisecond and a half."""


class Span(NamedTuple):
    """Where a passage lies."""

    document: int
    """Document number in the snapshot."""
    start: int
    end: int


class Index:
    """A reader's snapshot of an index; thread-safe; close it to let its files go."""

    def __init__(self, path: Path, manifest: Manifest, segments: Sequence[Segment], pin: Pin) -> None:
        self.path, self.manifest, self.segments, self._pin = path, manifest, tuple(segments), pin
        self._passages = Numbering.of(len(s.passages) for s in segments)
        self._sources = Numbering.of(len(s.columns.sources) for s in segments)
        self._documents = Numbering.of(s.columns.documents for s in segments)
        self._holding = _holding(segments)
        self._statistics = Statistics(self.segments, manifest.segments)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        wanted: Callable[[Path], Manifest] = current,
        without: frozenset[str] = frozenset(),
        device: str = "cpu",
        lost: bool = False,
    ) -> Self:
        """Pin the last committed generation, or the one that `wanted` finds (`history.as_of`), `without` the segments of these
        names. `lost` is whether its manifest may be gone.

        What is pinned stays on disk until the index is closed, forgotten, or its process ends. Raises IndexOpenError if there is
        none or a file is missing or of the wrong size. With `device` ``cuda`` vectors are searched on every card; raises
        DeviceError if there is none.
        """
        devices = cards(device)
        path = Path(path)
        manifest, pin = pinned(path, wanted, lost)
        manifest = replace(manifest, segments=tuple(entry for entry in manifest.segments if entry.name not in without))
        check_sizes(path, manifest)
        try:
            segments = [
                Segment.open(path / "segments" / s.name, s.vectors, s.deleted, s.layout, devices) for s in manifest.segments
            ]
        except (DeviceError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # panics of tantivy's are no Exception
            remedy = f"stepwell indexer verify --index {path} names it; then run: stepwell indexer repair --index {path}"
            raise IndexOpenError(f"{path} holds a damaged file ({type(error).__name__}); {remedy}") from error
        return cls(path, _with_shares(manifest, segments), segments, pin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the segments and let go of the generation."""
        for segment in self.segments:
            segment.close()
        self._pin.close()

    @property
    def has_vectors(self) -> bool:
        """Whether every segment has vectors."""
        return bool(self.manifest.encoder) and all(s.dense for s in self.segments)

    def statistics(self, terms: Sequence[str], collections: Sequence[str] = ()) -> TermStatistics:
        """N, mean length and document frequencies over the live passages of these collections; of all, if none is named."""
        return self._statistics.of(terms, collections)

    def pairs(self, character: str, collections: Sequence[str] = ()) -> tuple[str, ...]:
        """The pairs of a script without spaces that hold a lone character of it (`pairs.is_lone`), the most frequent first."""
        return self._statistics.most_frequent_pairs(character, frozenset(collections))

    def lexical_candidates(
        self,
        terms: Sequence[str],
        depth: int,
        restriction: Restriction | None = None,
        score: Score | None = None,
        weights: Sequence[float] | None = None,
        pool: Executor | None = None,
        wider: int = 1,
    ) -> Numbers:
        """The best passages by tantivy's BM25, in no particular order: `depth` of every segment, or with a `score` in all.

        Without terms, what the restriction lets through: a passage of each of its `depth` newest documents.
        `weights` are those of the terms in the whole index: with them every segment proposes by one measure. `score` gives the
        exact score of passages by their numbers: a filter that leaves few passages makes use of it, and it cuts what several
        segments propose. With a `pool`, whose workers must not be the callers, segments are searched side by side where the terms
        are in so many passages that it pays. `wider` times as many hits are asked for where a `score` cuts them.
        """
        known = self._statistics.known(tuple(terms))
        places = self._asked(restriction)
        if terms:
            places = places[known.ids[places].max(axis=1) >= 0]
        each = boosts(weights, known.df[places], self._passages.sizes[places]) if weights else [None] * len(places)
        boosts_of = dict(zip(places.tolist(), each, strict=True))
        spread = pool.map if pool and len(places) > 1 and int(known.df.sum()) >= SIDE_BY_SIDE else map

        def ask(some: Sequence[int], count: int) -> list[Numbers]:
            def search(place: int) -> Numbers:
                base, segment = int(self._passages.firsts[place]), self.segments[place]
                shifted = partial(_shifted, score, base) if score else None
                return base + segment.lexical_candidates(terms, count, restriction, shifted, boosts_of[place])

            return list(spread(search, some))

        if not (score and terms):
            found = np.concatenate([np.empty(0, np.int64), *ask(places.tolist(), depth)])
            return found if terms else found[greatest(self.days(self.documents_of(found)), depth)]
        first = ask(places.tolist(), share(depth, len(places), wider))
        cut = partial(best, score=score, depth=depth)
        return propose(first, depth, lambda full: ask(places[full].tolist(), depth), cut, wider)

    def dense_candidates(
        self, queries: Vectors, depth: int, restriction: Restriction | None = None, pool: Executor | None = None
    ) -> list[Numbers]:
        """Per query the `depth` nearest passages, in no particular order; `pool` as in `lexical_candidates`."""
        places = self._asked(restriction).tolist()
        spread = pool.map if pool and len(places) > 1 and self._passages.firsts[-1] >= NEAR_SIDE_BY_SIDE else map

        def ask(some: Sequence[int], count: int, rows: Vectors) -> list[list[Numbers]]:
            def search(place: int) -> list[Numbers]:
                return self.segments[place].dense_candidates(rows, count, restriction, len(places))

            each = spread(search, some)
            return [[self._passages.firsts[p] + found for found in proposed] for p, proposed in zip(some, each, strict=True)]

        first = ask(places, share(depth, len(places)), queries)
        found = []
        for row, query in enumerate(queries):

            def again(full: Sequence[int], one: Vectors = queries[row : row + 1]) -> list[Numbers]:
                return [passages for (passages,) in ask([places[place] for place in full], depth, one)]

            cut = partial(self._nearest, query=query, depth=depth)
            found.append(propose([proposed[row] for proposed in first], depth, again, cut))
        return found

    def _nearest(self, passages: Numbers, query: NDArray[np.float32], depth: int) -> Numbers:
        return passages[np.lexsort((passages, -self.cosines(passages, query)))[:depth]]

    def _asked(self, restriction: Restriction | None) -> Numbers:
        """The places of the segments that hold any of the collections a restriction lets through."""
        if restriction is None or not restriction.collections:
            return np.arange(len(self.segments))
        return np.array(sorted({place for name in restriction.collections for place in self._holding.get(name, ())}), np.int64)

    def frequencies(self, passages: Numbers, terms: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How often each passage holds each distinct term, (n, terms), and each passage's length in terms, (n,)."""
        counts, lengths = np.zeros((len(passages), len(terms))), np.zeros(len(passages))
        ids = self._statistics.known(tuple(terms)).ids
        for place, rows, local in self._passages.by_segment(passages):
            forward = self.segments[place].forward
            counts[rows] = forward.frequencies(local, ids[place])
            lengths[rows] = forward.lengths[local]
        return counts, lengths

    def title_frequencies(self, documents: Numbers, terms: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same of the documents' titles; zeros where a segment has not counted them."""
        counts, lengths = np.zeros((len(documents), len(terms))), np.zeros(len(documents))
        for place, rows, local in self._documents.by_segment(documents):
            if titles := self.segments[place].titles:
                counts[rows] = titles.frequencies(local, titles.look_up(terms)[0])
                lengths[rows] = titles.lengths[local]
        return counts, lengths

    def cosines(self, passages: Numbers, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Exact cosine of each passage with one query vector, (n,), or with each of several, (queries, n)."""
        cosines = np.zeros((*query.shape[:-1], len(passages)))
        for place, rows, local in self._passages.by_segment(passages):
            dense = self.segments[place].dense
            assert dense is not None, "ask has_vectors first"
            cosines[..., rows] = dense.cosines(local, query)
        return cosines

    def vectors(self, passages: Numbers) -> NDArray[np.float32]:
        """The stored vector of each passage, (n, dim), rows L2-normalised."""
        found: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(passages)
        for place, rows, local in self._passages.by_segment(passages):
            dense = self.segments[place].dense
            assert dense is not None, "ask has_vectors first"
            for row, vector in zip(np.arange(len(passages))[rows].tolist(), dense.stored.floats(local), strict=True):
                found[row] = vector
        return np.stack(found) if found else np.empty((0, 0), np.float32)

    def documents_of(self, passages: Numbers) -> Numbers:
        """The document number of each passage."""
        documents = np.zeros(len(passages), np.int64)
        for place, rows, local in self._passages.by_segment(passages):
            documents[rows] = self._documents.firsts[place] + self.segments[place].passages["document"][local]
        return documents

    def left_out(self, passages: Numbers) -> Numbers:
        """The other passages of the documents of these ascending passages, ascending."""
        found = [np.empty(0, np.int64)]
        for place, _, local in self._passages.by_segment(passages):
            found.append(self._passages.firsts[place] + self.segments[place].left_out(local))
        return np.concatenate(found)

    def spans(self, passages: Numbers) -> list[Span]:
        """Where each passage lies in its document."""
        found: dict[int, Span] = {}
        for place, rows, local in self._passages.by_segment(passages):
            base = int(self._documents.firsts[place])
            for row, (document, start, end) in zip(rows.tolist(), self.segments[place].passages[local].tolist(), strict=True):
                found[row] = Span(base + document, start, end)
        return [found[row] for row in range(len(passages))]

    def source_numbers(self, documents: Numbers) -> Numbers:
        """The number of each document's source in the snapshot, (n,); `source` tells what it is."""
        numbers = np.zeros(len(documents), np.int64)
        for place, rows, local in self._documents.by_segment(documents):
            numbers[rows] = self._sources.firsts[place] + self.segments[place].columns["source"][local]
        return numbers

    def clusters(self, documents: Numbers) -> NDArray[np.uint64]:
        """The key of each document's cluster, (n,); 0 where there is none."""
        keys = np.zeros(len(documents), np.uint64)
        for place, rows, local in self._documents.by_segment(documents):
            keys[rows] = self.segments[place].columns["cluster"][local]
        return keys

    def days(self, documents: Numbers) -> NDArray[np.int32]:
        """The day of publication of each document, (n,), since 1970-01-01; `columns.UNDATED` where it has none."""
        days = np.zeros(len(documents), np.int32)
        for place, rows, local in self._documents.by_segment(documents):
            days[rows] = self.segments[place].columns["day"][local]
        return days

    def source(self, number: int) -> Source:
        """Host, venue and ISSN of one source."""
        place, local = self._sources.place(number)
        return self.segments[place].columns.sources[local]

    def ids(self, documents: Numbers) -> list[str]:
        """The id of each document."""
        return self._collected(documents, lambda segment, numbers: segment.columns.ids(numbers))

    def documents(self, documents: Numbers) -> list[Document]:
        """Whole documents by number, in this order."""
        return self._collected(documents, lambda segment, numbers: segment.store.by_number(numbers.tolist()))

    def find(self, target: str) -> Document | None:
        """The document of this id or URL, None if the snapshot has none."""
        for segment in self.segments:
            for number in segment.store.numbers(target):
                if segment.is_live(number):
                    return segment.store.by_number([number])[0]
        return None

    def named(self, text: str, restriction: Restriction | None = None) -> dict[int, tuple[str, Numbers]]:
        """Documents that a query calls by name, by number: the name, and those of their passages that the restriction leaves."""
        found: dict[int, tuple[str, Numbers]] = {}
        asked = self._asked(restriction).tolist()
        for name, hashed in ((name, hash64(name)) for name in names_in(text)):
            for place in asked:
                segment = self.segments[place]
                for number in look_up(segment.names, hashed):
                    document = int(self._documents.firsts[place]) + number
                    if (
                        document in found
                        or not segment.is_live(number)
                        or name not in names_of(segment.store.by_number([number])[0])
                    ):
                        continue
                    passages, selection = segment.passages_of(number), segment.selected(restriction)
                    if selection is not None:
                        passages = passages[selection.mask[passages]]
                    if len(passages):
                        found[document] = name, self._passages.firsts[place] + passages
        return found

    def locate(self, doc_id: str) -> tuple[int, int, bytes] | None:
        """Segment, number in it and content hash of the live document of this id, None if there is none."""
        for place, segment in enumerate(self.segments):
            found = segment.store.number_of(doc_id)
            if found and segment.is_live(found[0]):
                return place, *found
        return None

    def was_deleted(self, doc_id: str) -> bool:
        """Whether a segment holds a document of this id as deleted; a merge leaves those behind."""
        held = ((segment, segment.store.number_of(doc_id)) for segment in self.segments if segment.live is not None)
        return any(found and not segment.is_live(found[0]) for segment, found in held)

    def passages_of(self, doc_id: str) -> list[tuple[int, int]]:
        """Where the passages of a live document lie in its text, ``(start, end)``, in order; none where there is none."""
        found = self.locate(doc_id)
        if found is None:
            return []
        segment = self.segments[found[0]]
        return sorted((start, end) for _, start, end in segment.passages[segment.passages_of(found[1])].tolist())

    def _collected(self, documents: Numbers, read: Callable[[Segment, Numbers], list[T]]) -> list[T]:
        found: dict[int, T] = {}
        for place, rows, local in self._documents.by_segment(documents):
            found.update(zip(rows.tolist(), read(self.segments[place], local), strict=True))
        return [found[row] for row in range(len(documents))]


def _with_shares(manifest: Manifest, segments: Sequence[Segment]) -> Manifest:
    """The manifest with every segment's shares said: one of format 1 says none."""
    entries = (
        entry if entry.shares else replace(entry, shares=shares_of(segment, segment.live, manifest.created))
        for entry, segment in zip(manifest.segments, segments, strict=True)
    )
    return replace(manifest, segments=tuple(entries))


def _holding(segments: Sequence[Segment]) -> dict[str, list[int]]:
    """The places of the segments that hold each collection."""
    holding: dict[str, list[int]] = {}
    for place, segment in enumerate(segments):
        for name in segment.columns.collections:
            holding.setdefault(name, []).append(place)
    return holding


def _shifted(score: Score, base: int, passages: Numbers) -> NDArray[np.float64]:
    return score(base + passages)
