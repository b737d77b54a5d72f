"""How long does a call over gRPC wait for its client, and what if too many do?

A call that was begun and does not say what it asks, or whose reply nobody takes, holds memory. It is ended after some seconds,
and sooner where there are too many: then the one that has waited longest goes first. So nobody is locked out by calls that say
nothing, however many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

HEARD = 10.0
"""Seconds from a call's beginning until its request is whole; as long as HTTP gives a body."""
TAKEN = 60.0
"""Seconds until a reply, or a part of a stream, is taken; as long as HTTP gives."""
UNHEARD = 2048
"""Calls at once whose request is not whole."""
UNTAKEN = 512
"""Calls at once whose reply is being sent."""
WATCHERS = 256
"""Calls at once that may last: watches of health, readers of the contract's description."""
AGAIN = 1.0
"""Seconds more that a call gets when its time is over: what came while this process stood still is read first."""


class Waiting:
    """Calls that wait for their client, by their tasks; one too many gives up the one that waits longest.

    All wait equally long, so one timer, for the one that began first, does for them all.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._waits: dict[asyncio.Task[object], tuple[float, Callable[[], object]]] = {}
        self._last: dict[asyncio.Task[object], Callable[[], object]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, task: asyncio.Task[object], give_up: Callable[[], object]) -> None:
        """It waits, from now on; `give_up` is called when its time is over."""
        loop = asyncio.get_running_loop()
        self._waits[task] = loop.time() + self._seconds, give_up
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)
        if len(self._waits) + len(self._last) > self._most:
            self._give_up(next(iter(self._last or self._waits)))

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        while self._waits:
            task, (until, give_up) = next(iter(self._waits.items()))
            if until > now:
                self._timer = loop.call_at(until, self._look)
                return
            del self._waits[task]
            self._last[task] = give_up
            loop.call_later(AGAIN, self._give_up, task)

    def _give_up(self, task: asyncio.Task[object]) -> None:
        """Unless it waits no more."""
        _, give_up = self._waits.pop(task, (0, self._last.pop(task, None)))
        if give_up:
            give_up()

    def end(self, task: asyncio.Task[object]) -> None:
        """It waits no more, if it did."""
        self._waits.pop(task, None)
        self._last.pop(task, None)
