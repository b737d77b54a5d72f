"""Whose queries come next?

Calls take turns, a question each, so that a batch of 256 does not hold up a batch of one. What is taken together is for one
snapshot and one table, and takes about UNIT_MS.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

from server.load.call import Call, Ticket

UNIT_MS = 50.0
"""Milliseconds that a unit is meant to take: the grain of deadlines and cancellation."""
UNIT = 32
"""Queries in one unit, at most; only the wordings of one question may be more."""

Unit = list[tuple[Call[Any], Ticket]]
"""What is done in one go."""


class Turns:
    """Tickets that wait for one stage of their way."""

    def __init__(self) -> None:
        self._of: OrderedDict[Call[Any], deque[Ticket]] = OrderedDict()

    def add(self, call: Call[Any], tickets: Iterable[Ticket]) -> None:
        """At the end of the call's own."""
        self._of.setdefault(call, deque()).extend(tickets)

    def drop(self, call: Call[Any]) -> list[Ticket]:
        """What of it still waits; it waits no more."""
        return list(self._of.pop(call, ()))

    def take(self, ms: Callable[[Call[Any], Ticket], float]) -> Unit:
        """The next tickets, `ms` being what each is expected to take; none of a call whose time is over."""
        unit: Unit = []
        spent, size, labels = 0.0, 0, set[str]()
        for _ in range(len(self._of) * UNIT):
            if not self._of or (unit and (spent >= UNIT_MS or size >= UNIT)):
                break
            call, tickets = self._of.popitem(last=False)
            ticket, label = tickets[0], tickets[0].queries[0][1].fuse
            if time.monotonic() < call.until and (not unit or (call.pinned is unit[0][0].pinned and label not in labels)):
                needed = ms(call, ticket)
                if unit and spent + needed > UNIT_MS * 1.5:
                    self._of[call] = tickets
                    self._of.move_to_end(call, last=False)
                    break
                unit.append((call, tickets.popleft()))
                spent, size = spent + needed, size + len(ticket.queries)
                labels |= {label} - {""}
            if tickets:
                self._of[call] = tickets
        return unit
