"""Is one line written of every call over gRPC, however it ends?"""

from __future__ import annotations

import asyncio
import time

from server.observe.calls import Call, Observer


class Line:
    """What the log will say of a call; made where it begins, in the task that answers it."""

    def __init__(self, method: str, observe: Observer) -> None:
        self._method, self._observe, self._told = method, observe, False
        self.caller = "anonymous"
        """The key's id."""
        task = asyncio.current_task()
        assert task is not None, "gRPC answers every call in a task of its own"
        self.task: asyncio.Task[object] = task
        self.begin()

    def begin(self) -> None:
        """Its time runs from now on: the request is whole."""
        self._began = time.perf_counter()

    def end(self, code: str, asked: int = 1, failed: int = 0) -> None:
        """Write it, unless that was done."""
        if not self._told:
            self._told = True
            ms = (time.perf_counter() - self._began) * 1000
            self._observe(Call(self._method, self.caller, code, asked, failed, ms))

    def omit(self) -> None:
        """Write nothing."""
        self._told = True
