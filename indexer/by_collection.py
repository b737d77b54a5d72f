"""How are documents of several collections put into segments?

The first collection that comes is written at once; documents of others wait in spools on disk, one a collection, until it is
known how many they are, and are written one collection after the other, so that memory holds two segments at most, however many
collections there are. Which collections share a segment, mix.py says.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.corpus import Record
from indexer.document import Document
from indexer.mix import SMALL, Mix
from indexer.segment_writer import SegmentWriter

SPOOLED = 1 << 20
"""Bytes of a collection's documents that wait in memory before they go to its spool; a spool is open only while it is written."""


def write_by_collection(
    folder: Path,
    records: Iterable[Record],
    mix: Mix,
    on_document: Callable[[], None],
    set_aside: Counter[str],
    languages: str = "",
) -> int:
    """Write the segment `folder`, and ``folder-0002`` and so on for further collections; returns how many documents were taken.

    The segment `folder` comes last: if it is there, all are. Unless all are mixed, documents of one collection are neighbours, in
    the order in which they came, and collections lie in the order of the segment's table of names. A document whose id was taken
    before is set aside. `languages` is as in SegmentWriter. No document, no segment.
    """
    for stale in further_segments(folder):  # of a writer that was killed
        shutil.rmtree(stale)
    source = iter(records)
    first = next(source, None)
    if first is None:
        return 0
    taken = 0
    own = SegmentWriter(folder, languages)
    seen: set[bytes] = set()
    with TemporaryDirectory(prefix=f"{folder.name}-", suffix=".tmp", dir=folder.parent) as beside:
        spools: dict[str, _Spool] = {}
        for record in _chained(first, source):
            document, line = record
            name = document.id.encode()
            if name in seen:
                set_aside["id already indexed"] += 1
                continue
            seen.add(name)
            taken += 1
            if mix == "all" or document.collection == first.document.collection:
                own.add(document, line)
                on_document()
            else:
                spools.setdefault(document.collection, _Spool(Path(beside, f"{len(spools)}.jsonl"))).add(line)
        small = [spool for spool in spools.values() if mix == "small" and spool.documents < SMALL]
        groups = [[spool] for spool in spools.values() if spool not in small]
        with_first = own.documents < SMALL
        if small and not with_first:
            groups.append(small)
        for number, group in enumerate(groups, start=2):
            writer = SegmentWriter(folder.with_name(f"{folder.name}-{number:04}"), languages)
            _unspool(group, writer, on_document)
            writer.finish()
        if with_first:
            _unspool(small, own, on_document)
    own.finish()
    return taken


def _unspool(spools: Iterable[_Spool], writer: SegmentWriter, on_document: Callable[[], None]) -> None:
    for spool in spools:
        for document, line in spool.read():
            writer.add(document, line)
            on_document()


def further_segments(folder: Path) -> list[Path]:
    """The segments that were written beside `folder` for further collections, in order."""
    return sorted(p for p in folder.parent.glob(f"{folder.name}-[0-9]*") if p.suffix != ".tmp")


def segments_of(folder: Path) -> list[Path]:
    """All segments that one call of write_by_collection made; none if there was no document or it did not end."""
    return [folder, *further_segments(folder)] if folder.is_dir() else []


class _Spool:
    """Documents of one collection, waiting on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[bytes] = []
        self._bytes = 0
        self.documents = 0
        """How many were added."""

    def add(self, line: bytes) -> None:
        self.documents += 1
        self._lines.append(line)
        self._bytes += len(self._lines[-1])
        if self._bytes >= SPOOLED:
            self._flush()

    def read(self) -> Iterator[Record]:
        self._flush()
        with self._path.open("rb") as file:
            for line in file:
                yield Record(Document.from_json(line), line.rstrip(b"\n"))
        self._path.unlink()

    def _flush(self) -> None:
        with self._path.open("ab") as file:
            file.writelines(line + b"\n" for line in self._lines)
        self._lines, self._bytes = [], 0


def _chained(first: Record, rest: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rest
