"""How are millions of things put into groups, on disk?

Disjoint sets in one SQLite table: every member carries the name of its set, and the smaller set is renamed when two are
joined, so each member is renamed log2(n) times at most. What was never joined has no row. Members are listed in the order of
their `place`, a hash of content, so that nothing depends on the order in which they came.
"""

from __future__ import annotations

import sqlite3

MEMBERS = 50
"""Members of a set that are compared when two sets may be joined; larger sets are the same page fifty times over."""


class DisjointSets:
    """Sets of integers; each integer is alone until it is joined."""

    def __init__(self, db: sqlite3.Connection, table: str) -> None:
        assert table.isidentifier(), "the name goes into the SQL"
        self._db, self._table = db, table
        db.execute(f"CREATE TABLE {table} (member INTEGER PRIMARY KEY, root INTEGER, place BLOB, size INTEGER)")
        db.execute(f"CREATE INDEX {table}_by_root ON {table} (root, place)")

    def copy(self, other: DisjointSets) -> None:
        """Begin with the sets of `other`."""
        self._db.execute(f"INSERT INTO {self._table} SELECT * FROM {other._table}")  # noqa: S608 - names of our own tables

    def root(self, member: int) -> int:
        """The name of the member's set: one of its members."""
        found = self._db.execute(f"SELECT root FROM {self._table} WHERE member = ?", (member,)).fetchone()  # noqa: S608
        return int(found[0]) if found else member

    def size(self, member: int) -> int:
        """Members of the member's set."""
        found = self._db.execute(f"SELECT size FROM {self._table} WHERE member = ?", (self.root(member),)).fetchone()  # noqa: S608
        return int(found[0]) if found else 1

    def members(self, member: int) -> list[int]:
        """The first MEMBERS of the member's set, by place."""
        rows = self._db.execute(
            f"SELECT member FROM {self._table} WHERE root = ? ORDER BY place LIMIT {MEMBERS}",  # noqa: S608
            (self.root(member),),
        )
        return [row[0] for row in rows] or [member]

    def join(self, one: int, other: int, place: bytes, other_place: bytes) -> None:
        """Make one set of the sets of two members; `place` and `other_place` are the members' own."""
        for member, its in ((one, place), (other, other_place)):
            self._db.execute(f"INSERT OR IGNORE INTO {self._table} VALUES (?, ?, ?, 1)", (member, member, its))  # noqa: S608
        small, large = sorted((self.root(one), self.root(other)), key=self.size)
        if small == large:
            return
        total = self.size(small) + self.size(large)
        self._db.execute(f"UPDATE {self._table} SET root = ? WHERE root = ?", (large, small))  # noqa: S608
        self._db.execute(f"UPDATE {self._table} SET size = ? WHERE member = ?", (total, large))  # noqa: S608
