"""How does one kind of work get its threads?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from server.load.call import Call, Ticket
from server.load.turns import Turns, Unit

Done = Callable[[Unit, Any, BaseException | None], None]
"""Is told of a unit what came of it, or what its work raised."""


class Lane:
    """What waits for one kind of work, and the threads that do it, a unit each; all but the work itself is on the event loop."""

    def __init__(
        self,
        name: str,
        threads: int,
        work: Callable[[Unit], Any],
        ms: Callable[[Call[Any], Ticket], float],
        room: Callable[[], bool] = lambda: True,
        fixed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`work` does a unit, whose tickets are expected to take `ms` each and the unit `fixed` beside them.

        Without `room` for what it makes none starts.
        """
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads, self._work, self._ms, self._room, self._fixed = threads, work, ms, room, fixed
        self._turns = Turns()
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
        while (
            self._turns and self.running < self._threads and self._room() and (unit := self._turns.take(self._ms, self._fixed()))
        ):
            self.running += 1
            self._pool.submit(self._do, unit, done, asyncio.get_running_loop())

    def _do(self, unit: Unit, done: Done, loop: asyncio.AbstractEventLoop) -> None:
        """On a thread; back on the event loop in one step, where a future of asyncio would take three."""
        error: BaseException | None = None
        try:
            found = self._work(unit)
        except BaseException as raised:  # noqa: BLE001 - whoever waits for it gets it
            found, error = None, raised
        with suppress(RuntimeError):  # a server that has ended
            loop.call_soon_threadsafe(self._ended, unit, done, found, error)

    def _ended(self, unit: Unit, done: Done, found: Any, error: BaseException | None) -> None:
        self.running -= 1
        done(unit, found, error)

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._pool.shutdown(wait=False, cancel_futures=True)
