"""Which documents are to go, and where is that written?

A deletion is a list beside the segment, never a change of it: which documents are gone, and the document frequencies of what is
left. Every retriever and every statistic respects it from the commit on.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.build import BuildReport
from indexer.changes import Changes, commit_changes
from indexer.durable import write_durably
from indexer.generation import writer_lock
from indexer.grounds import COUNTED, FILTERED, KNOWN, require_sound
from indexer.index import Index
from indexer.manifest import SegmentEntry
from indexer.restriction import Restriction, allowed
from indexer.segment import Segment, live_df, sum_file
from indexer.shares import shares_of


@dataclass(frozen=True, slots=True)
class Selected:
    """Documents that a deletion would take."""

    count: int
    ids: tuple[str, ...]
    """The first of them."""
    absent: tuple[str, ...]
    """What was named and is not there."""


def delete(index: Path, ids: Iterable[str] = (), restriction: Restriction | None = None) -> Changes:
    """Delete documents by id, and every document that `restriction` lets through. What is not there is no error.

    Raises ChecksumError where what tells which documents there are is damaged.
    """
    with writer_lock(index), Index.open(index) as reader:
        before = reader.manifest
        require_sound(index, before.segments, (*KNOWN, *(FILTERED if restriction else ())))
        changes = Changes(BuildReport(before, fresh=False))
        dead = Deletions(reader)
        changes.deleted, changes.absent = dead.mark_named(ids, restriction)
        if changes.deleted:
            commit_changes(index, before, dead.entries(index, before.number + 1), None, changes)
        return changes


def preview(index: Path, ids: Iterable[str] = (), restriction: Restriction | None = None, shown: int = 10) -> Selected:
    """What `delete` would take now; nothing is changed, and nobody is kept from writing."""
    with Index.open(index) as reader:
        dead = Deletions(reader)
        count, absent = dead.mark_named(ids, restriction)
        return Selected(count, dead.ids(shown), absent)


class Deletions:
    """Which documents of a snapshot are to go."""

    def __init__(self, reader: Index) -> None:
        self._reader = reader
        self._masks = [np.zeros(s.columns.documents, np.bool_) if s.live is None else ~s.live for s in reader.segments]
        self._touched: set[int] = set()

    def mark_named(self, ids: Iterable[str], restriction: Restriction | None) -> tuple[int, tuple[str, ...]]:
        """Delete by id and by restriction; how many there were, and which ids and collections are not in the snapshot."""
        named = list(dict.fromkeys(ids))
        absent = [doc_id for doc_id in named if self._reader.locate(doc_id) is None]
        count = sum(self.mark(doc_id) for doc_id in named)
        if restriction:
            held = {share.collection for entry in self._reader.manifest.segments for share in entry.shares}
            absent += [f"collection {name}" for name in restriction.collections if name not in held]
            count += self.mark_all(restriction)
        return count, tuple(absent)

    def mark(self, doc_id: str) -> bool:
        """Delete one document; False if it is not there or marked already."""
        found = self._reader.locate(doc_id)
        if found is None or self._masks[found[0]][found[1]]:
            return False
        self._masks[found[0]][found[1]] = True
        self._touched.add(found[0])
        return True

    def mark_all(self, restriction: Restriction) -> int:
        """Delete every document that the restriction lets through; returns how many."""
        count = 0
        for place, segment in enumerate(self._reader.segments):
            gone = allowed(segment.columns, restriction) & ~self._masks[place]
            if gone.any():
                self._masks[place] |= gone
                self._touched.add(place)
                count += int(gone.sum())
        return count

    def ids(self, first: int) -> tuple[str, ...]:
        """The ids of the first `first` documents that were marked."""
        found: list[str] = []
        for place in sorted(self._touched):
            segment = self._reader.segments[place]
            fresh = self._masks[place] if segment.live is None else self._masks[place] & segment.live
            found += segment.columns.ids(np.flatnonzero(fresh)[: first - len(found)])
        return tuple(found)

    def entries(self, index: Path, generation: int) -> list[SegmentEntry]:
        """The segments with their deletions written, those without a live document left out."""
        found = []
        for place, entry in enumerate(self._reader.manifest.segments):
            if place in self._touched:
                if self._masks[place].all():
                    continue
                require_sound(index, [entry], COUNTED)
                entry = with_deletions(index, entry, self._masks[place], self._reader.segments[place], generation)  # noqa: PLW2901
            found.append(entry)
        return found


def with_deletions(index: Path, entry: SegmentEntry, mask: NDArray[np.bool_], segment: Segment, generation: int) -> SegmentEntry:
    """Write which documents are gone, `mask` (documents,), as the list of `generation`; returns the entry that names it."""
    folder, name = index / "segments" / entry.name, f"deleted-{generation:06}.npy"
    passages = mask[segment.passages["document"]]
    _save(folder / name, mask)
    newly = passages if segment.live_passages is None else passages & segment.live_passages
    _save(folder / live_df(name), segment.forward.without(np.flatnonzero(newly)).df)
    old = {entry.deleted, live_df(entry.deleted)}
    files = {file: s for file, s in entry.files.items() if file not in old}
    files |= {made: sum_file(folder / made) for made in (name, live_df(name))}
    shares = shares_of(segment, ~mask, {s.collection: s.added for s in entry.shares})
    return replace(
        entry, deleted=name, files=files, deleted_documents=int(mask.sum()), deleted_passages=int(passages.sum()), shares=shares
    )


def _save(path: Path, values: NDArray[np.generic]) -> None:
    content = io.BytesIO()
    np.save(content, values)
    write_durably(path, content.getvalue())
