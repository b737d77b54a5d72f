"""Which records are one document, and which documents are one work?

Everything lies in SQLite tables, so memory stays the same however many records there are. Records make **claims** (keys of
crawler.merging.identity, title and author, a hash of a page's text). Those that share a claim may be joined: first records into
documents, then documents into clusters. crawler.merging.agreement is asked about every record on one side and every record on the
other, so that a chain of wrong identifiers never joins what has nothing in common. Claims are taken in the order of their
text, and records in the order of a hash of their content: the order of the inputs changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from crawler.merging.agreement import Record, one_document, one_title, one_work_by, one_work_by_title
from crawler.merging.disjoint_sets import DisjointSets
from crawler.merging.duplicates import RESEMBLING, resemblance
from crawler.merging.identity import arxiv

CACHE = 64 * 1024
"""KiB of the tables that SQLite keeps in memory; the rest lies on disk."""
APART = 20
"""Groups that one claim is divided into at most; what agrees with none of the first twenty stays as it is."""

_LAYOUT = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    f"PRAGMA cache_size = -{CACHE}",
    "PRAGMA temp_store = FILE",
    "BEGIN",
    """CREATE TABLE records
       (number INTEGER PRIMARY KEY, place BLOB, id TEXT, kind TEXT, title TEXT, original TEXT, family TEXT, year INTEGER,
        names TEXT)""",
    "CREATE TABLE claims (kind INTEGER, key TEXT, place BLOB, number INTEGER)",
    "CREATE TABLE prints (number INTEGER PRIMARY KEY, print BLOB)",
    "CREATE TABLE aside (number INTEGER PRIMARY KEY)",
    "CREATE TABLE named (root INTEGER PRIMARY KEY, name TEXT)",
)
"""The file is made anew by every merge: nothing in it has to survive."""
_NAME_CLUSTERS = """
INSERT INTO named SELECT c.root, min(r.id) FROM clusters c JOIN records r ON r.number = c.member
LEFT JOIN documents d ON d.member = c.member GROUP BY c.root HAVING count(DISTINCT coalesce(d.root, c.member)) > 1
"""


class Claim(IntEnum):
    """What a key says."""

    ID = 0
    """The document's id, or that of a record merged into it earlier: one source's record, read twice."""
    OWN = 1
    """A name of this version."""
    ARXIV = 2
    """The arXiv number without its version, of a record of that preprint."""
    RELATED = 3
    """A name of the work, or of another version of it."""
    TITLE = 4
    """Title, first author."""
    TEXT = 5
    """The same text, or the same part of a page's fingerprint."""


Conflict = Callable[[str, str, str], None]
"""Called as ``(key, reason, who)`` where records share a key and are not the same."""
Question = Callable[[Record, Record], bool]


class SameWork:
    """The tables of one merge: filled by `add`, settled once by `settle`, then asked."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for statement in _LAYOUT:
            self._db.execute(statement)
        self._documents = DisjointSets(self._db, "documents")
        self._clusters = DisjointSets(self._db, "clusters")
        self._step: Callable[[], None] = lambda: None
        self._record = lru_cache(maxsize=4_096)(self._read)

    def add(self, r: Record, claims: list[tuple[Claim, str]], fingerprint: bytes = b"") -> None:
        """Take in one record with its claims; `fingerprint` is that of a page's text (crawler.merging.duplicates)."""
        names = "\n".join(f"{scheme} {name}" for scheme, name in sorted(r.names.items()))
        row = (r.number, r.place, r.id, r.kind, r.title, r.original, r.family, r.year, names)
        self._db.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._db.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", [(kind, key, r.place, r.number) for kind, key in claims])
        if fingerprint:
            self._db.execute("INSERT INTO prints VALUES (?, ?)", (r.number, fingerprint))

    def settle(self, conflict: Conflict, step: Callable[[], None]) -> None:
        """Join records into documents, then documents into clusters; `step` is called for every key that records share."""
        self._step = step
        self._db.execute("CREATE INDEX by_key ON claims (kind, key, place, number)")
        self._read_twice(conflict)
        self._join(self._documents, Claim.OWN, lambda _: one_document, conflict)
        self._versions_unsaid()
        self._clusters.copy(self._documents)
        self._join(self._clusters, Claim.OWN, lambda _: one_title)
        self._join(self._clusters, Claim.RELATED, one_work_by, conflict)
        self._join(self._clusters, Claim.TITLE, lambda _: one_work_by_title)
        self._join(self._clusters, Claim.TEXT, lambda _: self._same_text)
        self._db.execute(_NAME_CLUSTERS)

    def is_aside(self, number: int) -> bool:
        """Whether a record has another one's id and is not the same."""
        return self._db.execute("SELECT 1 FROM aside WHERE number = ?", (number,)).fetchone() is not None

    def id_of(self, number: int) -> str:
        """The id of a record; empty for a number that was never added."""
        found = self._db.execute("SELECT id FROM records WHERE number = ?", (number,)).fetchone()
        return found[0] if found else ""

    def document_of(self, number: int) -> int:
        """The document a record belongs to, as the number of one of its records."""
        return self._documents.root(number)

    def is_alone(self, number: int) -> bool:
        """Whether a record is a document by itself."""
        return self._documents.size(number) == 1

    def cluster_of(self, number: int) -> str:
        """The smallest record id in the cluster, which no other cluster can have; empty where no other document is in it."""
        found = self._db.execute("SELECT name FROM named WHERE root = ?", (self._clusters.root(number),)).fetchone()
        return found[0] if found else ""

    def clusters(self) -> int:
        """How many clusters there are."""
        (count,) = self._db.execute("SELECT count(*) FROM named").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the tables; their file is of no use any more."""
        self._db.close()

    def _read_twice(self, conflict: Conflict) -> None:
        """Records with one id are one record; where titles differ the id was given twice, and the corpus can hold only one."""
        for key, numbers in self._shared(Claim.ID):
            first, *others = sorted(map(self._record, numbers), key=lambda record: (record.id != key, record.place))
            for record in others:
                if record.kind == first.kind == "page" or one_title(first, record):  # a page may get a new title
                    self._documents.join(first.number, record.number, first.place, record.place)
                elif record.id == first.id:
                    self._db.execute("INSERT OR IGNORE INTO aside VALUES (?)", (record.number,))
                    conflict(key, "one id, different titles", f"kept: {first.title[:80]!r}; not: {record.title[:80]!r}")

    def _join(
        self, sets: DisjointSets, claim: Claim, question: Callable[[str], Question], conflict: Conflict | None = None
    ) -> None:
        """Join those who share a key of this claim, where `question(key)` says so of all of them."""
        for key, numbers in self._shared(claim):
            same, leaders = question(key), list[int]()
            for number in numbers:
                if not any(self._joined(sets, leader, number, same) for leader in leaders) and len(leaders) < APART:
                    leaders.append(number)
            if len(leaders) > 1 and conflict:
                self._report(claim, key, leaders, conflict)

    def _joined(self, sets: DisjointSets, one: int, other: int, same: Question) -> bool:
        """Whether the two are in one set now: joined if all members of one set are the `same` as all of the other."""
        if sets.root(one) == sets.root(other):
            return True
        mine, theirs = ([self._record(number) for number in sets.members(side)] for side in (one, other))
        if not all(same(a, b) for a in mine for b in theirs):
            return False
        sets.join(one, other, self._record(one).place, self._record(other).place)
        return True

    def _report(self, claim: Claim, key: str, leaders: list[int], conflict: Conflict) -> None:
        """Different titles are a conflict; two versions under one title are none, but a cluster."""
        records = [self._record(leader) for leader in leaders]
        if claim is Claim.RELATED and all(record.owns(key) for record in records):
            return  # said already, of the same key as their own
        first, *others = records
        if strangers := [record for record in others if not one_title(record, first)]:
            who = "; ".join(f"{record.id}: {record.title[:80]}" for record in [first, *strangers[:3]])
            conflict(key, f"one {key.partition(':')[0]}, different titles", who)

    def _versions_unsaid(self) -> None:
        """An arXiv number without its version means the newest version that there is."""
        for _, numbers in self._shared(Claim.ARXIV):
            versions = [(_version(record), record) for record in map(self._record, numbers)]
            newest = max(version for version, _ in versions)
            target = next(record for version, record in versions if version == newest)
            for version, record in versions:
                if newest and not version:
                    self._joined(self._documents, target.number, record.number, one_document)

    def _same_text(self, one: Record, other: Record) -> bool:
        first, second = (
            self._db.execute("SELECT print FROM prints WHERE number = ?", (r.number,)).fetchone() for r in (one, other)
        )
        return bool(first and second) and resemblance(first[0], second[0]) >= RESEMBLING

    def _shared(self, claim: Claim) -> Iterator[tuple[str, list[int]]]:
        """Keys that several records claim, with those records by place. Sets may change while this is read, claims not."""
        rows = self._db.execute("SELECT key, number FROM claims WHERE kind = ? ORDER BY key, place, number", (claim,))
        for key, group in groupby(rows, itemgetter(0)):
            numbers = [number for _, number in group]
            if len(numbers) > 1 and len(kept := [number for number in numbers if not self.is_aside(number)]) > 1:
                self._step()
                yield key, kept

    def _read(self, number: int) -> Record:
        row = self._db.execute("SELECT * FROM records WHERE number = ?", (number,)).fetchone()
        number, place, doc_id, kind, title, original, family, year, lines = row
        names = dict(line.split(" ", 1) for line in lines.split("\n") if line)
        return Record(number, place, doc_id, kind, title, original, family, year, names)


def _version(record: Record) -> int:
    found = arxiv(record.names.get("arxiv", ""))
    return found.version if found else 0
