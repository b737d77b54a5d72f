"""What did an update do, and how does it become the current generation?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.build import BuildReport, add_vectors
from indexer.encoders import Encoder
from indexer.errors import BuildError
from indexer.generation import commit, utc_now
from indexer.manifest import Manifest, SegmentEntry


@dataclass(slots=True)
class Changes:
    """What an update did."""

    report: BuildReport
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    again: int = 0
    """How many of the added ones had been deleted from the index, and are still in it as deleted."""
    absent: tuple[str, ...] = ()
    """What was named to be deleted and is not there."""


def commit_changes(
    index: Path, before: Manifest, entries: Sequence[SegmentEntry], encoder: Encoder | None, changes: Changes
) -> None:
    """Commit the segments `entries` as the generation after `before`; `encoder` makes the vectors that are missing."""
    if not entries:
        raise BuildError(f"nothing would be left in {index}; delete the directory instead")
    source = digest("updated", before.checksum, str(before.number))
    draft = replace(before, number=before.number + 1, created=utc_now(), source=source, segments=tuple(entries))
    changes.report.fresh = True
    changes.report.manifest = commit(index, add_vectors(index, draft, encoder, changes.report) if encoder else draft)


def digest(*parts: str) -> str:
    """Sixteen hexadecimal digits that name what was made from `parts`: the same again if an interrupted update is repeated."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
