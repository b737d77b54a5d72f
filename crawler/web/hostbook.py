"""What has a host told us that holds longer than this process?

Its robots.txt, which is asked for once in 24 hours (RFC 9309, 2.4), and until when it wants to be left alone (Retry-After). A
crawl that is killed and started again must not ask sooner because it forgot.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS robots (origin TEXT PRIMARY KEY, fetched REAL NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pauses (host TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
"""


class HostBook:
    """A small file beside the frontier; times are seconds of the epoch."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_TABLES)

    def robots(self, origin: str, lifetime: float) -> tuple[float, int, bytes] | None:
        """Age in seconds, status and body of the origin's robots.txt, if it is younger than `lifetime` seconds."""
        found = self._connection.execute("SELECT fetched, status, body FROM robots WHERE origin = ?", (origin,)).fetchone()
        if found is None or not 0 <= (age := time.time() - found[0]) < lifetime:
            return None
        return age, found[1], found[2]

    def keep_robots(self, origin: str, status: int, body: bytes) -> None:
        """Note an answer that can be relied on: 2xx or 4xx."""
        self._connection.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", (origin, time.time(), status, body))

    def pause(self, host: str, seconds: float) -> None:
        """The host wants to be left alone for so long from now."""
        self._connection.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?)", (host, time.time() + seconds))

    def paused(self) -> dict[str, float]:
        """Host -> seconds from now; only where there are some left."""
        now = time.time()
        return {host: until - now for host, until in self._connection.execute("SELECT host, until FROM pauses") if until > now}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
