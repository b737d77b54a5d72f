"""How does a batch run off the event loop, within its deadline?

In units of a few items on a small pool of threads, one unit of a batch after the other: tantivy, FAISS and numpy release
the interpreter's lock, and a large batch does not keep small ones waiting. Between units the batch looks up: once its
call is cancelled nothing new starts, and once the deadline is near what is left fails as DEADLINE_EXCEEDED, in time to
be read. A unit that runs cannot be stopped; its answer is thrown away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from server.faults import fault

MARGIN = 0.1
"""Seconds kept back before the deadline to send the reply, but never more than a tenth of the time given."""
LATE = "the deadline passed before this was answered; allow more time, or send less at once"

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Units:
    """A pool of `threads` threads that answers batches."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")

    async def run(
        self,
        units: Sequence[Sequence[Item]],
        work: Callable[[Sequence[Item]], list[Answer]],
        fail: Callable[[Item, str, str], Answer],
        seconds: float | None,
    ) -> AsyncIterator[list[Answer]]:
        """One answer per item, a unit at a time: `work`'s, or `fail(item, code, message)` for items that were late or broke.

        `seconds` is the time left to the caller, None for no deadline.
        """
        until = None if seconds is None else time.monotonic() + seconds - min(MARGIN, seconds / 10)
        for unit in units:
            left = None if until is None else until - time.monotonic()
            yield await self._answer(unit, work, fail, left)

    async def _answer(
        self,
        unit: Sequence[Item],
        work: Callable[[Sequence[Item]], list[Answer]],
        fail: Callable[[Item, str, str], Answer],
        left: float | None,
    ) -> list[Answer]:
        if left is not None and left <= 0:
            return [fail(item, "DEADLINE_EXCEEDED", LATE) for item in unit]
        try:
            running = asyncio.get_running_loop().run_in_executor(self._pool, work, unit)
            answers = await asyncio.wait_for(running, left)  # on time-out or cancellation a unit still in the queue never starts
        except TimeoutError:
            return [fail(item, "DEADLINE_EXCEEDED", LATE) for item in unit]
        except Exception as error:  # noqa: BLE001 - one unit breaks alone; the id leads to the traceback in the log
            message = fault(f"a unit of {len(unit)}", error)
            return [fail(item, "INTERNAL", message) for item in unit]
        assert len(answers) == len(unit), "one answer per item"
        return answers

    def close(self) -> None:
        """Let running units end without waiting for them; queued ones never start."""
        self._pool.shutdown(wait=False, cancel_futures=True)
