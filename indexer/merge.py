"""How do several segments become one?

tantivy has no way to merge postings from Python: a merge indexes the documents of the store again and carries the vectors over.
Every merge is a commit of its own, so an interruption loses the one under way, and readers keep their snapshot. Which
segments are merged says tiers.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from indexer.build import BuildReport, entry_of, lay_out_anew, with_vectors
from indexer.by_collection import segments_of, write_by_collection
from indexer.changes import Changes, commit_changes, digest
from indexer.corpus import Record
from indexer.dense.layout import EXACT_UP_TO, Layout, choose_layout
from indexer.document import Document
from indexer.encoders import Vectors
from indexer.generation import current, writer_lock
from indexer.grounds import MERGED, require_sound
from indexer.index import Index
from indexer.manifest import SegmentEntry
from indexer.mix import Mix
from indexer.progress import Progress
from indexer.restriction import Restriction
from indexer.tiers import all_of_one, due
from indexer.writing import nothing_left_behind


def merge(index: Path, everything: bool = False, mix: Mix = "small", layout: Layout | None = None) -> Changes:
    """Merge by the policy until it asks for nothing more; the deleted are left behind, vectors carried over.

    `everything` makes one segment of each collection and of those that share one, as `mix` says, and lays all vectors out in
    `layout`. Without a `layout` what is merged keeps one that was asked for. Raises IndexOpenError or
    BuildError.
    """
    with writer_lock(index):
        changes = Changes(BuildReport(current(index), fresh=False))
        while True:
            with Index.open(index) as reader:
                entries = reader.manifest.segments
                group = all_of_one(entries, mix) if everything else due(entries, mix)
                if not group:
                    if everything and layout and reader.manifest.encoder:
                        anew = lay_out_anew(index, reader.manifest, layout)
                        changes.report.manifest, changes.report.fresh = anew.manifest, anew.fresh or changes.report.fresh
                    return changes
                _merge(reader, group, mix, layout, changes)


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
            entry = with_vectors(index, entry, before.encoder_fingerprint, vectors, before.dim, layout or _kept(chosen))
            entry = replace(entry, precision="+".join(sorted({part for e in chosen for part in e.precision.split("+")})))
        merged.append(entry)
    rest = [entry for place, entry in enumerate(before.segments) if place not in group]
    commit_changes(index, before, [*rest, *merged], None, changes)


def _kept(chosen: Sequence[SegmentEntry]) -> Layout | None:
    """The layout that was asked for of the largest of these segments; None where it has what its size gives it.

    A scan of few vectors says nothing: an update makes small segments, whatever was asked for before.
    """
    telling = [entry for entry in chosen if entry.layout != "exact" or entry.passages > EXACT_UP_TO]
    largest = max(telling, key=lambda entry: entry.passages, default=None)
    return largest.layout if largest and largest.layout != choose_layout(largest.passages) else None


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
