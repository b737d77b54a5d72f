"""Which documents can still be read where a document store is damaged?

Every frame of records carries zstd's own checksum, so what unpacks is what was written. The tables beside them are only ways to
find a record: they are not needed here. Where a frame does not unpack, the table of frames, if that is sound, tells where the
next begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
import zstandard

from indexer.document import Document

READ = 1 << 20
"""Bytes read at once."""


def documents_in(folder: Path, documents: int, frames_sound: bool) -> Iterator[Document | None]:
    """The `documents` documents of the segment `folder` in order of their numbers, None for one that cannot be read.

    `frames_sound` says whether the table of frames is what was committed.
    """
    count = 0
    frames = _by_table(folder) if frames_sound else _by_walking(folder / "documents" / "records.zst")
    for size, lines in frames:
        documents_here = [_document(line) for line in lines] if lines is not None else [None] * size
        for document in documents_here[: documents - count]:
            count += 1
            yield document
    for _ in range(documents - count):  # behind the first frame that could not be walked over
        yield None


def _by_table(folder: Path) -> Iterator[tuple[int, list[bytes] | None]]:
    """Each frame's number of records, and the records where it unpacks."""
    firsts, starts = np.load(folder / "documents" / "frames.npy").astype(np.int64).tolist()
    path = folder / "documents" / "records.zst"
    if not path.is_file():
        yield firsts[-1], None
        return
    with path.open("rb", buffering=0) as file:  # a bad sector costs the frames in it, not those that would be read along
        for (first, after), (start, end) in zip(pairwise(firsts), pairwise(starts), strict=True):
            try:
                file.seek(start)
                lines = zstandard.ZstdDecompressor().decompress(file.read(end - start)).split(b"\n")
            except (zstandard.ZstdError, OSError):
                yield after - first, None
            else:
                yield after - first, lines if len(lines) == after - first else None


def _by_walking(path: Path) -> Iterator[tuple[int, list[bytes] | None]]:
    """The records frame by frame, as far as one ends where the next begins."""
    if not path.is_file():
        return
    with path.open("rb") as file, suppress(OSError):  # a bad sector: what comes after it begins nowhere that is known
        rest = file.read(READ)
        while rest:
            unpacker, lines = zstandard.ZstdDecompressor().decompressobj(), b""
            try:
                while not unpacker.eof and rest:
                    lines += unpacker.decompress(rest)
                    rest = unpacker.unused_data if unpacker.eof else file.read(READ)
            except zstandard.ZstdError:
                return
            if not unpacker.eof:
                return
            records = lines.split(b"\n")
            yield len(records), records
            rest = rest or file.read(READ)


def _document(line: bytes) -> Document | None:
    try:
        return Document.from_json(line)
    except (ValueError, TypeError):
        return None
