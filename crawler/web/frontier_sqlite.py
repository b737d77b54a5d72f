"""How does a frontier survive a kill?

Every step is one transaction of SQLite in write-ahead mode. The write-ahead log is in the system's page cache when a step
returns, so kill -9 loses nothing; it is synced when it is folded into the file, so a power cut may lose the newest steps, never
their order: then pages are asked for again. Order of a commit: the corpus first, then `committed`.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

from crawler.web.census import FrontierError, census_of, connect
from crawler.web.frontier import (
    ASIDE,
    COPY,
    GONE,
    KEPT,
    LISTED,
    MOVED,
    NOINDEX,
    SKIPPED,
    UNCHANGED,
    WAITING,
    Budget,
    Census,
    Ending,
    Link,
    Task,
    Write,
    host_key,
)

LAYOUT = 1
"""Version of the tables."""
AHEAD = 128
"""Tasks of one host that are read from the file at a time."""
REMEMBERED = 200_000
"""Keys held in memory to answer "known?" without the file."""
_LAST = 1 << 30
"""A depth after all others."""
_MAX_ETAG = 200
"""Characters; a longer validator is not kept, and the page is fetched whole."""

_TABLES = """
CREATE TABLE IF NOT EXISTS crawl (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, tier REAL NOT NULL, asked INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS urls (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, host TEXT NOT NULL,
    depth INTEGER NOT NULL, kind TEXT NOT NULL, front INTEGER NOT NULL, state INTEGER NOT NULL, asked INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', transient INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL DEFAULT '', digest BLOB NOT NULL DEFAULT x'', etag TEXT NOT NULL DEFAULT '',
    modified TEXT NOT NULL DEFAULT '', ended REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS queue ON urls (host, front DESC, depth, id) WHERE state = 0;
CREATE INDEX IF NOT EXISTS named ON urls (document) WHERE document != '';
CREATE TABLE IF NOT EXISTS waiting (page TEXT PRIMARY KEY, waits_for TEXT NOT NULL, doc_id TEXT NOT NULL, url TEXT NOT NULL,
    body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS awaited ON waiting (waits_for);
CREATE TABLE IF NOT EXISTS pending (id INTEGER PRIMARY KEY, what TEXT NOT NULL, place TEXT NOT NULL, body BLOB NOT NULL,
    reason TEXT NOT NULL);
"""
_QUEUED, _ENDED, _HOP = 0, 1, 2
Do = Callable[..., int]
_ALIVE = f"outcome IN ('{KEPT}', '{UNCHANGED}')"


class SqliteFrontier:
    """One crawl's frontier in one file; one process at a time (the corpus it lies in is locked)."""

    commit_seconds = 30.0

    def __init__(self, path: Path, budget: Budget, tier_of: Callable[[str], float] = lambda _: 0.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._budget, self._tier_of = budget, tier_of
        self._connection = connect(path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)
        self._known: set[str] = set()
        self._flying: dict[str, str] = {}  # key: host
        self._busy: Counter[str] = Counter()
        self._hosts: dict[str, list[int]] = {}  # host: [asked, bytes]
        self._tiers: dict[str, float] = {}
        self._ahead: dict[str, deque[Task]] = {}
        self._turns: list[tuple[float, int, str]] = []  # heap: (-tier, when it was served last, host)
        self._turning: set[str] = set()  # hosts in the heap
        self._turn = 0
        self.queued = 0
        """URLs that wait, those in flight included."""
        self._open()

    def _open(self) -> None:
        with self._step() as do:
            if (layout := self._recall("layout", LAYOUT)) != LAYOUT:
                raise FrontierError(f"crawl state has layout {layout}, this is {LAYOUT}; move its folder away to crawl anew")
            do("INSERT OR IGNORE INTO crawl VALUES ('layout', ?), ('began', ?), ('finished', 0)", (LAYOUT, time.time()))
            bounds = (self._budget.pages, self._budget.bytes)
            do("INSERT OR REPLACE INTO crawl VALUES ('max_pages', ?), ('max_bytes', ?)", bounds)
            do("UPDATE urls SET state = ? WHERE state = ?", (_QUEUED, _HOP))
        for host, tier, asked, size in self._rows("SELECT host, tier, asked, bytes FROM hosts"):
            self._hosts[host], self._tiers[host] = [asked, size], tier
        self.queued = self._rows("SELECT count(*) FROM urls WHERE state = 0")[0][0]
        self._turns = [(-self._tiers[h], 0, h) for (h,) in self._rows("SELECT DISTINCT host FROM urls WHERE state = 0")]
        heapify(self._turns)
        self._turning = {host for _, _, host in self._turns}

    # Asking

    @property
    def finished(self) -> bool:
        """True where the crawl in this file came to its end."""
        return bool(self._recall("finished", 0))

    def begin_again(self, *, everything: bool) -> None:
        """A new crawl over the same URLs: all of them, or only those that failed for a passing reason."""
        asked = f"outcome != '{SKIPPED}' OR document != ''" if everything else "transient"
        with self._step() as do:
            anew = "state = 0, outcome = '', reason = '', transient = 0, asked = 0"
            do(f"UPDATE urls SET {anew} WHERE state = 1 AND ({asked})")  # noqa: S608
            do("UPDATE crawl SET value = 0 WHERE name = 'finished'")
            do("UPDATE crawl SET value = ? WHERE name = 'began'", (time.time(),))
            do("UPDATE hosts SET asked = 0, bytes = 0")
        self._ahead.clear()
        self._known.clear()
        self._open()

    def knows(self, key: str) -> bool:
        """True if this URL is queued or has ended."""
        if key not in self._known and self._rows("SELECT 1 FROM urls WHERE key = ?", (key,)):
            self._remember(key)
        return key in self._known

    def add(self, links: Iterable[Link]) -> None:
        """Queue what is not known; a known page whose list says that it changed since is queued again."""
        with self._step() as do:
            self._add(do, links)

    def claim(self, link: Link) -> bool:
        """Take a redirect's target; after a kill it is asked for by itself, as one of the queue."""
        with self._step() as do:
            return bool(self._insert(do, link, _HOP))

    def take(self) -> Task | None:
        """The next URL: hosts of the highest tier first, the one that waited longest among equals; breadth first in a host."""
        passed = []
        task = None
        while self._turns and task is None:
            turn = heappop(self._turns)
            host = turn[2]
            if self._busy[host] >= self._budget.at_once:
                passed.append(turn)
            elif not self._spent(host) and (task := self._next_of(host)):
                self._turn += 1
                passed.append((turn[0], self._turn, host))
            else:
                self._turning.discard(host)
        for turn in passed:
            heappush(self._turns, turn)
        if task:
            self._ahead[task.host].popleft()
            self._flying[task.key] = task.host
            self._busy[task.host] += 1
            self._hosts[task.host][0] += 1
        return task

    def waits(self) -> bool:
        """True if some host may be asked for something now."""
        return any(
            self._busy[host] < self._budget.at_once and not self._spent(host) and self._next_of(host)
            for _, _, host in self._turns
        )

    def _spent(self, host: str) -> bool:
        asked, size = self._hosts[host]
        return asked >= self._budget.pages or size >= self._budget.bytes

    def _next_of(self, host: str) -> Task | None:
        ahead = self._ahead.setdefault(host, deque())
        if not ahead:
            rows = self._rows(
                "SELECT key, url, depth, kind, etag, modified, document, asked FROM urls WHERE host = ? AND state = 0 "
                "ORDER BY front DESC, depth, id LIMIT ?",
                (host, AHEAD + self._busy[host]),
            )
            ahead.extend(task for row in rows if (task := Task(*row)).key not in self._flying)
        return ahead[0] if ahead else None

    def _add(self, do: Do, links: Iterable[Link]) -> None:
        for link in links:
            if link.changed or link.key not in self._known:
                self._insert(do, link, _ENDED if link.skip else _QUEUED)

    def _insert(self, do: Do, link: Link, state: int) -> int:
        """Rows inserted or queued again: 0 or 1."""
        self._remember(link.key)
        host = host_key(link.url)
        new = do(
            "INSERT OR IGNORE INTO urls (key, url, host, depth, kind, front, state, outcome, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (link.key, link.url, host, link.depth, link.kind, link.front, state, SKIPPED if link.skip else "", link.skip),
        )
        if not new and link.changed:
            new = do(
                "UPDATE urls SET state = 0, outcome = '' WHERE key = ? AND state = 1 AND ended < ? AND outcome != ?",
                (link.key, link.changed, SKIPPED),
            )
        if new and state != _ENDED:
            self.queued += 1
            if host not in self._hosts:
                self._tiers[host] = self._tier_of(link.url)
                self._hosts[host] = [0, 0]
                do("INSERT OR IGNORE INTO hosts (host, tier) VALUES (?, ?)", (host, self._tiers[host]))
            self._line_up(host)
            if link.front:
                self._ahead.pop(host, None)
        return new

    def _line_up(self, host: str) -> None:
        """The host has something to ask for."""
        if host not in self._turning:
            self._turning.add(host)
            heappush(self._turns, (-self._tiers[host], self._turn, host))

    def _remember(self, key: str) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known.add(key)

    # Ending

    def end(self, task: Task, hops: Sequence[str], ending: Ending) -> list[Write]:
        """One transaction: outcome, links, and what is to be written.

        A page that came by redirects ends under the key of its last hop; one that failed under the key that was linked.
        """
        last = hops[-1] if hops and ending.outcome in (KEPT, NOINDEX, LISTED) else task.key
        with self._step() as do:
            if task.key in self._flying:
                self._busy[self._flying.pop(task.key)] -= 1
            self._hosts[task.host][1] += ending.size
            do("UPDATE hosts SET asked = ?, bytes = ? WHERE host = ?", (*self._hosts[task.host], task.host))
            self._add(do, ending.links)
            if ending.outcome == GONE and task.document and not task.asked and ending.transient:
                do("UPDATE urls SET asked = 1, depth = ? WHERE key = ?", (_LAST, task.key))
                self._line_up(task.host)
                return []
            for key in {task.key, *hops} - {last}:
                do("UPDATE urls SET state = 1, outcome = ?, ended = ? WHERE key = ?", (MOVED, time.time(), key))
            outcome, writes = self._outcome(do, task, last, ending)
            if last != task.key and task.document not in ("", ending.doc_id):  # the page has moved, its document with it
                writes += self._withdrawn(do, task.document, task.key)
            do(
                "UPDATE urls SET state = 1, outcome = ?, reason = ?, transient = ?, ended = ? WHERE key = ?",
                (outcome, ending.reason, ending.transient, time.time(), last),
            )
            if ending.document:
                do(
                    "UPDATE urls SET document = ?, digest = ?, etag = ?, modified = ? WHERE key = ?",
                    (
                        ending.doc_id if outcome != COPY else "",
                        ending.digest,
                        ending.etag[:_MAX_ETAG],
                        ending.modified[:_MAX_ETAG],
                        last,
                    ),
                )
            for key in {task.key, *hops}:
                writes += self._released(do, key)
            self.queued -= 1 + sum(key != task.key for key in hops)
            self._put(do, writes)
        return writes

    def _outcome(self, do: Do, task: Task, key: str, ending: Ending) -> tuple[str, list[Write]]:
        writes = [Write("outlinks", key, ending.outlinks)] if ending.outlinks else []
        if ending.outcome == ASIDE:
            return ASIDE, [*writes, Write("reject", task.url, ending.excerpt.encode(errors="replace"), ending.reason)]
        if ending.outcome in (GONE, NOINDEX) and task.document:
            return ending.outcome, [*writes, *self._withdrawn(do, task.document, key)]
        if ending.outcome != KEPT:
            return ending.outcome, writes
        document = Write("document", task.url, ending.document)
        if ending.canonical and ending.canonical != key:
            if self._named_elsewhere(ending.doc_id, key):
                return COPY, writes
            if self._rows("SELECT 1 FROM urls WHERE key = ? AND state != 1", (ending.canonical,)):
                do(
                    "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?)",
                    (key, ending.canonical, ending.doc_id, task.url, ending.document),
                )
                return WAITING, writes
        before = self._rows("SELECT digest FROM urls WHERE key = ?", (key,))
        return (UNCHANGED if before and before[0][0] == ending.digest else KEPT), [*writes, document]

    def _withdrawn(self, do: Do, doc_id: str, key: str) -> list[Write]:
        """The page has this document no more; nor has the corpus, unless another page has it."""
        do("UPDATE urls SET document = '', digest = x'', etag = '', modified = '' WHERE key = ?", (key,))
        return [] if self._named_elsewhere(doc_id, key) else [Write("delete", doc_id)]

    def _named_elsewhere(self, doc_id: str, key: str) -> bool:
        return bool(self._rows(f"SELECT 1 FROM urls WHERE document = ? AND key != ? AND {_ALIVE}", (doc_id, key)))  # noqa: S608

    def _released(self, do: Do, key: str) -> list[Write]:
        """What waited for this page: kept under its name if it has no document itself, else a copy."""
        writes = []
        for page, doc_id, url, body in self._rows("SELECT page, doc_id, url, body FROM waiting WHERE waits_for = ?", (key,)):
            copy = self._named_elsewhere(doc_id, page)
            do("UPDATE urls SET outcome = ? WHERE key = ?", (COPY if copy else KEPT, page))
            if copy:
                do("UPDATE urls SET document = '' WHERE key = ?", (page,))
            else:
                writes.append(Write("document", url, body))
        do("DELETE FROM waiting WHERE waits_for = ?", (key,))
        return writes

    def finish(self) -> list[Write]:
        """Nothing is left to ask for: what waited for pages beyond the budget is kept."""
        writes: list[Write] = []
        with self._step() as do:
            for (key,) in self._rows("SELECT DISTINCT waits_for FROM waiting"):
                writes += self._released(do, key)
            self._put(do, writes)
            do("UPDATE crawl SET value = ? WHERE name = 'finished'", (time.time(),))
        return writes

    # The corpus

    def pending(self) -> list[Write]:
        """What ended and was not committed."""
        rows = self._rows("SELECT what, place, body, reason FROM pending ORDER BY id")
        return [Write(*row) for row in rows]

    def committed(self) -> None:
        """The corpus has it all."""
        with self._step() as do:
            do("DELETE FROM pending")

    def note(self, name: str, value: str | int) -> None:
        """Keep one value with the next step, such as the length of the archive."""
        self._connection.execute("INSERT OR REPLACE INTO crawl VALUES (?, ?)", (name, value))

    def recall(self, name: str, default: str | int) -> str | int:
        """A value that was noted."""
        return self._recall(name, default)

    def keys_with_query(self) -> Iterator[str]:
        """For crawler.web.traps, which counts them."""
        return (key for (key,) in self._connection.execute("SELECT key FROM urls WHERE outcome != 'skipped' AND key LIKE '%?%'"))

    def census(self) -> Census:
        """The crawl in figures."""
        return census_of(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _put(self, do: Do, writes: Iterable[Write]) -> None:
        for write in writes:
            do(
                "INSERT INTO pending (what, place, body, reason) VALUES (?, ?, ?, ?)",
                (write.what, write.where, write.body, write.reason),
            )

    @contextmanager
    def _step(self) -> Iterator[Do]:
        """One transaction, as a function that runs a statement and gives the number of rows it changed."""
        with self._connection:
            yield lambda statement, values=(): self._connection.execute(statement, values).rowcount

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def _recall(self, name: str, default: str | int) -> str | int:
        found = self._rows("SELECT value FROM crawl WHERE name = ?", (name,))
        return found[0][0] if found else default
