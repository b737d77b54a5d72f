"""Which segments make up the index now?

A generation is one manifest, ``generations/000001.json``. Committing one is a synced rename, so there is always a last complete
generation, and that is the one that opens.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.analysis import ANALYZER
from indexer.durable import sync_directory, write_durably
from indexer.errors import BuildError, ChecksumError, ManifestError, NotAnIndex
from indexer.locks import exclusive
from indexer.manifest import Manifest
from indexer.segment import FileSum, sum_file

KEPT = 2
"""Generations that a commit leaves on disk in any case: the new one, and the one that readers may be opening."""
HISTORY = 20
"""... and at most this many in all of those whose segments are all in the new one's history: they cost next to nothing."""


def manifest_paths(index: Path) -> list[Path]:
    """Manifests of an index, oldest first."""
    return sorted((index / "generations").glob("[0-9]*.json"))


def current(index: Path) -> Manifest:
    """The last committed generation. Raises NotAnIndex, or ManifestError if its manifest cannot be trusted."""
    paths = manifest_paths(index)
    if not paths:
        if index.is_file() or (index.is_dir() and any(index.iterdir())):
            raise NotAnIndex(f"{index} is no index; give the directory that `stepwell indexer build` made")
        what = "is empty" if index.exists() else "does not exist"
        raise NotAnIndex(f"{index} {what}; build an index with: stepwell indexer build CORPUS --index {index}")
    manifest = read_manifest(paths[-1])
    if manifest.analyzer != ANALYZER:
        raise ManifestError(
            f"{index} was analysed by {manifest.analyzer!r}, this release uses {ANALYZER!r}; run indexer build --force"
        )
    return manifest


def check_sizes(index: Path, manifest: Manifest) -> None:
    """The quick check of every opening: all files there, of the right size. Raises ManifestError naming the first that is not."""
    for path, expected in files_of(index, manifest):
        size = path.stat().st_size if path.is_file() else None
        if size != expected.bytes:
            found = "is missing" if size is None else f"has {size:,} bytes instead of {expected.bytes:,}"
            raise ManifestError(f"{path} {found}; build the index again with --force, or restore the file")


def verify(index: Path, manifest: Manifest) -> Iterator[tuple[Path, ChecksumError | None]]:
    """Read every file and compare its SHA-256; yields each path with what is wrong with it, or None."""
    for path, expected in files_of(index, manifest):
        if not path.is_file():
            yield path, ChecksumError(f"{path} is missing")
        elif (found := sum_file(path)) != expected:
            yield (
                path,
                ChecksumError(f"{path} is damaged: sha256 {found.sha256[:12]} instead of {expected.sha256[:12]}"),
            )
        else:
            yield path, None


def files_of(index: Path, manifest: Manifest) -> Iterator[tuple[Path, FileSum]]:
    """Every file of a generation with what it must be."""
    for segment in manifest.segments:
        for name, expected in segment.files.items():
            yield index / "segments" / segment.name / name, expected


@contextmanager
def writer_lock(index: Path) -> Iterator[None]:
    """Hold the index for writing; readers are not affected. Raises BuildError if another process holds it."""
    own = (".lock", "generations", "segments")
    foreign = sorted(p.name for p in index.iterdir() if p.name not in own) if index.is_dir() else []
    if foreign or (index.exists() and not index.is_dir()):
        what = f"holds other files ({', '.join(foreign[:3])}) and is no index" if foreign else "is a file"
        raise BuildError(f"{index} {what}; give an empty or new directory")
    index.mkdir(parents=True, exist_ok=True)
    with exclusive(index / ".lock", BuildError(f"{index} is being written by another process; wait for it to end")):
        yield


def commit(index: Path, manifest: Manifest) -> Manifest:
    """Make `manifest` the current generation; afterwards, and never before, it is what opens."""
    folder = index / "generations"
    folder.mkdir(exist_ok=True)
    sync_directory(index)
    path = folder / f"{manifest.number:06}.json"
    write_durably(path, manifest.to_json())
    collect(index)
    return read_manifest(path)


def utc_now() -> str:
    """The time of a commit."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def read_manifest(path: Path) -> Manifest:
    """One generation by its file."""
    return Manifest.from_json(path.read_bytes(), path)


def collect(index: Path, keep: int = HISTORY, least: int = KEPT) -> list[str]:
    """Delete what no kept generation needs; returns the names. The caller holds the writer lock.

    Kept are the `least` newest generations, and of the others up to `keep` in all that share a segment with the newest.
    """
    paths = manifest_paths(index)
    try:
        manifests = [(path, read_manifest(path)) for path in reversed(paths)]
    except ManifestError:
        return []  # what a damaged manifest names is not known: leave everything where it is
    newest = {s.name for s in manifests[0][1].segments}
    kept = [
        m for place, (_, m) in enumerate(manifests) if place < least or (place < keep and newest & {s.name for s in m.segments})
    ]
    gone = [path for path, manifest in manifests if manifest not in kept]
    named = {s.name for manifest in kept for s in manifest.segments}
    used = {index / "segments" / s.name / name.split("/")[0] for manifest in kept for s in manifest.segments for name in s.files}
    for path in gone:
        path.unlink()
    for folder in (index / "segments").iterdir():
        if folder.name not in named:
            gone.append(folder)
            shutil.rmtree(folder)
            continue
        for entry in folder.iterdir():  # vectors of another encoder, deletions of a generation that is gone
            if entry not in used and entry.name.startswith(("vectors-", "deleted-")):
                gone.append(entry)
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return [str(path.relative_to(index)) for path in gone]
