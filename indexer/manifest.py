"""What does a generation say of itself?

One JSON file: the segments, every file of theirs with size and SHA-256, analyzer and encoder, and a checksum over itself. See
README.md for the layout on disk.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from indexer.dense.layout import Layout
from indexer.errors import ManifestError, NewerFormat
from indexer.segment import FileSum

FORMAT = 3
"""Version of the layout on disk. A newer one is refused; an older one opens where its analyzer is still this release's, and is
refused with how to build it again where it is not."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one segment holds of one collection, the deleted left out."""

    collection: str
    documents: int
    passages: int
    terms: int
    """Terms of the passages together, repetitions counted: what BM25 takes the mean length from."""
    added: str
    """When its newest documents were indexed; UTC, ISO 8601, seconds."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as a manifest names it."""

    name: str
    """Folder below ``segments/``."""
    documents: int
    passages: int
    vectors: str
    """Folder of the vectors in the segment; empty if there are none."""
    deleted: str
    """File in the segment that marks deleted documents, (documents,) bool; empty if none was deleted."""
    deleted_documents: int
    deleted_passages: int
    files: dict[str, FileSum]
    """Every file that this generation reads, relative to the segment's folder."""
    layout: Layout = "exact"
    """What proposes candidates by vector."""
    precision: str = "float32"
    """What the encoder computed with; ``bfloat16+float32`` where a merge brought both together."""
    shares: tuple[Share, ...] = ()
    """What it holds of each collection: of one, unless it is shared. Not said in format 1."""


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
    languages: str = ""
    """How the languages of documents that say none are told (`languages.py`), by updates and merges too; empty: not at all."""
    checksum: str = ""
    """SHA-256 of the manifest without this field."""

    @property
    def snapshot(self) -> str:
        """Name of the generation that answers carry, ``number-checksum``."""
        return f"{self.number}-{self.checksum[:12]}"

    @property
    def documents(self) -> int:
        """Live documents in all segments."""
        return sum(s.documents - s.deleted_documents for s in self.segments)

    @property
    def passages(self) -> int:
        """Live passages in all segments."""
        return sum(s.passages - s.deleted_passages for s in self.segments)

    @property
    def collections(self) -> tuple[Share, ...]:
        """What all segments together hold of each collection, by name."""
        found: dict[str, Share] = {}
        for s in (share for entry in self.segments for share in entry.shares):
            k = found.get(s.collection, Share(s.collection, 0, 0, 0, ""))
            sums = k.documents + s.documents, k.passages + s.passages, k.terms + s.terms
            found[s.collection] = Share(s.collection, *sums, max(k.added, s.added))
        return tuple(found[name] for name in sorted(found))

    def to_json(self) -> bytes:
        """The manifest file's content, with its checksum computed."""
        record = self._record()
        return orjson.dumps({**record, "checksum": _checksum(record)}, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, content: bytes, path: Path) -> Manifest:
        """Inverse of to_json; raises ManifestError for anything torn, changed, of a newer format or of another analyzer."""
        remedy = "run: stepwell indexer repair, restore the file from a copy, or build the index again"
        try:
            record: dict[str, Any] = orjson.loads(content)
            if record["format"] > FORMAT:
                raise NewerFormat(
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
        segments = [{**asdict(s), "files": {path: [f.bytes, f.sha256] for path, f in s.files.items()}} for s in self.segments]
        told = {"languages": self.languages} if self.languages else {}
        return {"format": FORMAT, **{name: getattr(self, name) for name in names}, **told, "segments": segments}


def _segment_from_json(record: dict[str, Any]) -> SegmentEntry:
    files = {path: FileSum(size, digest) for path, (size, digest) in record["files"].items()}
    shares = tuple(Share(**share) for share in record.get("shares", ()))
    return SegmentEntry(**{**record, "files": files, "shares": shares})


def _checksum(record: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()
