"""Which segments make up the index now?

A generation is one manifest, ``generations/000001.json``. Committing one is a synced rename, so there is always a last complete
generation, and that is the one that opens.
"""

from __future__ import annotations

import datetime
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.analysis import ANALYZER
from indexer.copies import SUFFIX, copy_of, delete_both, delete_copy, write_copy, write_twice
from indexer.durable import sync_directory, write_durably
from indexer.errors import BuildError, ChecksumError, ManifestError, NotAnIndex
from indexer.locks import Pin, exclusive, share, unshared
from indexer.manifest import Manifest
from indexer.segment import FileSum, sum_file

KEPT = 2
"""Generations that a commit leaves on disk in any case: the new one, and the one that readers may be opening."""
HISTORY = 20
"""... and at most this many in all of those whose segments are all in the new one's history: they cost next to nothing."""


NUMBER = 6
"""Digits of a generation's number in the names of its files."""


def manifest_paths(index: Path) -> list[Path]:
    """Manifests of an index, oldest first."""
    return _numbered(index, ".json")


def _numbered(index: Path, suffix: str) -> list[Path]:
    """Files of generations by their number; a copy that somebody put beside them under another name is none."""
    found = (index / "generations").glob(f"[0-9]*{suffix}")
    numbers = ((path, path.name.removesuffix(suffix)) for path in found)
    return sorted(path for path, number in numbers if number.isdecimal() and number == f"{int(number):0{NUMBER}}")


def manifest_path(index: Path, number: int) -> Path:
    """Where the manifest of a generation lies."""
    return index / "generations" / f"{number:0{NUMBER}}.json"


def hold_path(manifest: Path) -> Path:
    """Where it is written that a generation is held, and why."""
    return manifest.with_suffix(".hold")


def is_held(manifest: Path) -> bool:
    """Whether a generation is held, its hold lost or not."""
    hold = hold_path(manifest)
    return hold.exists() or copy_of(hold).exists()


def copied_files(index: Path) -> list[Path]:
    """Manifests and holds of which there is a copy, be they there themselves or not."""
    copies = (copy for suffix in (".json", ".hold") for copy in _numbered(index, suffix + SUFFIX))
    return [copy.with_name(copy.name.removesuffix(SUFFIX)) for copy in copies]


def missing_manifests(index: Path) -> dict[int, ManifestError]:
    """What is wrong with generations whose manifest has gone, by their numbers: those that are held or have a copy of it."""
    traces = [*_numbered(index, ".hold"), *map(copy_of, copied_files(index))]
    missing = {}
    for trace in traces:  # looked at in this order: a generation that is deleted loses its manifest last
        number = int(trace.name[:NUMBER])
        if not os.path.lexists(manifest_path(index, number)) and trace.exists():
            missing[number] = _missing(index, number)
    return missing


def next_number(index: Path) -> int:
    """The number of the next commit: above that of every generation that is known of."""
    return max([0, *(int(path.stem) for path in manifest_paths(index)), *missing_manifests(index)]) + 1


def current(index: Path) -> Manifest:
    """The last committed generation. Raises NotAnIndex, or ManifestError if its manifest cannot be trusted."""
    while True:
        newest = require_manifests(index)[-1]
        try:
            return readable(index, newest)
        except FileNotFoundError:  # newer ones were committed since, and it was deleted
            continue


def generations(index: Path) -> tuple[list[Manifest], dict[int, ManifestError]]:
    """Every generation on disk, oldest first, and, by their numbers, what is wrong with those that cannot be read.

    Raises NotAnIndex if there is none of either. What a writer deletes while this reads is not on disk.
    """
    while True:
        paths = _at_least_one(index)
        found: list[Manifest] = []
        broken = missing_manifests(index)
        for path in paths:
            try:
                found.append(read_manifest(path))
            except FileNotFoundError:
                continue
            except ManifestError as error:
                broken[int(path.stem)] = error
        if broken or (found and found[-1].number == int(paths[-1].stem)):
            return found, broken


def unread_manifest(index: Path) -> ManifestError | None:
    """Why nothing is deleted from this index any more, if that is so: what a damaged manifest names is not known."""
    return next(iter(generations(index)[1].values()), None)


def require_manifests(index: Path) -> list[Path]:
    """The manifests, oldest first, at least one; raises NotAnIndex, or ManifestError if the newest is missing."""
    paths, missing = _at_least_one(index), missing_manifests(index)
    newest = max([0, *missing])
    if newest > int(paths[-1].stem):
        raise missing[newest]
    return paths


def _at_least_one(index: Path) -> list[Path]:
    """The manifests, oldest first; raises NotAnIndex, with what the directory is instead, if there is none."""
    if paths := manifest_paths(index):
        return paths
    for error in missing_manifests(index).values():
        raise error
    if index.is_file() or (index.is_dir() and any(index.iterdir())):
        raise NotAnIndex(f"{index} is no index; give the directory that `stepwell indexer build` made")
    what = "is empty" if index.exists() else "does not exist"
    raise NotAnIndex(f"{index} {what}; build an index with: stepwell indexer build CORPUS --index {index}")


def _missing(index: Path, number: int) -> ManifestError:
    path = manifest_path(index, number)
    return ManifestError(f"{path} is missing; restore it, or run: stepwell indexer repair --index {index}")


def readable(index: Path, path: Path) -> Manifest:
    """The generation of this manifest; raises ManifestError if this release cannot search it."""
    return searchable(index, read_manifest(path))


def searchable(index: Path, manifest: Manifest) -> Manifest:
    """The same generation; raises ManifestError if this release cannot search it."""
    if manifest.analyzer != ANALYZER:
        raise ManifestError(
            f"{index} was analysed by {manifest.analyzer!r}, this release uses {ANALYZER!r}; run indexer build --force"
        )
    return manifest


def check_sizes(index: Path, manifest: Manifest) -> None:
    """The quick check of every opening: all files there, of the right size. Raises ManifestError naming the first that is not."""
    for segment in manifest.segments:
        folder = os.path.join(index, "segments", segment.name)  # noqa: PTH118 - of ten thousand files, Path is the most work
        for name, expected in segment.files.items():
            size = _size(f"{folder}/{name}")
            if size != expected.bytes:
                found = "is missing" if size is None else f"has {size:,} bytes instead of {expected.bytes:,}"
                way_out = f"run: stepwell indexer repair --index {index}, or build again with --force"
                raise ManifestError(f"{folder}/{name} {found}; {way_out}")


def _size(path: str) -> int | None:
    """Bytes of a regular file; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def verify(index: Path, manifest: Manifest) -> Iterator[tuple[Path, ChecksumError | None]]:
    """Read every file and compare its SHA-256; yields each path with what is wrong with it, or None."""
    for path, expected in files_of(index, manifest):
        yield path, file_error(path, expected)


def file_error(path: Path, expected: FileSum) -> ChecksumError | None:
    """What is wrong with one file, all of it read; None if it is what was committed."""
    try:
        found = sum_file(path)
    except FileNotFoundError:
        return ChecksumError(f"{path} is missing")
    except OSError as error:
        return ChecksumError(f"{path} cannot be read ({error.strerror})")
    if found != expected:
        return ChecksumError(f"{path} is damaged: sha256 {found.sha256[:12]} instead of {expected.sha256[:12]}")
    return None


def files_of(index: Path, manifest: Manifest) -> Iterator[tuple[Path, FileSum]]:
    """Every file of a generation with what it must be."""
    for segment in manifest.segments:
        for name, expected in segment.files.items():
            yield index / "segments" / segment.name / name, expected


@contextmanager
def writer_lock(index: Path, new: bool = False) -> Iterator[None]:
    """Hold the index for writing; readers are not affected. Raises BuildError if another process holds it.

    Where there is no index it raises NotAnIndex and creates nothing, unless it may be a `new` one.
    """
    own = (".lock", "generations", "segments", "lost+found")
    foreign: list[str] = []
    if index.is_dir() and not (manifest_paths(index) or missing_manifests(index)):  # beside an index they are let be
        foreign = sorted(p.name for p in index.iterdir() if p.name not in own)
    if foreign or (index.exists() and not index.is_dir()):
        what = f"holds other files ({', '.join(foreign[:3])}) and is no index" if foreign else "is a file"
        raise BuildError(f"{index} {what}; give an empty or new directory")
    if not new and not (index / "generations").is_dir():
        require_manifests(index)
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = exclusive(index / ".lock", BuildError(f"{index} is being written by another process; wait for it to end"))
    except OSError as error:
        raise BuildError(
            f"{index} may not be written ({error.strerror}); give another directory, or the right to write"
        ) from None
    with lock:
        yield


def commit(index: Path, manifest: Manifest, aside: Sequence[Path] = ()) -> Manifest:
    """Make `manifest` the current generation; afterwards, and never before, it is what opens.

    `aside` are manifests in whose place it comes: they are put aside once it is on disk.
    """
    folder = index / "generations"
    folder.mkdir(exist_ok=True)
    sync_directory(index)
    path = manifest_path(index, manifest.number)
    delete_copy(path)
    write_durably(path, manifest.to_json())
    _copy(path)
    put_aside(aside)
    collect(index)
    return read_manifest(path)


def put_aside(manifests: Sequence[Path]) -> None:
    """Rename manifests that are of no use so that they are generations no more, but for those that a reader has open."""
    for path in manifests:
        if not path.exists() or _is_unpinned(path):
            delete_both(hold_path(path))  # before: held without a manifest is a loss
            delete_copy(path)
            if os.path.lexists(path):
                path.rename(path.with_suffix(".damaged"))
            sync_directory(path.parent)


def rewrite(index: Path, manifest: Manifest) -> bool:
    """Let a generation name other files of the same documents; False where a reader has it open, whose pin would be void."""
    path = manifest_path(index, manifest.number)
    if not _is_unpinned(path):
        return False
    write_twice(path, manifest.to_json())
    return True


def _copy(manifest: Path) -> None:
    with suppress(OSError):  # on a full disk the commit stands: another one writes the copy
        write_copy(manifest)


def utc_now() -> str:
    """The time of a commit."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def read_manifest(path: Path) -> Manifest:
    """One generation by its file. Raises FileNotFoundError if it is gone, ManifestError if it cannot be read or trusted."""
    try:
        content = path.read_bytes()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            raise
        way_out = "restore the right to read it, or run: stepwell indexer repair"
        raise ManifestError(f"{path} cannot be read ({error.strerror}); {way_out}") from None
    manifest = Manifest.from_json(content, path)
    if manifest.number != int(path.stem):
        raise ManifestError(f"{path} is of generation {manifest.number}; move it away, or run: stepwell indexer repair")
    return manifest


def pinned(index: Path, wanted: Callable[[Path], Manifest], lost: bool = False) -> tuple[Manifest, Pin]:
    """The manifest that `wanted` finds, held so that nothing it names is deleted until the pin is let go or its process ends.

    A generation that a writer removes between the look and the hold is looked for again. One whose manifest may be `lost`,
    since `wanted` knows it from elsewhere, is read without a hold then: what is open stays readable.
    """
    while True:
        manifest = wanted(index)
        path = manifest_path(index, manifest.number)
        try:
            pin = share(path)
        except FileNotFoundError:
            if lost:
                return manifest, Pin(-1)
            continue
        if lost or path.exists():
            return manifest, pin
        pin.close()


def collect(index: Path, keep: int = HISTORY, least: int = KEPT) -> list[str]:
    """Delete what no kept generation needs; returns the names. The caller holds the writer lock.

    Kept are the `least` newest generations; of the others up to `keep` in all that share a segment with the newest; and, however
    old, those that a reader has open and those that are held by name.
    """
    paths = manifest_paths(index)
    try:
        manifests = [(path, read_manifest(path)) for path in reversed(paths)]
    except ManifestError:
        return []  # what a damaged manifest names is not known: leave everything where it is
    if missing_manifests(index):
        return []
    newest = {s.name for s in manifests[0][1].segments}
    kept, gone = [], []
    for place, (path, manifest) in enumerate(manifests):
        recent = place < least or (place < keep and newest & {s.name for s in manifest.segments})
        if recent or is_held(path) or not _unlink_unless_pinned(path):
            kept.append(manifest)
            if not copy_of(path).exists():
                _copy(path)
        else:
            gone.append(path)
    return [str(path.relative_to(index)) for path in (*gone, *_unnamed(index, kept))]


def _is_unpinned(path: Path) -> bool:
    with unshared(path) as free:
        return free


def _unlink_unless_pinned(path: Path) -> bool:
    """Remove a manifest that no reader holds; False if one does."""
    with unshared(path) as free:
        if free:
            delete_both(path)
    return free


def _unnamed(index: Path, kept: Sequence[Manifest]) -> Iterator[Path]:
    """Delete and yield what lies in the segments' folder and no kept generation names."""
    named = {s.name for manifest in kept for s in manifest.segments}
    used = {index / "segments" / s.name / name.split("/")[0] for manifest in kept for s in manifest.segments for name in s.files}
    for folder in (index / "segments").iterdir():
        if folder.name not in named:
            _delete(folder)
            yield folder
            continue
        for entry in folder.iterdir():  # vectors of another encoder, deletions of a generation that is gone
            if entry not in used and entry.name.startswith(("vectors-", "deleted-", "df-")):
                _delete(entry)
                yield entry


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
