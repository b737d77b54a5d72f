"""Here is a document's number or id; what is the document?

SQLite, one row a document, the record as zstd-compressed JSON; opened read-only and immutable, so readers take no locks. Written
without a journal: a segment is only named by a manifest once it is complete and synced.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import zstandard

from indexer.document import Document

_LAYOUT = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE documents
    (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, content BLOB NOT NULL, record BLOB NOT NULL);
"""


def content_of(line: bytes) -> bytes:
    """128-bit BLAKE2b of a document's JSON line: equal if and only if nothing about the document changed."""
    return hashlib.blake2b(line, digest_size=16).digest()


class StoreWriter:
    """Writes one segment's documents to a new file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_LAYOUT)
        self._connection.execute("BEGIN")
        self._compress = zstandard.ZstdCompressor(level=3).compress

    def add(self, number: int, document: Document) -> None:
        """Append a document; raises sqlite3.IntegrityError if its id was added before."""
        line = document.to_json()
        row = (number, document.id, document.url, content_of(line), self._compress(line))
        self._connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def finish(self) -> None:
        """Index by URL and close."""
        self._connection.execute("CREATE INDEX by_url ON documents (url) WHERE url != ''")
        self._connection.execute("COMMIT")
        self._connection.close()


class DocumentStore:
    """One segment's documents, open for reading; a connection per thread."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._connection()  # a missing or foreign file is found out now, not at the first search

    def by_number(self, numbers: Sequence[int]) -> list[Document]:
        """The documents at these numbers, in this order; raises KeyError for a number that is not there."""
        return [self._one(number) for number in numbers]

    def number_of(self, doc_id: str) -> tuple[int, bytes] | None:
        """Number and content hash of the document of this id, None if there is none."""
        row: tuple[int, bytes] | None = (
            self._connection().execute("SELECT number, content FROM documents WHERE id = ?", (doc_id,)).fetchone()
        )
        return row

    def numbers(self, target: str) -> list[int]:
        """Numbers of the document of this id, then of those with this URL."""
        found = self._connection().execute(
            "SELECT number FROM documents WHERE id = ?1 UNION ALL SELECT number FROM documents WHERE url = ?1", (target,)
        )
        return [number for (number,) in found]

    def close(self) -> None:
        """Close every thread's connection."""
        while self._open:
            self._open.pop().close()

    def _one(self, number: int) -> Document:
        row = self._connection().execute("SELECT record FROM documents WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return Document.from_json(zstandard.ZstdDecompressor().decompress(row[0]))

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            connection.execute("SELECT number FROM documents LIMIT 1")
            self._local.connection = connection
            self._open.append(connection)
        return connection
