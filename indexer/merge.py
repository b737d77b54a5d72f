"""Which segments become one, and when?

A search pays for every segment, a merge pays for every document it writes again. Segments of one collection are therefore put on
tiers by size, a factor FACTOR apart. Once FACTOR of them lie on one tier they are merged: a document is written again once a
tier, not once an update. Small segments, and those that small collections share, are of one kin whatever they hold: a merge of
them puts what has grown into segments of its own. A segment is also rewritten when much of it was deleted.

tantivy has no way to merge postings from Python: a merge indexes the documents of the store again and carries the vectors over.
Every merge is a commit of its own, so an interruption loses the one under way, and readers keep their snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from indexer.build import BuildReport, entry_of, with_vectors
from indexer.by_collection import segments_of, write_by_collection
from indexer.changes import Changes, commit_changes, digest
from indexer.corpus import Record
from indexer.dense.layout import Layout
from indexer.document import Document
from indexer.encoders import Vectors
from indexer.generation import current, writer_lock
from indexer.grounds import MERGED, require_sound
from indexer.index import Index
from indexer.manifest import SegmentEntry
from indexer.mix import SMALL, Mix
from indexer.progress import Progress
from indexer.restriction import Restriction
from indexer.writing import nothing_left_behind

FACTOR = 8
"""Segments of one tier that are merged, and how many times larger the segments of the next tier are."""
FLOOR = 1_000
"""Passages below which all segments lie on the lowest tier."""
LARGEST = 5_000_000
"""Live passages that no merge exceeds unless all is merged: what one process indexes in half an hour."""
HOLLOW = 0.2
"""Share of a segment's passages that may be deleted before it is rewritten."""


def merge(index: Path, everything: bool = False, mix: Mix = "small", layout: Layout | None = None) -> Changes:
    """Merge by the policy until it asks for nothing more; the deleted are left behind, vectors carried over.

    `everything` makes one segment of each collection and of those that share one, as `mix` says. Raises IndexOpenError or
    BuildError.
    """
    with writer_lock(index):
        changes = Changes(BuildReport(current(index), fresh=False))
        while True:
            with Index.open(index) as reader:
                entries = reader.manifest.segments
                group = _all_of_one(entries, mix) if everything else due(entries, mix)
                if not group:
                    return changes
                _merge(reader, group, mix, layout, changes)


def due(entries: Sequence[SegmentEntry], mix: Mix = "small") -> list[int]:
    """The places of the next segments to merge, by the policy; empty if there is nothing to do."""
    tiers: dict[tuple[frozenset[str], int], list[int]] = {}
    for place, entry in enumerate(entries):
        if entry.deleted_passages > HOLLOW * entry.passages:
            return [place]
        kin = frozenset() if _shares(entry, mix) else _collections(entry)
        tiers.setdefault((kin, _tier(entry)), []).append(place)
    for places in tiers.values():
        chosen = sorted(places, key=lambda place: _live(entries[place]))[:FACTOR]
        if len(chosen) == FACTOR and sum(_live(entries[place]) for place in chosen) <= LARGEST:
            return sorted(chosen)
    return []


def _all_of_one(entries: Sequence[SegmentEntry], mix: Mix) -> list[int]:
    """The segments to write anew next: those that hold a collection together, and those that share."""
    for first, entry in enumerate(entries):
        group, size = [first], 0
        while size != len(group):  # a segment of several collections ties theirs together
            size = len(group)
            names = frozenset[str]().union(*(_collections(entries[place]) for place in group))
            sharing = any(_shares(entries[place], mix) for place in group)
            group = [p for p, other in enumerate(entries) if names & _collections(other) or (sharing and _shares(other, mix))]
        if len(group) > 1 or entry.deleted or not _in_place(entry, mix):
            return group
    return []


def _shares(entry: SegmentEntry, mix: Mix) -> bool:
    """Whether other collections may come into this segment."""
    documents = entry.documents - entry.deleted_documents
    return mix == "all" or (mix == "small" and (len(entry.shares) > 1 or documents < SMALL))


def _in_place(entry: SegmentEntry, mix: Mix) -> bool:
    """Whether no collection in a segment, which has no other, should have one of its own."""
    return mix == "all" or len(entry.shares) < 2 or (mix == "small" and all(s.documents < SMALL for s in entry.shares))


def _merge(reader: Index, group: Sequence[int], mix: Mix, layout: Layout | None, changes: Changes) -> None:
    """Write the live documents of a group of segments again, and commit the outcome in their place."""
    before, index = reader.manifest, reader.path
    chosen = [before.segments[place] for place in group]
    require_sound(index, chosen, MERGED)
    folder = index / "segments" / f"{digest(before.checksum, str(group), mix)}-{before.number + 1}"
    with Progress("merging", "documents", sum(e.documents - e.deleted_documents for e in chosen)) as progress:
        if not folder.is_dir():  # else an interrupted merge finished it
            with nothing_left_behind(folder):
                records = _live_records(reader, group)
                write_by_collection(folder, records, mix, progress.advance, changes.report.set_aside, before.languages)
    changes.report.lexical_seconds += progress.seconds
    added = {s.collection: s.added for s in sorted((s for e in chosen for s in e.shares), key=lambda s: s.added)}
    merged = []
    for made in segments_of(folder):
        entry = entry_of(made, added)
        if before.encoder:
            names = tuple(share.collection for share in entry.shares)
            runs = [names] if mix == "all" else [(name,) for name in names]
            vectors = chain.from_iterable(_vectors(reader, group, run) for run in runs)
            entry = with_vectors(index, entry, before.encoder_fingerprint, vectors, before.dim, layout)
            entry = replace(entry, precision="+".join(sorted({part for e in chosen for part in e.precision.split("+")})))
        merged.append(entry)
    rest = [entry for place, entry in enumerate(before.segments) if place not in group]
    commit_changes(index, before, [*rest, *merged], None, changes)


def _live_records(reader: Index, group: Sequence[int]) -> Iterator[Record]:
    for place in group:
        segment = reader.segments[place]
        for number in range(segment.columns.documents):
            if segment.is_live(number):
                line = segment.store.line(number)
                yield Record(Document.from_json(line), line)


def _vectors(reader: Index, group: Sequence[int], collections: tuple[str, ...]) -> Iterator[Vectors]:
    """The vectors of these collections' live passages, in the order in which _live_records gives their documents."""
    for place in group:
        segment = reader.segments[place]
        selection = segment.selected(Restriction(collections=collections))
        assert segment.dense is not None
        assert selection is not None
        yield from segment.dense.blocks(selection.mask)


def _collections(entry: SegmentEntry) -> frozenset[str]:
    return frozenset(share.collection for share in entry.shares)


def _live(entry: SegmentEntry) -> int:
    return entry.passages - entry.deleted_passages


def _tier(entry: SegmentEntry) -> int:
    """0 up to FLOOR live passages, 1 up to FACTOR times as many, and so on."""
    return max(0, math.ceil(math.log(max(_live(entry), 1) / FLOOR, FACTOR)))
