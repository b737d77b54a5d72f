"""How long does a call wait for its client, how much may wait, and what if too much does?

A call that was begun and does not say what it asks, or whose reply nobody takes, holds memory. It is ended after some seconds,
and sooner where there are too many or they hold too much: then the one that has waited longest goes first. So nobody is locked
out by calls that say nothing, however many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import NamedTuple

HEARD = 10.0
"""Seconds from a call's beginning until its request is whole; as long as HTTP gives a body."""
UNHEARD = 2048
"""Calls at once whose request is not whole."""
UNTAKEN = 4096
"""Replies at once that are being sent, over both wires: as many as one of them may have connections. What they hold is limited in
bytes; beside those a call costs some kilobytes."""
WATCHERS = 256
"""Calls at once that may last: watches of health, readers of the contract's description."""
AGAIN = 1.0
"""Seconds more that a call gets when its time is over: what came while this process stood still is read first. Replies that hold
too much memory have as long, so that many large ones at once are no offence."""


class _Wait(NamedTuple):
    """One that waits."""

    since: float
    """On the event loop's clock."""
    size: int
    """Bytes that it holds."""
    give_up: Callable[[], object]


class Waiting:
    """Calls that wait for their client, each by a name of its own; those over a limit are given up, the longest wait first.

    All wait equally long, so one timer, for the one that began first, does for them all.
    """

    def __init__(self, most: int, seconds: float, most_bytes: int = 0) -> None:
        """With 0 `most_bytes` are not counted."""
        self._most, self._seconds, self._most_bytes = most, seconds, most_bytes
        self._waits: dict[Hashable, _Wait] = {}
        self._last: dict[Hashable, _Wait] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._bytes = 0

    @property
    def held(self) -> int:
        """Bytes that those who wait hold."""
        return self._bytes

    def begin(self, name: Hashable, give_up: Callable[[], object], size: int = 0) -> None:
        """It waits, from now on; `give_up` is called when its time is over."""
        loop = asyncio.get_running_loop()
        self._waits[name] = _Wait(loop.time(), size, give_up)
        self._bytes += size
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)
        if len(self._waits) + len(self._last) > self._most:
            self._give_up(next(iter(self._last or self._waits)))
        if self._bytes > self._most_bytes > 0:
            self._relieve()

    def grow(self, name: Hashable, size: int) -> None:
        """It holds so many bytes more, if it still waits, and waits no longer for that."""
        for waits in (self._waits, self._last):
            if wait := waits.get(name):
                waits[name] = wait._replace(size=wait.size + size)
                self._bytes += size
        if self._bytes > self._most_bytes > 0:
            self._relieve()

    def end(self, name: Hashable) -> None:
        """It waits no more, if it did."""
        wait = self._waits.pop(name, None) or self._last.pop(name, None)
        if wait:
            self._bytes -= wait.size

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        while self._waits:
            name, wait = next(iter(self._waits.items()))
            if wait.since + self._seconds > now:
                self._timer = loop.call_at(wait.since + self._seconds, self._look)
                return
            self._last[name] = self._waits.pop(name)
            loop.call_later(AGAIN, self._give_up, name, wait)

    def _give_up(self, name: Hashable, known: _Wait | None = None) -> None:
        """Unless it waits no more, or waits for something else than what was `known`."""
        wait = self._last.get(name) or self._waits.get(name)
        if wait and (known is None or known.since == wait.since):
            self.end(name)
            wait.give_up()

    def _relieve(self) -> None:
        """Give up, longest wait first, whoever has had AGAIN; look again when the next one will have."""
        loop = asyncio.get_running_loop()
        while self._bytes > self._most_bytes:
            name, wait = next(iter((self._last or self._waits).items()))
            if wait.since + AGAIN > loop.time():
                loop.call_at(wait.since + AGAIN, self._relieve)
                return
            self._give_up(name)
