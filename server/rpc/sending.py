"""How does a reply get to a client that may not take it?

It counts, with what its call keeps meanwhile, until it is taken. Where that takes too long, or too much waits, the connection is
hung up on: gRPC would keep the bytes in memory until it ends.
"""

from __future__ import annotations

import asyncio
from typing import Any

from server.observe.line import Line
from server.places import Places
from server.rpc.hanging_up import HangingUp
from server.rpc.refusing import Context
from server.waiting import Waiting
from server.wire.reply import Reply


class Sending:
    """Of all calls of one worker."""

    def __init__(self, untaken: Waiting, places: Places) -> None:
        self._untaken, self._places = untaken, places
        self._hanging_up = HangingUp()

    def begin(self, line: Line, context: Context, reply: Any, kept: int = 0) -> None:
        """It is on its way until `end`; the call keeps so many bytes beside it."""

        def give_up() -> None:
            line.task.cancel()
            self._hanging_up.on(context.peer())

        self._untaken.begin(line.task, give_up, kept + (len(reply.body) if isinstance(reply, Reply) else reply.ByteSize()))

    async def part(self, line: Line, context: Context, part: Any, kept: int) -> None:
        """The next part of a stream, until there is room for another; till then the call holds no place."""
        self.begin(line, context, part, kept)
        self._places.give()
        try:
            await context.write(part)
        finally:
            self._places.take()
        self._untaken.end(line.task)

    def end(self, task: asyncio.Task[object]) -> None:
        """Nothing of this call is on its way any more."""
        self._untaken.end(task)
