"""What of a stream was begun, and has its reader taken it?

A reader that does not take what is done gets no more of its questions begun until it does, so that it costs no more than what was
under way; what lies there counts as replies that wait to be taken, in time and in bytes.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from server.waiting import Waiting

WINDOW = 3000
"""Cost that may be begun before any of it is taken: 75 usual queries keep both halves of a search busy."""
STALLED = 0.5
"""Seconds without anything taken after which what is left of a stream is no longer work that others wait for."""


class Pile:
    """Answers of one stream on their way to its reader."""

    def __init__(self, cost: int, untaken: Waiting, give_up: Callable[[], object]) -> None:
        """`cost` is that of all its queries; `give_up` is called when it has waited too long, or too much waits."""
        self._rest, self._untaken, self._give_up = cost, untaken, give_up
        self._ahead = 0
        self._done: deque[tuple[int, int]] = deque()  # cost and bytes of what waits to be taken
        self._since = math.inf

    @property
    def room(self) -> bool:
        """Whether more may be begun."""
        return self._ahead < WINDOW

    @property
    def resting(self) -> int:
        """Cost of what will not be begun before its reader comes back; 0 while it keeps taking."""
        return self._rest if self._done and not self.room and time.monotonic() - self._since > STALLED else 0

    def begin(self, cost: int) -> None:
        """So much of it is on its way."""
        self._ahead += cost
        self._rest -= cost

    def add(self, cost: int, size: int) -> None:
        """So much is done, and lies there in so many bytes."""
        if self._done:
            self._untaken.grow(self, size)
        else:
            self._wait(size)
        self._done.append((cost, size))

    def take(self) -> bool:
        """The first of what is done was taken; whether that makes room."""
        if not self._done:  # it was given up
            return False
        full, (cost, _) = not self.room, self._done.popleft()
        self._ahead -= cost
        self._untaken.end(self)
        if self._done:
            self._wait(sum(size for _, size in self._done))
        return full and self.room

    def clear(self) -> None:
        """Nothing of it waits any more."""
        self._done.clear()
        self._untaken.end(self)

    def _wait(self, size: int) -> None:
        self._since = time.monotonic()
        self._untaken.begin(self, self._give_up, size)
