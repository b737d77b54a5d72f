"""Where do the records of one document wait for each other?

In a SQLite table, compressed, until all inputs are read; then they come out document by document, the first source first. The
table also knows what was written, so that what an earlier merge wrote and this one did not can be found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import zstandard

from crawler.merging.fields import order_of
from indexer.corpus_ids import key_of
from indexer.document import Document


class Gathered:
    """A scratch file of one merge."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -16384",
            "BEGIN",
            "CREATE TABLE parts (document INTEGER, rank INTEGER, source TEXT, id TEXT, place BLOB, line BLOB)",
            "CREATE TABLE written (id BLOB PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE gone (id TEXT)",
        ):
            self._db.execute(statement)

    def put(self, document: int, record: Document, line: bytes, place: bytes) -> None:
        """Keep one record (`line` is its JSON) of a document."""
        row = (document, *order_of(record), place, zstandard.compress(line, 1))
        self._db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)", row)

    def documents(self) -> Iterator[tuple[int, Iterator[Document]]]:
        """Every document with its records in the order of crawler.merging.fields; one record is in memory at a time."""
        self._db.execute("CREATE INDEX in_order ON parts (document, rank, source, id, place)")
        rows = self._db.execute("SELECT document, line FROM parts ORDER BY document, rank, source, id, place")
        for document, group in groupby(rows, itemgetter(0)):
            yield document, (Document.from_json(zstandard.decompress(line)) for _, line in group)

    def wrote(self, doc_id: str) -> None:
        """Note that this merge has a document of this id."""
        self._db.execute("INSERT OR IGNORE INTO written VALUES (?)", (key_of(doc_id),))

    def note_gone(self, doc_id: str) -> None:
        """Note the id if this merge has no such document."""
        if not self._db.execute("SELECT 1 FROM written WHERE id = ?", (key_of(doc_id),)).fetchone():
            self._db.execute("INSERT INTO gone VALUES (?)", (doc_id,))

    def gone(self) -> Iterator[str]:
        """The ids that were noted as gone."""
        return (row[0] for row in self._db.execute("SELECT id FROM gone ORDER BY id"))

    def close(self) -> None:
        """Close the table; its file is of no use any more."""
        self._db.close()
