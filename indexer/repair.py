"""What of a damaged index can be made again, and what is lost?

Documents and lists of deletions are what an index is made from. All else, postings, forward index, columns, tables, vectors, is
derived from the documents: where the sums say that such a file is damaged, the segment is written again, its sound vectors
carried over. What cannot be made again is reported, and left out only if the caller says so. Damaged generations that somebody
holds are made again under their own number, where all of their documents can be read; earlier ones of nobody are put aside.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import ANALYZER
from indexer.audit import damaged_files
from indexer.build import BuildReport, add_vectors, entry_of, with_vectors
from indexer.changes import digest
from indexer.deletion import with_deletions
from indexer.dense.index import DenseIndex
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import ManifestError, NewerFormat, RepairError
from indexer.generation import (
    collect,
    commit,
    generations,
    is_held,
    manifest_path,
    manifest_paths,
    next_number,
    put_aside,
    readable,
    rewrite,
    utc_now,
    writer_lock,
)
from indexer.history import held
from indexer.manifest import Manifest, SegmentEntry
from indexer.progress import Progress
from indexer.restore import restore
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
    """Files that were not what was committed, of any generation, relative to the index."""
    made: int = 0
    """How many of them were made again."""
    lost: list[str] = field(default_factory=list)
    """What could not be made again, in words."""
    aside: list[str] = field(default_factory=list)
    """Manifests that are generations no more: they cannot be read, or name damaged files; relative to the index."""
    left: list[str] = field(default_factory=list)
    """Held generations that stay although files of theirs are damaged, and why, in words."""
    renewed: list[int] = field(default_factory=list)
    """Numbers of held generations that are whole again, with segments of their own."""
    restored: list[str] = field(default_factory=list)
    """Manifests and holds that were put back from their copies, and copies that were written again; relative to the index."""
    fresh: bool = False
    """Whether a generation was committed."""


def repair(index: Path, load_encoder: Callable[[str], Encoder], lossy: bool = False) -> Repairs:
    """Make the current generation whole again, as a new one; nothing is committed if nothing was damaged.

    `load_encoder` gives the encoder of a name, for vectors that are damaged; its EncoderError is passed on. Raises RepairError,
    and changes nothing, where documents, deletions, the newest generation or a held one are lost, unless the repair may be
    `lossy`: a manifest that cannot be trusted, as its copy, is put aside then, and the generation before it is repaired.
    """
    with writer_lock(index):
        restored = restore(index)
        before, untrusted = _trusted(index)
        manifests, broken = generations(index)
        untrusted += [
            manifest_path(index, number)
            for number, error in sorted(broken.items())
            if manifest_path(index, number) not in untrusted and not isinstance(error, NewerFormat)
        ]
        _, damages = damaged_files(index, [m for m in manifests if manifest_path(index, m.number) not in untrusted])
        damage = _by_segment(index, [found.path for found in damages if before.number in found.numbers])
        harmed = sorted({number for found in damages for number in found.numbers})
        aside = [*untrusted, *(manifest_path(index, number) for number in harmed if held(index, number) is None)]
        bad = [str(path.relative_to(index)) for path in (*untrusted, *sorted(d.path for d in damages))]
        found = Repairs(before, [*restored, *bad], restored=restored)
        found.made = sum(map(len, damage.values()))
        if not found.damaged:
            return found
        found.lost = [
            *(
                f"what generation {int(path.stem)} added and deleted, whose manifest {_fate(path)}"
                for path in sorted(untrusted)
                if int(path.stem) > before.number
            ),
            *(f"held generation {int(path.stem)}, whose manifest {_fate(path)}" for path in untrusted if is_held(path)),
            *(loss for entry in before.segments for loss in _losses(index, entry, damage.get(entry.name, frozenset()))),
        ]
        if found.lost and not lossy:
            more = f" (and {len(found.lost) - 1} more)" if len(found.lost) > 1 else ""
            raise RepairError(f"{found.lost[0]}{more}; {_WAY_OUT}")
        for manifest in [m for m in manifests if m.number in harmed and held(index, m.number) is not None]:
            _renew(index, manifest, [d.path for d in damages if manifest.number in d.numbers], load_encoder, found)
        if not damage and all(int(path.stem) < before.number for path in untrusted):
            put_aside(aside)
            collect(index)
            found.aside = _put(index, aside)
            return found
        number = next_number(index)
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
        found.manifest, found.fresh = commit(index, draft, aside), True
        found.aside = _put(index, aside)
        return found


def _fate(manifest: Path) -> str:
    return "cannot be read" if manifest.exists() else "is gone"


def _put(index: Path, aside: Sequence[Path]) -> list[str]:
    """Those of these manifests that have been put aside: neither missing before nor open."""
    return [str(path.relative_to(index)) for path in aside if path.with_suffix(".damaged").exists()]


def _renew(
    index: Path, manifest: Manifest, files: Sequence[Path], load_encoder: Callable[[str], Encoder], found: Repairs
) -> None:
    """Make a held generation whole under its own number, or say in `found` why it is left as it is."""
    damage = _by_segment(index, files)
    held_one = f"generation {manifest.number}, which is held"
    more = f" and {len(files) - 1} more files are" if len(files) > 1 else " is"
    release = f"let it go with: stepwell indexer release {manifest.number}"
    for entry in manifest.segments:
        for loss in _losses(index, entry, damage.get(entry.name, frozenset())):
            found.left.append(f"{held_one}: {files[0]}{more} damaged, and {loss}; {release}")
            return
    if manifest.analyzer != ANALYZER:
        found.left.append(f"{held_one}: {files[0]}{more} damaged, and another analyzer wrote it; {release}")
        return
    entries = tuple(
        _mend(index, manifest, entry, damage[entry.name], manifest.number, anew=True) if entry.name in damage else entry
        for entry in manifest.segments
    )
    draft = replace(manifest, segments=entries)
    if manifest.encoder and any(not entry.vectors for entry in entries):
        draft = add_vectors(index, draft, load_encoder(manifest.encoder), BuildReport(draft))
    if rewrite(index, draft):
        found.renewed.append(manifest.number)
    else:
        found.left.append(f"{held_one}: {files[0]}{more} damaged, and a reader has it open; close that and repair again")


_WAY_OUT = "build the index again from its corpora, or accept the loss with: stepwell indexer repair --lossy"


def _trusted(index: Path) -> tuple[Manifest, list[Path]]:
    """The newest generation whose manifest can be trusted, and the manifests after it, which cannot."""
    untrusted: list[Path] = []
    for path in reversed(manifest_paths(index)):
        try:
            return readable(index, path), untrusted
        except NewerFormat:
            raise
        except ManifestError:
            untrusted.append(path)
    raise RepairError(f"no manifest of {index} can be trusted; build it again from the corpora")


def _by_segment(index: Path, files: Sequence[Path]) -> dict[str, frozenset[str]]:
    """Files of segments, relative to their segment's folder, by its name."""
    found: dict[str, frozenset[str]] = {}
    for path in files:
        name, *rest = path.relative_to(index / "segments").parts
        found[name] = found.get(name, frozenset()) | {"/".join(rest)}
    return found


def _losses(index: Path, entry: SegmentEntry, bad: frozenset[str]) -> Iterator[str]:
    """What of a segment cannot be made again, in words."""
    if entry.deleted in bad:
        yield f"the list of {entry.deleted_documents:,} deleted documents of segment {entry.name} is damaged: they would be back"
    missing = sum(document is None for document in _documents(index, entry, bad)) if _STORE & bad else 0
    if missing:
        yield f"{missing:,} of {entry.documents:,} documents of segment {entry.name} cannot be read"


def _documents(index: Path, entry: SegmentEntry, bad: frozenset[str]) -> Iterator[Document | None]:
    return documents_in(index / "segments" / entry.name, entry.documents, FRAMES not in bad)


def _mend(
    index: Path, before: Manifest, entry: SegmentEntry, bad: frozenset[str], number: int, anew: bool = False
) -> SegmentEntry:
    """The segment without damage: what is derived is made again, except vectors, which the caller makes if the entry names none.

    Others may read the segment too: with `anew` all is made again, in a folder of its own.
    """
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
    if anew or any(not name.startswith(("vectors-", "deleted-", "df-")) for name in bad):
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
