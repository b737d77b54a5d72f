"""How are documents kept between a crawler and an index?

A corpus is a directory of shards, one JSON line a record, zstd-compressed: ``documents-00001.jsonl.zst`` for documents whose
id is new, ``changes-00002.jsonl.zst`` for those that replace or delete an earlier one, and ``rejects.jsonl`` with the reason for
every record that was set aside. Shards are written once and never changed: a commit writes a whole shard beside its place, syncs
it, and renames it, so a killed writer leaves no trace of what it had not committed. The newest version of an id is the one read.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import orjson
import zstandard

from indexer.corpus_ids import CorpusIds, key_of
from indexer.document import Document
from indexer.durable import sync_directory, write_durably
from indexer.errors import CorpusError
from indexer.locks import exclusive
from indexer.shards import MISSING, SetAside, lines_of, missing_shards, report, shard_paths

SHARD_DOCUMENTS = 20_000
"""A writer commits by itself after this many documents."""
SHARD_BYTES = 16 * 1024 * 1024
"""... or after this many bytes of JSON, which bounds a writer's memory."""
OWN_FILES = (".lock", "rejects.jsonl", "ids.sqlite", "ids.sqlite-journal", "harvest.json", "merge.json", "crawl", "warc")
"""What lies beside the shards: the table of ids, and what crawlers keep to go on where they were."""

BROKEN = "broken record"
"""Why a line is set aside that is no document."""
_ID_FIRST = b'{"id":"'
_ID_AT = len(_ID_FIRST)

Wanted = Callable[[bytes], bool]
"""Whether the document of this id is asked for; asked for an empty id, whether to report lines whose id cannot be told."""


@dataclass(slots=True)
class Counts:
    """What became of the records that one writer was given."""

    added: int = 0
    changed: int = 0
    """Known ids with new content."""
    unchanged: int = 0
    """Known ids with the same content; not written again."""
    deleted: int = 0
    """Known ids that their source has withdrawn."""
    set_aside: Counter[str] = field(default_factory=Counter)
    """Records that became no document, by reason."""

    @property
    def kept(self) -> int:
        """Records that are documents of the corpus now."""
        return self.added + self.changed + self.unchanged

    @property
    def read(self) -> int:
        """All records that came in."""
        return self.kept + self.deleted + self.set_aside.total()

    def summary(self) -> str:
        """One line for the end of a job."""
        line = (
            f"{self.read:,} read: {self.kept:,} kept ({self.added:,} new, {self.changed:,} changed, {self.unchanged:,} unchanged)"
        )
        gone = f", {self.deleted:,} deleted" if self.deleted else ""
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in self.set_aside.most_common())
        return f"{line}{gone}, {self.set_aside.total():,} set aside" + (f" ({reasons})" if reasons else "")


class CorpusWriter:
    """Appends documents to a corpus directory; one writer at a time. Raises CorpusError if it is not a corpus or is locked."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.counts = Counts()
        _refuse_other_directories(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = exclusive(
            self.path / ".lock", CorpusError(f"{self.path} is being written by another process; wait for it to end")
        )
        try:
            for leftover in self.path.glob("*.tmp"):  # of a writer that was killed
                leftover.unlink()
            self._ids = CorpusIds(self.path / "ids.sqlite", self._shards_for_ids())
        except BaseException:
            self._lock.close()
            raise
        self._lines: dict[str, list[bytes]] = {"documents": [], "changes": []}
        self._rejects: list[bytes] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Commit what was added, also when the block failed: each record stands on its own."""
        try:
            self.commit()
        finally:
            self._ids.close()
            self._lock.close()

    def add(self, document: Document, where: str = "") -> str:
        """Keep a document: ``added``, ``changed``, ``unchanged``, or ``set aside``.

        The last is said of a document whose id came before in this run with other content.
        """
        line = document.to_json()
        known = self._ids.note(document.id, line)
        if known == "twice":
            self.set_aside(where or document.id, "duplicate id", document.id)
            return "set aside"
        if known == "same":
            self.counts.unchanged += 1
            return "unchanged"
        self._append("documents" if known == "new" else "changes", line)
        if known == "new":
            self.counts.added += 1
            return "added"
        self.counts.changed += 1
        return "changed"

    def delete(self, doc_id: str) -> bool:
        """Record that a document's source has withdrawn it; False if the corpus does not have it."""
        if not self._ids.forget(doc_id):
            return False
        self._append("changes", orjson.dumps({"id": doc_id, "deleted": True}))
        self.counts.deleted += 1
        return True

    def set_aside(self, where: str, reason: str, excerpt: str = "") -> None:
        """Keep the reason why a record became no document; `where` is ``file:line`` or a URL."""
        self.counts.set_aside[reason] += 1
        record = {"where": _printable(where), "reason": reason, "excerpt": _printable(excerpt[:500]), "when": int(time.time())}
        self._rejects.append(orjson.dumps(record))
        self._bytes += len(excerpt[:500])

    def commit(self) -> None:
        """Make everything added so far durable; nothing is visible before, all of it after. Raises CorpusError if it cannot."""
        try:
            self._commit()
        except (OSError, sqlite3.Error) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise CorpusError(
                f"{self.path} could not be written ({why}); make room and run again, what was committed is kept"
            ) from error

    def _commit(self) -> None:
        if self._rejects:
            with (self.path / "rejects.jsonl").open("ab") as log:
                log.write(b"\n".join(self._rejects) + b"\n")
                log.flush()
                os.fsync(log.fileno())
            self._rejects.clear()
        written = [self._write(kind, lines) for kind, lines in self._lines.items() if lines]
        self._ids.commit(written)
        for lines in self._lines.values():
            lines.clear()
        self._bytes = 0
        sync_directory(self.path)

    def _write(self, kind: str, lines: list[bytes]) -> str:
        numbers = [int(shard.name.split("-")[1].split(".")[0]) for shard in shard_paths(self.path)]
        name = f"{kind}-{max(numbers, default=0) + 1:05}.jsonl.zst"
        packed = zstandard.ZstdCompressor(level=6, write_checksum=True).compress(b"\n".join(lines) + b"\n")
        write_durably(self.path / name, packed)
        return name

    def _append(self, kind: str, line: bytes) -> None:
        self._lines[kind].append(line)
        self._bytes += len(line)
        if self._bytes >= SHARD_BYTES or sum(map(len, self._lines.values())) >= SHARD_DOCUMENTS:
            self.commit()

    def _shards_for_ids(self) -> dict[str, Callable[[], Iterator[bytes]]]:
        """Every shard, with a way to read its lines for the table of ids."""
        return {shard.name: partial(_plain_lines, shard) for shard in shard_paths(self.path)}


class Record(NamedTuple):
    """A document, and how the corpus spells it."""

    document: Document
    line: bytes
    """Its JSON without the newline."""


def read_corpus(path: Path | str, set_aside: SetAside | None = None, salvage: bool = False) -> Iterator[Document]:
    """The newest version of every document: first those that were changed, newest first, then the rest as they came.

    Memory grows with the number of changed documents only. Lines that cannot be read go to `set_aside` and reading goes on;
    without it they raise CorpusError. So do shards that are damaged or missing, unless `salvage` is asked for.
    """
    return (record.document for record in read_records(path, set_aside, salvage))


def read_records(
    path: Path | str, set_aside: SetAside | None = None, salvage: bool = False, wanted: Wanted | None = None
) -> Iterator[Record]:
    """What read_corpus reads, with its lines; where somebody reads a share of the documents only, those whose id is `wanted`."""
    path = Path(path)
    if not path.is_dir():
        raise CorpusError(f"{path} is not a corpus directory; make one with `stepwell crawler`")
    seen: set[bytes] = set()
    shards = shard_paths(path)
    damage = set_aside if salvage else None
    for name in missing_shards(path):
        report(damage, str(path / name), MISSING, "it was committed and is not there any more")
    changes = [shard for shard in reversed(shards) if shard.name.startswith("changes-")]
    for shard in [*changes, *(shard for shard in shards if shard.name.startswith("documents-"))]:
        changed = shard in changes
        for document, line in _parsed(shard, set_aside, damage, wanted):
            if seen or changed:
                key = key_of(document if isinstance(document, str) else document.id)
                if key in seen:
                    continue
                if changed:
                    seen.add(key)
            if isinstance(document, Document):
                yield Record(document, line.rstrip(b"\n"))


def _parsed(
    shard: Path, set_aside: SetAside | None, damage: SetAside | None, wanted: Wanted | None
) -> Iterator[tuple[Document | str, bytes]]:
    """The wanted lines of a shard, each as a document or, of a deleted one, its id."""
    for number, line in lines_of(shard, damage):
        doc_id = _id_at_a_glance(line) if wanted else b""
        if wanted and doc_id and not wanted(doc_id):
            continue
        try:
            yield _document_or_deleted_id(line), line
        except (ValueError, TypeError) as error:
            if not wanted or wanted(doc_id):
                report(set_aside, f"{shard}:{number}", BROKEN, str(error))


def deleted_ids(path: Path) -> Iterator[str]:
    """Ids that the corpus had and has no more."""
    seen: set[str] = set()
    for shard in reversed(shard_paths(path)):
        if shard.name.startswith("changes-"):
            for _, line in lines_of(shard, None):
                record = _document_or_deleted_id(line)
                doc_id = record if isinstance(record, str) else record.id
                if doc_id not in seen and isinstance(record, str):
                    yield doc_id
                seen.add(doc_id)


def _plain_lines(shard: Path) -> Iterator[bytes]:
    return (line for _, line in lines_of(shard, None))


def _document_or_deleted_id(line: bytes) -> Document | str:
    if b'"deleted"' in line:
        record = orjson.loads(line)
        if isinstance(record, dict) and record.get("deleted") is True:
            return str(record["id"])
    return Document.from_json(line)


def _id_at_a_glance(line: bytes) -> bytes:
    """The id of a line as `to_json` spells it, without parsing the rest; empty where that takes a parser."""
    if not line.startswith(_ID_FIRST):
        return b""
    doc_id = line[_ID_AT : max(line.find(b'"', _ID_AT), 0)]
    return b"" if b"\\" in doc_id else doc_id


def _refuse_other_directories(path: Path) -> None:
    """A typing slip must not scatter shards over somebody's folder."""
    if path.exists() and not path.is_dir():
        raise CorpusError(f"{path} is a file; give a directory for the corpus")
    if not path.is_dir() or shard_paths(path):
        return
    own = (*OWN_FILES, *(entry.name for entry in path.glob("outlinks-*.jsonl.zst")))
    if any(entry.name not in own and entry.suffix != ".tmp" for entry in path.iterdir()):
        raise CorpusError(f"{path} holds other files and no corpus; give an empty or new directory")


def _printable(text: str) -> str:
    """Excerpts come from broken input: lone surrogates would stop the log that reports them."""
    return text.encode("utf-8", "replace").decode()
