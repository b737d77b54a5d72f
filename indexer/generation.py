"""Which segments make up the index now?

A generation is one manifest, ``generations/000001.json``: the segments, every file of theirs with size and SHA-256, analyzer and
encoder, and a checksum over itself. Committing one is a synced rename, so there is always a last complete generation, and that
is the one that opens. See README.md for the format.
"""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from indexer.analysis import ANALYZER
from indexer.durable import sync_directory, write_durably
from indexer.errors import BuildError, ChecksumError, ManifestError, NotAnIndex
from indexer.locks import exclusive
from indexer.segment import FileSum, sum_file

FORMAT = 1
"""Version of the layout on disk; a reader refuses a newer one."""
KEPT = 2
"""Generations left on disk after a commit: the new one, and the one that running readers may still open."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as a manifest names it."""

    name: str
    """Folder below ``segments/``."""
    documents: int
    passages: int
    vectors: str
    """Folder of the vectors in the segment; empty if there are none."""
    files: dict[str, FileSum]
    """Every file that this generation reads, relative to the segment's folder."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One committed generation."""

    number: int
    """From 1, one more with each commit."""
    created: str
    """UTC, ISO 8601, seconds."""
    source: str
    """Fingerprint of the corpora and settings it was built from; equal means nothing to do."""
    analyzer: str
    encoder: str
    """Name of the encoder of the vectors, empty if there are none."""
    encoder_fingerprint: str
    dim: int
    """Length of one vector; 0 if there are none."""
    segments: tuple[SegmentEntry, ...]
    checksum: str = ""
    """SHA-256 of the manifest without this field."""

    @property
    def snapshot(self) -> str:
        """Name of the generation that answers carry, ``number-checksum``."""
        return f"{self.number}-{self.checksum[:12]}"

    @property
    def documents(self) -> int:
        """Documents in all segments."""
        return sum(s.documents for s in self.segments)

    @property
    def passages(self) -> int:
        """Passages in all segments."""
        return sum(s.passages for s in self.segments)

    def to_json(self) -> bytes:
        """The manifest file's content, with its checksum computed."""
        record = self._record()
        return orjson.dumps({**record, "checksum": _checksum(record)}, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, content: bytes, path: Path) -> Manifest:
        """Inverse of to_json; raises ManifestError for anything torn, changed, of a newer format or of another analyzer."""
        remedy = "restore the file from a copy, or build the index again"
        try:
            record: dict[str, Any] = orjson.loads(content)
            if record["format"] > FORMAT:
                raise ManifestError(
                    f"{path} has index format {record['format']}, this release reads up to {FORMAT}; install a newer stepwell"
                )
            checksum = record.pop("checksum")
            if checksum != _checksum(record):
                raise ManifestError(f"{path} is damaged: its checksum does not match; {remedy}")
            del record["format"]
            segments = tuple(_segment_from_json(s) for s in record.pop("segments"))
            return cls(**record, segments=segments, checksum=checksum)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ManifestError(f"{path} is not a manifest ({error}); {remedy}") from None

    def _record(self) -> dict[str, Any]:
        names = ("number", "created", "source", "analyzer", "encoder", "encoder_fingerprint", "dim")
        segments = [
            {"name": s.name, "documents": s.documents, "passages": s.passages, "vectors": s.vectors,
             "files": {path: [f.bytes, f.sha256] for path, f in s.files.items()}}
            for s in self.segments
        ]  # fmt: skip
        return {"format": FORMAT, **{name: getattr(self, name) for name in names}, "segments": segments}


def _segment_from_json(record: dict[str, Any]) -> SegmentEntry:
    files = {path: FileSum(size, digest) for path, (size, digest) in record["files"].items()}
    return SegmentEntry(record["name"], record["documents"], record["passages"], record["vectors"], files)


def _checksum(record: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()


def manifest_paths(index: Path) -> list[Path]:
    """Manifests of an index, oldest first."""
    return sorted((index / "generations").glob("[0-9]*.json"))


def current(index: Path) -> Manifest:
    """The last committed generation. Raises NotAnIndex, or ManifestError if its manifest cannot be trusted."""
    paths = manifest_paths(index)
    if not paths:
        what = "does not exist" if not index.exists() else "holds no index"
        raise NotAnIndex(f"{index} {what}; build one with: stepwell indexer build CORPUS --index {index}")
    manifest = Manifest.from_json(paths[-1].read_bytes(), paths[-1])
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
    _sweep(index)
    return Manifest.from_json(path.read_bytes(), path)


def utc_now() -> str:
    """The time of a commit."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _sweep(index: Path) -> None:
    """Delete manifests older than the KEPT newest, then segments that none of those names. The caller holds the writer lock."""
    paths = manifest_paths(index)
    for old in paths[:-KEPT]:
        old.unlink()
    named: set[str] = set()
    for path in paths[-KEPT:]:
        try:
            named |= {s.name for s in Manifest.from_json(path.read_bytes(), path).segments}
        except ManifestError:
            return  # what a damaged manifest names is not known: leave everything where it is
    for folder in (index / "segments").iterdir():
        if folder.name not in named:
            shutil.rmtree(folder)
