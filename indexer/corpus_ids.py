"""Which documents does a corpus have already, and with what content?

A table of id hashes in SQLite beside the shards, so that a writer's memory does not grow with its corpus. It is derived: what it
has not seen of the shards (it was lost, or its writer was killed between shard and table) is read in when it is opened.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import orjson

from indexer.errors import CorpusError

PENDING = 20_000
"""Ids held in memory before they go to the table; the table is not committed by that."""

_LAYOUT = """
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS shards (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ids (id BLOB PRIMARY KEY, content BLOB NOT NULL, run INTEGER NOT NULL) WITHOUT ROWID;
"""
_UPSERT = "INSERT INTO ids VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET content = excluded.content, run = excluded.run"


def key_of(doc_id: str) -> bytes:
    """128-bit BLAKE2b of a document id."""
    return hashlib.blake2b(doc_id.encode(), digest_size=16).digest()


class CorpusIds:
    """What is known of every id; one writer at a time (the corpus is locked)."""

    def __init__(self, path: Path, shards: dict[str, Callable[[], Iterator[bytes]]]) -> None:
        try:
            self._connection = _open(path)
        except sqlite3.OperationalError as error:  # no room, no permission
            raise CorpusError(
                f"{path} could not be written ({error}); make room and run again, what was committed is kept"
            ) from error
        except sqlite3.DatabaseError:  # a torn table is only a cache
            path.unlink()
            self._connection = _open(path)
        self._pending: dict[bytes, tuple[bytes, int]] = {}
        """id -> content hash (empty: deleted) and run in which it came."""
        self._run = 0
        try:
            self._catch_up(shards)
        except BaseException:
            self._connection.close()
            raise
        (last,) = self._connection.execute("SELECT coalesce(max(run), 0) FROM ids").fetchone()
        self._run = last + 1

    def note(self, doc_id: str, line: bytes) -> Literal["new", "changed", "same", "twice"]:
        """Take note of a document; ``twice`` means its id came before in this run with other content, and nothing is noted."""
        key, content = key_of(doc_id), hashlib.blake2b(line, digest_size=16).digest()
        before = self._get(key)
        if before is None or not before[0]:
            self._put(key, content)
            return "new" if before is None else "changed"  # a deleted one comes back as a change
        if before[0] == content:
            if before[1] != self._run:
                self._put(key, content)
            return "same"
        if before[1] == self._run:
            return "twice"
        self._put(key, content)
        return "changed"

    def forget(self, doc_id: str) -> bool:
        """Take note of a deletion; False if there is no such document."""
        before = self._get(key_of(doc_id))
        if before is None or not before[0]:
            return False
        self._put(key_of(doc_id), b"")
        return True

    def commit(self, shards: Iterable[str]) -> None:
        """The shards of these names are on disk, and hold everything noted so far."""
        self._flush()
        self._connection.executemany("INSERT OR IGNORE INTO shards VALUES (?)", [(name,) for name in shards])
        self._connection.commit()

    def close(self) -> None:
        """Close the table; what was noted after the last commit is dropped."""
        self._connection.rollback()
        self._connection.close()

    def _get(self, key: bytes) -> tuple[bytes, int] | None:
        found = self._pending.get(key)
        if found is None:
            found = self._connection.execute("SELECT content, run FROM ids WHERE id = ?", (key,)).fetchone()
        return found

    def _put(self, key: bytes, content: bytes) -> None:
        self._pending[key] = (content, self._run)
        if len(self._pending) >= PENDING:
            self._flush()

    def _flush(self) -> None:
        self._connection.executemany(_UPSERT, [(key, content, run) for key, (content, run) in sorted(self._pending.items())])
        self._pending.clear()

    def _catch_up(self, shards: dict[str, Callable[[], Iterator[bytes]]]) -> None:
        known = {name for (name,) in self._connection.execute("SELECT name FROM shards")}
        if gone := sorted(known - shards.keys()):
            raise CorpusError(f"shard {gone[0]} is missing; restore it, or delete ids.sqlite beside it to go on without")
        missing = [name for name in shards if name not in known]
        for name in missing:
            for line in shards[name]():
                record = orjson.loads(line)
                content = b"" if record.get("deleted") is True else hashlib.blake2b(line.rstrip(b"\n"), digest_size=16).digest()
                self._put(key_of(str(record["id"])), content)
        self.commit(missing)


def recorded_shards(path: Path) -> set[str]:
    """Names of the shards that a table has seen; empty where there is no table that can be read."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM shards")}
    except sqlite3.Error:
        return set()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(_LAYOUT)
    connection.execute("SELECT count(*) FROM shards").fetchone()
    return connection
