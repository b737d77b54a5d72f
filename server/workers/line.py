"""What do a worker and its supervisor say to each other?

Questions and answers over a pair of sockets, a JSON array a line: ``["ask", 7, "reload", null]`` and ``["answer", 7, [...]]`` or
``["refuse", 7, "why"]``; a ``tell`` wants no answer. Both sides may ask. The kernel closes the line when a process ends, however
it ends, so that it is also how each learns that the other is gone.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Self

import orjson

from server.errors import LineBroken

MAX_LINE = 2**20
"""Bytes in a message; a state is some hundred."""
PATIENCE = 5.0
"""Seconds that an answer may take: a reload opens a generation."""

Answer = Callable[[str, Any], Awaitable[Any]]
"""Answers a verb with what was given; what orjson can write both ways."""


class Line:
    """One end; `talk` must run for anything to be heard."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._reader, self._writer = reader, writer
        self._answer = answer
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, end: socket.socket, answer: Answer) -> Self:
        """A line over this socket, which it then owns."""
        return cls(*await asyncio.open_connection(sock=end, limit=MAX_LINE), answer)

    async def talk(self) -> None:
        """Answer what is asked until the other side is gone."""
        try:
            while line := await self._reader.readline():
                self._hear(*orjson.loads(line))
        except (OSError, ValueError):  # reset, or a line cut short by the other's end
            pass
        finally:
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(LineBroken("the other process is gone"))
            for task in self._tasks:
                task.cancel()
            self._writer.close()

    async def settled(self) -> None:
        """Until whoever asked has heard; once nobody talks any more that is at once."""
        while self._asked:
            await asyncio.sleep(0)

    async def ask(self, verb: str, given: object = None, seconds: float = PATIENCE) -> Any:
        """The other side's answer. Raises LineBroken where it is gone, refuses, or says nothing for so long."""
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            self._send("ask", number, verb, given)
            return await asyncio.wait_for(self._asked[number], seconds)
        except TimeoutError:
            raise LineBroken(f"no answer to {verb!r} within {seconds:g} s") from None
        finally:
            del self._asked[number]

    def tell(self, verb: str, given: object = None) -> None:
        """The same without an answer. Raises LineBroken."""
        self._send("tell", 0, verb, given)

    def _send(self, *message: object) -> None:
        if self._writer.is_closing():
            raise LineBroken("the other process is gone")
        self._writer.write(written(*message))

    def _hear(self, kind: str, number: int, what: Any, given: object = None) -> None:
        if kind in ("ask", "tell"):
            task = asyncio.ensure_future(self._answered(kind, number, what, given))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        asked = self._asked.get(number)
        if asked and not asked.done():
            if kind == "answer":
                asked.set_result(what)
            else:
                asked.set_exception(LineBroken(str(what)))

    async def _answered(self, kind: str, number: int, verb: str, given: object) -> None:
        try:
            answer = ("answer", number, await self._answer(verb, given))
        except Exception as error:  # noqa: BLE001 - whoever asked hears of it; the line goes on
            answer = ("refuse", number, f"{type(error).__name__}: {error}")
        if kind == "ask" and not self._writer.is_closing():
            self._writer.write(written(*answer))


def written(*message: object) -> bytes:
    """A message as it goes over the line."""
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
