"""What of a damaged index can be made again, and what is lost?

Documents and lists of deletions are what an index is made from. All else, postings, forward index, columns, tables, vectors, is
derived from the documents: where the sums say that such a file is damaged, the segment is written again, its sound vectors
carried over. What cannot be made again is reported, and left out only if the caller says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.build import BuildReport, add_vectors, entry_of, with_vectors
from indexer.changes import digest
from indexer.deletion import with_deletions
from indexer.dense.index import DenseIndex
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import ManifestError, NewerFormat, RepairError
from indexer.generation import commit, file_error, latest, manifest_path, manifest_paths, readable, utc_now, writer_lock
from indexer.manifest import Manifest, SegmentEntry
from indexer.progress import Progress
from indexer.salvage import documents_in
from indexer.segment import Segment, live_df
from indexer.segment_writer import SegmentWriter
from indexer.writing import nothing_left_behind

FRAMES = "documents/frames.npy"
_STORE = {"documents/records.zst", FRAMES}
"""The files that hold the documents themselves."""


@dataclass(slots=True)
class Repairs:
    """What a repair found and did."""

    manifest: Manifest
    """The generation that is current now."""
    damaged: list[str] = field(default_factory=list)
    """Files that were not what was committed, relative to the index."""
    lost: list[str] = field(default_factory=list)
    """What could not be made again, in words."""
    fresh: bool = False
    """Whether a generation was committed."""


def repair(index: Path, load_encoder: Callable[[str], Encoder], lossy: bool = False) -> Repairs:
    """Make the current generation whole again, as a new one; nothing is committed if nothing was damaged.

    `load_encoder` gives the encoder of a name, for vectors that are damaged; its EncoderError is passed on. Raises RepairError,
    and changes nothing, where documents or deletions are lost, unless the repair may be `lossy`. A manifest that cannot be
    trusted is put aside, and the generation before it is repaired.
    """
    with writer_lock(index):
        before, untrusted = _trusted(index)
        damage = {entry.name: bad for entry in before.segments if (bad := frozenset(_damaged(index, entry)))}
        names = [f"segments/{name}/{file}" for name, bad in damage.items() for file in sorted(bad)]
        found = Repairs(before, [*(str(path.relative_to(index)) for path in untrusted), *names])
        if not found.damaged:
            return found
        found.lost = [loss for entry in before.segments for loss in _losses(index, entry, damage.get(entry.name, frozenset()))]
        if found.lost and not lossy:
            more = f" (and {len(found.lost) - 1} more)" if len(found.lost) > 1 else ""
            raise RepairError(f"{found.lost[0]}{more}; {_WAY_OUT}")
        number = max(latest(index), int(manifest_paths(index)[-1].stem)) + 1
        entries = [
            _mend(index, before, entry, damage[entry.name], number) if entry.name in damage else entry
            for entry in before.segments
        ]
        entries = [entry for entry in entries if entry.documents > entry.deleted_documents]
        if not entries:
            raise RepairError(f"no document of {index} can be read; build it again from the corpora")
        draft = replace(before, number=number, created=utc_now(), segments=tuple(entries))
        if before.encoder and any(not entry.vectors for entry in entries):
            draft = add_vectors(index, draft, load_encoder(before.encoder), BuildReport(draft))
        for path in untrusted:
            if path.exists():
                path.rename(path.with_suffix(".damaged"))
        found.manifest, found.fresh = commit(index, draft), True
        return found


_WAY_OUT = "build the index again from its corpora, or accept the loss with: stepwell indexer repair --lossy"


def _trusted(index: Path) -> tuple[Manifest, list[Path]]:
    """The newest generation whose manifest can be trusted, and the manifests after it, which cannot."""
    newest = manifest_path(index, latest(index))
    untrusted = [newest] if latest(index) and not newest.exists() else []
    paths = manifest_paths(index)
    for path in reversed(paths):
        try:
            return readable(index, path), untrusted
        except NewerFormat:
            raise
        except ManifestError:
            untrusted.append(path)
    raise RepairError(f"no manifest of {index} can be trusted; build it again from the corpora")


def _damaged(index: Path, entry: SegmentEntry) -> Iterator[str]:
    with Progress("verifying", "files", len(entry.files)) as progress:
        for name, expected in entry.files.items():
            if file_error(index / "segments" / entry.name / name, expected):
                yield name
            progress.advance()


def _losses(index: Path, entry: SegmentEntry, bad: frozenset[str]) -> Iterator[str]:
    """What of a segment cannot be made again, in words."""
    if entry.deleted in bad:
        yield f"the list of {entry.deleted_documents:,} deleted documents of segment {entry.name} is damaged: they would be back"
    missing = sum(document is None for document in _documents(index, entry, bad)) if _STORE & bad else 0
    if missing:
        yield f"{missing:,} of {entry.documents:,} documents of segment {entry.name} cannot be read"


def _documents(index: Path, entry: SegmentEntry, bad: frozenset[str]) -> Iterator[Document | None]:
    return documents_in(index / "segments" / entry.name, entry.documents, FRAMES not in bad)


def _mend(index: Path, before: Manifest, entry: SegmentEntry, bad: frozenset[str], number: int) -> SegmentEntry:
    """The segment without damage: what is derived is made again, except vectors, which the caller makes if the entry names
    none."""
    folder = index / "segments" / entry.name
    vectors_bad = any(name.startswith("vectors-") for name in bad)
    gone = np.zeros(entry.documents, np.bool_) if not entry.deleted or entry.deleted in bad else np.load(folder / entry.deleted)
    kept = np.ones(entry.documents, np.bool_)
    fresh = replace(
        entry,
        deleted="",
        deleted_documents=0,
        deleted_passages=0,
        files={n: s for n, s in entry.files.items() if n not in _lists(entry)},
    )
    if any(not name.startswith(("vectors-", "deleted-", "df-")) for name in bad):
        fresh, kept = _write_again(index, before, entry, bad, number)
        if entry.vectors and not vectors_bad and kept.all() and fresh.passages == entry.passages:
            dense = DenseIndex.open(folder / entry.vectors, entry.layout)
            fresh = with_vectors(index, fresh, before.encoder_fingerprint, dense.blocks(), before.dim, entry.layout)
    elif vectors_bad:
        files = {name: s for name, s in fresh.files.items() if not name.startswith("vectors-")}
        fresh = replace(fresh, vectors="", files=files)
    gone = gone[kept]
    if not gone.any():
        return fresh
    with closing(Segment.open(index / "segments" / fresh.name)) as segment:
        return with_deletions(index, fresh, gone, segment, number)


def _write_again(
    index: Path, before: Manifest, entry: SegmentEntry, bad: frozenset[str], number: int
) -> tuple[SegmentEntry, NDArray[np.bool_]]:
    """A new segment of the documents that can be read, and which of the old ones those are, (documents,) bool."""
    folder = index / "segments" / f"{digest('repair', before.checksum, entry.name)}-{number}"
    shutil.rmtree(folder, ignore_errors=True)  # of a repair that was interrupted
    kept = np.zeros(entry.documents, np.bool_)
    with nothing_left_behind(folder), Progress("indexing", "documents", entry.documents) as progress:
        writer = SegmentWriter(folder, before.languages)
        for place, document in enumerate(_documents(index, entry, bad)):
            kept[place] = document is not None and writer.add(document)
            progress.advance()
        writer.finish()
    return entry_of(folder, {share.collection: share.added for share in entry.shares}), kept


def _lists(entry: SegmentEntry) -> set[str]:
    return {entry.deleted, live_df(entry.deleted)}
