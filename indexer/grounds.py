"""Is what a writer builds on still what was committed?

A new file gets a new sum: what was damaged before would pass for sound afterwards, and the file that shows otherwise is deleted.
So every file that a new one is derived from is read against its sum first (1.3 GB a second of one core); a search does not
wait for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indexer.errors import ChecksumError
from indexer.generation import file_error
from indexer.manifest import SegmentEntry

KNOWN = ("documents/frames", "documents/keys", "documents/numbers", "documents/contents", "deleted-")
"""What tells which documents there are. Every frame of records is unpacked against a checksum of its own."""
FILTERED = ("columns", "strings")
"""What a filter is evaluated on."""
COUNTED = (*FILTERED, "passages", "forward/", "df-")
"""What a list of deletions is counted from, together with KNOWN."""
ENCODED = ("documents/", "passages")
"""What passages are cut out of."""
VECTORS = ("vectors-",)
MERGED = (*ENCODED, *FILTERED, *VECTORS, "deleted-")
"""What a segment is written again from."""


def require_sound(index: Path, entries: Iterable[SegmentEntry], names: tuple[str, ...]) -> None:
    """Read the files of these segments whose names begin so; raises ChecksumError for the first that is damaged."""
    for entry in entries:
        for name, expected in entry.files.items():
            if not name.startswith(names):
                continue
            if error := file_error(index / "segments" / entry.name / name, expected):
                raise ChecksumError(f"{error}; nothing was committed; run: stepwell indexer repair --index {index}")
