"""How are documents kept between a crawler and an index?

A corpus is a directory of shards ``documents-00001.jsonl.zst``, one Document a line, and ``rejects.jsonl``, one line for every
record that was set aside, with the reason. Shards are written once and never changed: a commit writes a whole shard beside its
place, syncs it, and renames it, so a killed writer leaves no trace of what it had not committed. A document that comes again
with other content is appended; the newest version of an id is the one that is read.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson
import zstandard

from indexer.document import Document
from indexer.durable import sync_directory, write_durably
from indexer.errors import CorpusError

MAX_LINE = 256 * 1024 * 1024
"""Bytes in one line of a shard; a longer one ends the reading of its shard with a reason."""
SHARD_DOCUMENTS = 20_000
"""A writer commits by itself after this many documents."""
SHARD_BYTES = 16 * 1024 * 1024
"""... or after this many bytes of JSON, which bounds a writer's memory."""

SetAside = Callable[[str, str, str], None]
"""Called as ``(where, reason, excerpt)`` for every record that cannot be used."""


@dataclass(slots=True)
class Counts:
    """What became of the records that one writer was given."""

    added: int = 0
    changed: int = 0
    """Known ids with new content."""
    unchanged: int = 0
    """Known ids with the same content; not written again."""
    set_aside: Counter[str] = field(default_factory=Counter)
    """Records that became no document, by reason."""

    @property
    def read(self) -> int:
        """All records that came in."""
        return self.added + self.changed + self.unchanged + self.set_aside.total()

    def summary(self) -> str:
        """One line for the end of a job."""
        kept = self.added + self.changed + self.unchanged
        line = f"{self.read:,} read: {kept:,} kept ({self.added:,} new, {self.changed:,} changed, {self.unchanged:,} unchanged)"
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in self.set_aside.most_common())
        return f"{line}, {self.set_aside.total():,} set aside" + (f" ({reasons})" if reasons else "")


class CorpusWriter:
    """Appends documents to a corpus directory; one writer at a time. Raises CorpusError if it is not a corpus or is locked."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.counts = Counts()
        _refuse_other_directories(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise CorpusError(f"{self.path} is being written by another process; wait for it to end") from None
        for leftover in self.path.glob("*.tmp"):  # of a writer that was killed
            leftover.unlink()
        self._known = {_key(d.id): _digest(d) for d in read_corpus(self.path)}
        self._this_run: set[bytes] = set()
        self._lines: list[bytes] = []
        self._rejects: list[bytes] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Commit what was added, also when the block failed: each record stands on its own."""
        try:
            self.commit()
        finally:
            self._lock.close()

    def add(self, document: Document, where: str = "") -> str:
        """Keep a document: ``added``, ``changed``, ``unchanged``, or ``set aside``.

        The last is said of a document whose id came before in this run with other content.
        """
        key, digest = _key(document.id), _digest(document)
        before = self._known.get(key)
        if before == digest:
            self.counts.unchanged += 1
            self._this_run.add(key)
            return "unchanged"
        if key in self._this_run:
            self.set_aside(where or document.id, "duplicate id", document.id)
            return "set aside"
        self._known[key] = digest
        self._this_run.add(key)
        self._append(document)
        if before is None:
            self.counts.added += 1
            return "added"
        self.counts.changed += 1
        return "changed"

    def set_aside(self, where: str, reason: str, excerpt: str = "") -> None:
        """Keep the reason why a record became no document; `where` is ``file:line`` or a URL."""
        self.counts.set_aside[reason] += 1
        record = {"where": _printable(where), "reason": reason, "excerpt": _printable(excerpt[:500]), "when": int(time.time())}
        self._rejects.append(orjson.dumps(record))

    def commit(self) -> None:
        """Make everything added so far durable; nothing of it is visible before, all of it after."""
        if self._rejects:
            with (self.path / "rejects.jsonl").open("ab") as log:
                log.write(b"\n".join(self._rejects) + b"\n")
                log.flush()
                os.fsync(log.fileno())
            self._rejects.clear()
        if self._lines:
            shards = shard_paths(self.path)
            number = int(shards[-1].name.split("-")[1].split(".")[0]) + 1 if shards else 1
            packed = zstandard.ZstdCompressor(level=6, write_checksum=True).compress(b"\n".join(self._lines) + b"\n")
            write_durably(self.path / f"documents-{number:05}.jsonl.zst", packed)
            self._lines.clear()
            self._bytes = 0
        sync_directory(self.path)

    def _append(self, document: Document) -> None:
        line = document.to_json()
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= SHARD_DOCUMENTS or self._bytes >= SHARD_BYTES:
            self.commit()


def read_corpus(path: Path | str, set_aside: SetAside | None = None) -> Iterator[Document]:
    """The newest version of every document, newest shard first.

    Lines and shards that cannot be read go to `set_aside` and reading goes on; without it they raise CorpusError.
    """
    path = Path(path)
    if not path.is_dir():
        raise CorpusError(f"{path} is not a corpus directory; make one with `stepwell crawler`")
    seen: set[bytes] = set()
    for shard in reversed(shard_paths(path)):
        for number, line in _lines(shard, set_aside):
            try:
                document = Document.from_json(line)
            except (ValueError, TypeError) as error:
                _report(set_aside, f"{shard}:{number}", "broken record", str(error))
                continue
            key = _key(document.id)
            if key not in seen:
                seen.add(key)
                yield document


def shard_paths(path: Path) -> list[Path]:
    """The shards of a corpus, oldest first."""
    return sorted(path.glob("documents-*.jsonl.zst"))


def corpus_fingerprint(paths: list[Path]) -> str:
    """Hash over names and sizes and times of all shards: the same corpora give the same fingerprint, cheaply."""
    state = [(str(s.resolve()), s.stat().st_size, s.stat().st_mtime_ns) for p in paths for s in shard_paths(p)]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()


def _lines(shard: Path, set_aside: SetAside | None) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; a shard cut short or damaged ends with a reason (the frame header says how many bytes there should be)."""
    number = position = 0
    try:
        with shard.open("rb") as packed:
            promised = zstandard.frame_content_size(packed.read(18))
            packed.seek(0)
            reader = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(packed, read_size=1 << 20), 1 << 20)
            while line := reader.readline(MAX_LINE):
                if not line.endswith(b"\n"):
                    break
                number += 1
                position += len(line)
                yield number, line
    except (zstandard.ZstdError, OSError) as error:
        _report(set_aside, f"{shard}:{number + 1}", "damaged shard", str(error))
        return
    if position != promised:
        _report(set_aside, f"{shard}:{number + 1}", "truncated shard", f"{position:,} of {promised:,} bytes are readable")


def _report(set_aside: SetAside | None, where: str, reason: str, detail: str) -> None:
    if set_aside is None:
        raise CorpusError(f"{where}: {reason} ({detail}); crawl it again into a new corpus, or build without --strict")
    set_aside(where, reason, detail)


def _refuse_other_directories(path: Path) -> None:
    """A typing slip must not scatter shards over somebody's folder."""
    if path.exists() and not path.is_dir():
        raise CorpusError(f"{path} is a file; give a directory for the corpus")
    if (
        path.is_dir()
        and not shard_paths(path)
        and any(e.name not in (".lock", "rejects.jsonl") for e in path.iterdir() if e.suffix != ".tmp")
    ):
        raise CorpusError(f"{path} holds other files and no corpus; give an empty or new directory")


def _key(doc_id: str) -> bytes:
    return hashlib.blake2b(doc_id.encode(), digest_size=16).digest()


def _digest(document: Document) -> bytes:
    return hashlib.blake2b(document.to_json(), digest_size=16).digest()


def _printable(text: str) -> str:
    """Excerpts come from broken input: lone surrogates would stop the log that reports them."""
    return text.encode("utf-8", "replace").decode()
