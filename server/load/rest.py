"""When has the event loop caught up with what came while it stopped for a slice?

Not after one turn: gRPC hands over a call in several turns, and the next call only then. Without a rest calls would wait unheard,
where nobody counts them as load.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

REST_MS = 1.0
"""Milliseconds after which it is looked at; no less, for a selector waits whole milliseconds."""
BUSY = 0.5
"""Share of them that the event loop has worked if there may be more to do."""
LONGEST_MS = 20.0
"""Milliseconds after which it goes on however much there is to do: refusing is not all that a server is for."""


def rested(then: Callable[[], object], longest_ms: float = LONGEST_MS) -> None:
    """Call `then` on the event loop as soon as that has little to do, after `longest_ms` at the latest."""
    loop = asyncio.get_running_loop()
    until = loop.time() + longest_ms / 1000

    def rest() -> None:
        loop.call_later(REST_MS / 1000, look, time.thread_time())

    def look(before: float) -> None:
        if time.thread_time() - before > BUSY * REST_MS / 1000 and loop.time() < until:
            rest()
        else:
            then()

    rest()
