"""How far is a crawl, by its file, whether it is running or not?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from crawler.errors import CrawlerError
from crawler.web.frontier import ASIDE, KEPT, UNCHANGED, Census, HostState


class FrontierError(CrawlerError):
    """Raised where a crawl's state cannot be read: another layout, or a damaged file."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A crawl's file. Raises FrontierError where it is none."""
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro" if read_only else path, uri=read_only, timeout=10
        )
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        raise FrontierError(f"crawl state {path} cannot be read: {error}; move it away to crawl anew") from None
    return connection


def read_census(path: Path) -> Census:
    """The figures of a crawl that may be running."""
    with closing(connect(path, read_only=True)) as connection:
        return census_of(connection)


def census_of(connection: sqlite3.Connection) -> Census:
    """Counts over the whole file: a second for a million URLs."""
    census = Census()
    values = dict(connection.execute("SELECT name, value FROM crawl"))
    for outcome, reason, count in connection.execute("SELECT outcome, reason, count(*) FROM urls WHERE state = 1 GROUP BY 1, 2"):
        census.outcomes[outcome] += count
        census.reasons.setdefault(outcome, Counter())[reason] += count
    rows = connection.execute(
        "SELECT hosts.host, tier, hosts.asked, bytes, sum(state != 1), sum(outcome IN (?, ?)), sum(outcome = ?) "
        "FROM hosts JOIN urls USING (host) GROUP BY 1 ORDER BY 5 DESC, 1",
        (KEPT, UNCHANGED, ASIDE),
    )
    for host, tier, asked, size, queued, kept, aside in rows:
        spent = bool(queued) and (asked >= values["max_pages"] or size >= values["max_bytes"])
        census.hosts.append(HostState(host, tier, asked, size, queued, kept, aside, spent))
        census.queued += queued
        census.bytes += size
    census.began, census.finished = float(values.get("began", 0)), float(values.get("finished", 0))
    return census
