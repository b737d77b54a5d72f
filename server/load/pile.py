"""What of a stream was begun, and has its reader taken it?

A reader that does not take what is done gets no more of its questions begun until it does, so that it costs no more than what was
under way; what lies there counts as replies that wait to be taken, in time and in bytes. Others are let in meanwhile, so whoever
comes back goes on beside them, and all who came back share what one stream may have under way.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from server.waiting import Waiting

WINDOW = 3000
"""Cost that may be begun before any of it is taken: 75 usual queries keep both halves of a search busy."""
STALLED = 0.5
"""Seconds without anything taken after which what is left of a stream is no longer work that others wait for."""


@dataclass(slots=True)
class Returned:
    """All streams whose readers stalled and came back."""

    cost: int = 0
    """Of what is under way of them; none of them begins more at WINDOW."""


class Pile:
    """Answers of one stream on their way to its reader."""

    def __init__(self, cost: int, untaken: Waiting, give_up: Callable[[], object], returned: Returned) -> None:
        """`cost` is that of all its queries; `give_up` is called when it has waited too long, or too much waits."""
        self._rest, self._untaken, self._give_up, self._returned = cost, untaken, give_up, returned
        self.back = False
        """Whether its reader stalled and came back."""
        self._ahead = self._under_way = 0
        self._done: deque[tuple[int, int]] = deque()  # cost and bytes of what waits to be taken
        self._since = math.inf

    @property
    def room(self) -> bool:
        """Whether more may be begun."""
        return self._ahead < WINDOW and not (self.back and self._returned.cost >= WINDOW)

    @property
    def resting(self) -> int:
        """Cost of what others need not wait for: not begun, since its reader stalls, or once did; else 0."""
        return self._rest if self.back or self._stalled else 0

    @property
    def _stalled(self) -> bool:
        return bool(self._done) and self._ahead >= WINDOW and time.monotonic() - self._since > STALLED

    def begin(self, cost: int) -> None:
        """So much of it is on its way."""
        self._ahead += cost
        self._rest -= cost
        self._move(cost)

    def add(self, cost: int, size: int) -> None:
        """So much is done, and lies there in so many bytes."""
        self._move(-cost)
        if self._done:
            self._untaken.grow(self, size)
        else:
            self._wait(size)
        self._done.append((cost, size))

    def take(self) -> bool:
        """The first of what is done was taken; whether that makes room."""
        if not self._done:  # it was given up
            return False
        if self._rest and self._stalled and not self.back:
            self.back = True
            self._returned.cost += self._under_way
        full, (cost, _) = not self.room, self._done.popleft()
        self._ahead -= cost
        self._untaken.end(self)
        if self._done:
            self._wait(sum(size for _, size in self._done))
        return full and self.room

    def end(self) -> None:
        """Nothing more of it begins, and nothing under way is waited for."""
        self._move(-self._under_way)
        self._rest, self.back = 0, False

    def clear(self) -> None:
        """Nothing of it waits any more."""
        self._done.clear()
        self._untaken.end(self)

    def _move(self, cost: int) -> None:
        self._under_way += cost
        if self.back:
            self._returned.cost += cost

    def _wait(self, size: int) -> None:
        self._since = time.monotonic()
        self._untaken.begin(self, self._give_up, size)
