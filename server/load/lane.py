"""How does one kind of work get its threads?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from server.load.call import Call, Ticket
from server.load.rest import rested
from server.load.turns import Turns, Unit

SLICE_MS = 15.0
"""Milliseconds that a unit is meant to take for which the event loop stops; whatever else it is to do waits for so long."""
LONGEST = 1.5
"""Times SLICE_MS that one question may be expected to take there, as several may; one that takes longer goes to a thread."""
Done = Callable[[Unit, Any, BaseException | None], None]
"""Is told of a unit what came of it, or what its work raised."""


class Lane:
    """What waits for one kind of work, and the threads that do it, a unit each; all but the work itself is on the event loop,
    and so is that where no thread is to take the interpreter's lock from it."""

    def __init__(
        self,
        name: str,
        threads: int,
        work: Callable[[Unit], Any],
        ms: Callable[[Call[Any], Ticket], float],
        room: Callable[[], bool] = lambda: True,
        fixed: Callable[[], float] = lambda: 0.0,
        here: Callable[[], bool] = lambda: False,
    ) -> None:
        """`work` does a unit, whose tickets are expected to take `ms` each and the unit `fixed` beside them.

        Without `room` for what it makes none starts. What is to be done `here`, by the event loop itself, is done in slices.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads, self._work, self._ms, self._room, self._fixed = threads, work, ms, room, fixed
        self._here, self._turns, self._closed = here, Turns(), False
        self.running = 0
        """Units that are being done."""

    @property
    def waiting(self) -> int:
        """Queries that wait."""
        return len(self._turns)

    @property
    def since(self) -> float:
        """time.monotonic() since when whose turn is next has waited for it; infinity if none waits."""
        return self._turns.since

    def add(self, call: Call[Any], tickets: Iterable[Ticket]) -> None:
        """They wait now."""
        self._turns.add(call, tickets)

    def drop(self, call: Call[Any]) -> list[Ticket]:
        """What of it still waited; it waits no more."""
        return self._turns.drop(call)

    def start(self, done: Done) -> None:
        """Give every free thread a unit; `done` is told of each when it has ended, on the event loop."""
        while self._turns and self.running < self._threads and self._room():
            if self._here():
                self.running += 1
                rested(lambda: self._slice(done))
                return
            if not (unit := self._turns.take(self._ms, self._fixed())):
                return
            self.running += 1
            self._pool.submit(self._do, unit, done, asyncio.get_running_loop())

    def _slice(self, done: Done) -> None:
        """Do what comes next without another thread, unless the event loop would stop for too long."""
        if self._closed:
            return
        unit = self._turns.take(self._ms, self._fixed(), SLICE_MS)
        if not unit:  # whoever asked has left
            self.running -= 1
        elif sum(self._ms(*one) for one in unit) > LONGEST * SLICE_MS:
            self._pool.submit(self._do, unit, done, asyncio.get_running_loop())
        else:
            self._ended(unit, done, *self._tried(unit))

    def _do(self, unit: Unit, done: Done, loop: asyncio.AbstractEventLoop) -> None:
        """On a thread; back on the event loop in one step, where a future of asyncio would take three."""
        found, error = self._tried(unit)
        with suppress(RuntimeError):  # a server that has ended
            loop.call_soon_threadsafe(self._ended, unit, done, found, error)

    def _tried(self, unit: Unit) -> tuple[Any, BaseException | None]:
        try:
            return self._work(unit), None
        except BaseException as raised:  # noqa: BLE001 - whoever waits for it gets it
            return None, raised

    def _ended(self, unit: Unit, done: Done, found: Any, error: BaseException | None) -> None:
        self.running -= 1
        done(unit, found, error)

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
