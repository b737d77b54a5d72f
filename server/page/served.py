"""What is served, and of what is it made?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.generation import is_held, manifest_paths, read_manifest
from indexer.manifest import Manifest, Share

if TYPE_CHECKING:
    from ranker.search import Searcher


@dataclass(frozen=True, slots=True)
class Choices:
    """What a search may be narrowed to."""

    documents: int
    collections: tuple[Share, ...]
    """By name."""
    profiles: Sequence[str]
    """Names that a query's profile may have."""


@dataclass(frozen=True, slots=True)
class SegmentView:
    """One segment of the snapshot."""

    name: str
    documents: int
    """Live ones."""
    deleted: int
    passages: int
    bytes: int
    """Of all its files that this snapshot reads."""
    vectors: bool
    layout: str
    precision: str
    collections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GenerationView:
    """One generation that the index keeps."""

    snapshot: str
    created: str
    documents: int
    passages: int
    segments: int
    served: bool
    held: bool


@dataclass(frozen=True, slots=True)
class IndexView:
    """The snapshot in force, and the others that are kept, newest first."""

    snapshot: str
    documents: int
    passages: int
    encoder: str
    """Empty where there are no vectors."""
    calibration: str
    authority_version: str
    analyzer: str
    coverage: tuple[str, ...]
    """What is degraded, or cannot be taken up from disk, in words that name no file."""
    collections: tuple[Share, ...]
    segments: tuple[SegmentView, ...]
    generations: tuple[GenerationView, ...]
    release: str


def choices(searcher: Searcher) -> Choices:
    """Collections and profiles there are to choose from."""
    pinned = searcher.pinned
    manifest = pinned.index.manifest
    return Choices(manifest.documents, manifest.collections, sorted(pinned.trusted.profiles))


def index_view(searcher: Searcher, release: str) -> IndexView:
    """The index as it is searched now; reads manifests, so not for the event loop."""
    pinned, status = searcher.pinned, searcher.status
    manifest = pinned.index.manifest
    return IndexView(
        status.snapshot,
        status.documents,
        status.passages,
        status.encoder,
        status.calibration,
        status.authority_version,
        manifest.analyzer,
        (*pinned.coverage, *(trouble.partition(": ")[0] for trouble in searcher.troubles)),
        manifest.collections,
        tuple(_segments(manifest)),
        tuple(_generations(searcher.path, status.snapshot)),
        release,
    )


def _segments(manifest: Manifest) -> list[SegmentView]:
    return [
        SegmentView(
            entry.name,
            entry.documents - entry.deleted_documents,
            entry.deleted_documents,
            entry.passages - entry.deleted_passages,
            sum(file.bytes for file in entry.files.values()),
            bool(entry.vectors),
            entry.layout,
            entry.precision,
            tuple(share.collection for share in entry.shares),
        )
        for entry in manifest.segments
    ]


def _generations(path: Path, served: str) -> list[GenerationView]:
    found = []
    for file in reversed(manifest_paths(path)):
        try:
            kept = read_manifest(file)
        except (IndexerError, OSError):  # removed since, or damaged: not one to go back to
            continue
        mine = kept.snapshot == served
        numbers = kept.documents, kept.passages, len(kept.segments)
        found.append(GenerationView(kept.snapshot, kept.created, *numbers, mine, is_held(file)))
    return found
