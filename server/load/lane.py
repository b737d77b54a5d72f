"""How does one kind of work get its threads?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from server.load.call import Call, Ticket
from server.load.turns import Turns, Unit


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

    def add(self, call: Call[Any], tickets: Iterable[Ticket]) -> None:
        """They wait now."""
        self._turns.add(call, tickets)

    def drop(self, call: Call[Any]) -> list[Ticket]:
        """What of it still waited; it waits no more."""
        return self._turns.drop(call)

    def start(self, done: Callable[[Unit, asyncio.Future[Any]], None]) -> None:
        """Give every free thread a unit; `done` is told of each when it has ended, on the event loop."""

        def begin(unit: Unit) -> None:
            def ended(future: asyncio.Future[Any]) -> None:
                self.running -= 1
                done(unit, future)

            self.running += 1
            asyncio.get_running_loop().run_in_executor(self._pool, self._work, unit).add_done_callback(ended)

        while self.running < self._threads and self._room() and (unit := self._turns.take(self._ms, self._fixed())):
            begin(unit)

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._pool.shutdown(wait=False, cancel_futures=True)
