"""Which vectors were computed already, and where are they on disk?

One SQLite file per encoder fingerprint: ``vectors(key BLOB PRIMARY KEY, vector BLOB)``; the key is content_key of a text,
the vector its float32 bytes. The file is in write-ahead mode: a committed write survives the death of the process, and
several processes may read and write at once. A broken file is set aside under another name, and an empty one takes its
place.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from indexer.encoders import Role, Vectors
from indexer.errors import EncoderError

FORMAT = 1
"""``PRAGMA user_version`` of the files this module reads and writes."""
KEY_BYTES = 16
BUSY_SECONDS = 120.0
"""How long a write waits for another process's."""
KEYS_PER_READ = 500
"""Keys in one SELECT; old builds of SQLite allow 999."""
_PAGE_BYTES = 16_384  # ten vectors of 384 numbers; a page of the default size holds two and wastes a quarter

Answer = TypeVar("Answer")


def content_key(text: str, role: Role) -> bytes:
    """16 bytes that name a text in a role: BLAKE2b (RFC 7693), personalised by the role."""
    content = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=KEY_BYTES, person=role.encode()).digest()


class VectorFile:
    """A map from key to vector; a context manager, for one thread.

    Every method raises EncoderError where the file cannot be used for a reason that setting it aside does not cure.
    """

    def __init__(self, path: Path, dim: int) -> None:
        self.path, self.dim = path, dim
        self._file: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self._attempt(lambda _: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def read(self, keys: Sequence[bytes]) -> tuple[list[int], Vectors]:
        """Positions in `keys` that are known, and their vectors (known, dim). At most KEYS_PER_READ keys, all different.

        A stored vector whose length is not 1 was damaged; it counts as unknown.
        """
        assert len(keys) <= KEYS_PER_READ, "too many keys in one read"
        marks = ",".join("?" * len(keys))
        question = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - only question marks are put in
        rows = self._attempt(lambda file: file.execute(question, keys).fetchall())
        rows = [row for row in rows if len(row[1]) == 4 * self.dim]
        vectors = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(-1, self.dim)
        whole = np.abs(np.einsum("ij,ij->i", vectors, vectors) - 1) < 1e-3
        position = {key: i for i, key in enumerate(keys)}
        return [position[row[0]] for row, good in zip(rows, whole, strict=True) if good], vectors[whole]

    def write(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Store vectors, one per key; they are safe from the death of this process when the call returns."""
        rows = list(zip(keys, map(bytes, np.ascontiguousarray(vectors, np.float32)), strict=True))

        def insert(file: sqlite3.Connection) -> None:
            with file:
                file.execute("BEGIN IMMEDIATE")
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

        self._attempt(insert)

    def _attempt(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do it; where the file turns out to be broken, set it aside and do it on an empty one."""
        try:
            try:
                return work(self._open())
            except sqlite3.DatabaseError as error:
                if not _broken(error):
                    raise
                self._set_aside(str(error))
                return work(self._open())
        except sqlite3.Error as error:
            raise EncoderError(
                f"vector cache {self.path}: {error}; free space there, or set STEPWELL_CACHE to another local folder"
            ) from error

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            if not self.path.exists():
                _create(self.path)
            self._file = _connect(self.path)
            found: int = self._file.execute("PRAGMA user_version").fetchone()[0]
            if found != FORMAT:
                self._set_aside(f"its format is {found}, not {FORMAT}")
                return self._open()
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _set_aside(self, why: str) -> None:
        """Rename the file; its log goes first, lest it be taken for the log of the file that comes next."""
        with suppress(sqlite3.Error):
            self._close()
        self._file = None
        aside = f"{self.path.name}.broken-{time.time_ns()}"
        print(f"vector cache {self.path} is broken ({why}); set aside as {aside}, encoding anew", file=sys.stderr)
        for ending in ("-shm", "-wal", ""):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + ending).rename(self.path.with_name(aside + ending))


def _connect(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    file.execute("PRAGMA synchronous = NORMAL")
    return file


def _create(path: Path) -> None:
    """An empty file appears at `path` complete and in write-ahead mode, whoever else does the same at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{time.time_ns()}")
    try:
        with closing(_connect(unfinished)) as file:
            file.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
            file.execute(f"PRAGMA user_version = {FORMAT}")
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)


def _broken(error: sqlite3.DatabaseError) -> bool:
    """Whether the file's content is wrong, and not the disk, the lock or the call. https://sqlite.org/rescode.html"""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)
