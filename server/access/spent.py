"""How much has each key used?

A token bucket for the minute and a count for the day, in one SQLite file beside the keys: workers share it, and a restart forgets
nothing. A call that is refused spends nothing, whether it is refused here or later, by a server that has too much to do. While
the file cannot be written (a full disk) each process counts in memory, from nothing: limits hold in each worker, and nobody is
turned away because of a disk.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from server.access.keys import Key
from server.errors import CapacityExceeded, RateLimited

log = logging.getLogger("stepwell.server")

_TABLE = "CREATE TABLE IF NOT EXISTS spent (key TEXT PRIMARY KEY, tokens REAL, at REAL, day INTEGER, today INTEGER) WITHOUT ROWID"
_BACK = "UPDATE spent SET tokens = min(?, tokens + ?), today = max(0, today - (day = ?) * ?) WHERE key = ?"
DAY = 86_400
"""Seconds."""


class Spent:
    """What keys with limits have used; safe for threads and for several processes."""

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._complained = False
        self._base = _opened(path)
        _write_ahead(self._base)
        self._base.execute("PRAGMA synchronous=NORMAL")  # a power cut may forgive the last calls, never more
        self._base.execute(_TABLE)
        self._meanwhile = _opened(":memory:")
        self._meanwhile.execute(_TABLE)

    def spend(self, key: Key, cost: int, now: float | None = None) -> None:
        """Count `cost` queries or documents; raises RateLimited, with the seconds to wait, if that is more than is left.

        Raises CapacityExceeded where it is more than the key has in a whole minute or day.
        """
        if not key.per_minute and not key.per_day:
            return
        now = time.time() if now is None else now
        self._count(lambda base: self._spend(base, key, cost, now))

    def give_back(self, key: Key, cost: int, now: float | None = None) -> None:
        """A call that was counted was not answered after all."""
        if not key.per_minute and not key.per_day:
            return
        day = int((time.time() if now is None else now) // DAY)
        self._count(lambda base: base.execute(_BACK, (key.per_minute, cost, day, cost, key.id)))

    def _count(self, write: Callable[[sqlite3.Connection], object]) -> None:
        """In the file; in memory while that cannot be written."""
        with self._lock:
            try:
                write(self._base)
                self._complained = False
            except sqlite3.OperationalError as error:
                if not self._complained:
                    log.warning("what keys have used is counted in memory, the file cannot be written: %s", error)
                self._complained = True
                write(self._meanwhile)

    def _spend(self, base: sqlite3.Connection, key: Key, cost: int, now: float) -> None:
        base.execute("BEGIN IMMEDIATE")
        try:
            base.execute("INSERT OR REPLACE INTO spent VALUES (?, ?, ?, ?, ?)", self._after(base, key, cost, now))
            base.execute("COMMIT")
        except BaseException:
            if base.in_transaction:  # SQLite may have ended it by itself
                base.execute("ROLLBACK")
            raise

    def _after(self, base: sqlite3.Connection, key: Key, cost: int, now: float) -> tuple[str, float, float, int, int]:
        """The key's row once `cost` is spent. Raises RateLimited; CapacityExceeded where there is no use in waiting."""
        for most, time_of in ((key.per_minute, "minute"), (key.per_day, "day")):
            if most and cost > most:
                may = f"key {key.id} may ask {most:,} queries and documents a {time_of}"
                raise CapacityExceeded(f"{may}, this call asks {cost:,}; send fewer at once")
        day = int(now // DAY)
        row = base.execute("SELECT tokens, at, day, today FROM spent WHERE key = ?", (key.id,)).fetchone()
        tokens, at, last, today = row or (key.per_minute, now, day, 0)
        today = (today if last == day else 0) + cost
        if key.per_day and today > key.per_day:
            raise RateLimited(f"key {key.id} may ask {key.per_day:,} queries and documents a day", (day + 1) * DAY - now)
        if key.per_minute:
            tokens = min(key.per_minute, tokens + max(now - at, 0) * key.per_minute / 60)
            if cost > tokens:
                wait = (cost - tokens) * 60 / key.per_minute
                raise RateLimited(f"key {key.id} may ask {key.per_minute:,} queries and documents a minute", wait)
            tokens -= cost
        return key.id, tokens, now, day, today

    def today(self, key_id: str, now: float | None = None) -> int:
        """Queries and documents that a key with limits has asked today (UTC)."""
        day = int((time.time() if now is None else now) // DAY)
        with self._lock:
            row = self._base.execute("SELECT today FROM spent WHERE key = ? AND day = ?", (key_id, day)).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Close the file."""
        self._base.close()
        self._meanwhile.close()


def _write_ahead(base: sqlite3.Connection) -> None:
    """WAL; where another worker is just doing the same SQLite says that the file is locked, and does not wait."""
    for patience in (*[0.02] * 100, 0):
        try:
            base.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not patience:
                raise
            time.sleep(patience)
        else:
            return


def _opened(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
