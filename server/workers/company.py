"""What does a worker ask of the others?"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Protocol

from server.memory import Memory
from server.state import Controls, State, Worker, worker_of
from server.workers.line import Line
from server.workers.order import Order


class Company(Protocol):
    """The workers of one server, seen from one of them. Its questions raise LineBroken where the supervisor does not answer."""

    head: int
    """Process id to be told when the server shall end."""
    size: int
    """Workers, this one among them."""

    http: socket.socket | None
    """The listening socket that all share; None for one of its own."""
    controls: Controls | None
    """What the supervisor may do with this worker; set before it serves."""
    memory: Memory
    """What a worker that is started again knows."""

    async def workers(self, own: State) -> list[Worker]:
        """All of them, by number."""

    async def reload(self) -> tuple[str, ...]:
        """Have the others take up what changed on disk; what that was, once they have."""

    async def withdraw(self, file: Path) -> None:
        """Have the others serve nothing that reads this damaged file."""


class Alone:
    """A server of one process."""

    def __init__(self) -> None:
        self.head, self.size = os.getpid(), 1
        self.http: socket.socket | None = None
        self.controls: Controls | None = None
        self.memory = Memory()

    async def workers(self, own: State) -> list[Worker]:
        """Itself."""
        return [worker_of(own)]

    async def reload(self) -> tuple[str, ...]:
        """There are no others."""
        return ()

    async def withdraw(self, file: Path) -> None:
        """There are no others."""


class Colleagues:
    """The others of a supervised worker, reached through the supervisor."""

    def __init__(self, line: Line, order: Order, http: socket.socket | None) -> None:
        self._line = line
        self.http = http
        self.head = os.getppid()
        self.controls: Controls | None = None
        self.size, self.memory = order.settings.workers, order.memory

    async def workers(self, own: State) -> list[Worker]:  # noqa: ARG002 - it is asked like the others
        """Whoever does not answer is there as silent."""
        return [Worker(**record) for record in await self._line.ask("workers")]

    async def reload(self) -> tuple[str, ...]:
        """Whoever dies meanwhile starts with what is on disk."""
        return tuple(await self._line.ask("reload", seconds=30.0))

    async def withdraw(self, file: Path) -> None:
        """They need not read it themselves."""
        await self._line.ask("withdraw", str(file))
