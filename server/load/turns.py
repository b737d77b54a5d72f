"""Whose queries come next?

Calls whose time runs out come first, the one with the least of it before the others: what a call was promised when it was let in,
later ones must not take from it. All others take turns, a question each, so that a batch of 256 does not hold up a batch of one.
What is taken together is for one snapshot and one table, and takes about UNIT_MS; what waits is cut into equal parts, since
a last unit of two queries pays as much for being a unit as one of ten.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from server.load.call import Call, Ticket

UNIT_MS = 50.0
"""Milliseconds that a unit is meant to take: the grain of deadlines and cancellation."""
UNIT = 32
"""Queries in one unit, at most; only the wordings of one question may be more."""
SEEN = 4
"""Units that are cut into equal parts; beyond them it does not matter."""
LONGER = 1.25
"""Times UNIT_MS that units may take so that there is one less of them: 32 short queries are three of 53 ms, not four of 46."""

Unit = list[tuple[Call[Any], Ticket]]
"""What is done in one go."""


class Turns:
    """Tickets that wait for one stage of their way."""

    def __init__(self) -> None:
        self._of: OrderedDict[Call[Any], deque[Ticket]] = OrderedDict()
        self._since: dict[Call[Any], float] = {}

    def __bool__(self) -> bool:
        """Whether any waits."""
        return bool(self._of)

    def __len__(self) -> int:
        """Queries that wait."""
        return sum(len(ticket.queries) for tickets in self._of.values() for ticket in tickets)

    @property
    def since(self) -> float:
        """time.monotonic() since when the call whose turn is next has waited for it; infinity if none waits."""
        return next((self._since[call] for call in self._of if self._ready(call)), math.inf)

    def add(self, call: Call[Any], tickets: Iterable[Ticket]) -> None:
        """At the end of the call's own; before them what was begun and goes on."""
        self._since.setdefault(call, time.monotonic())
        waiting = self._of.setdefault(call, deque())
        for ticket in tickets:
            (waiting.appendleft if ticket.steps else waiting.append)(ticket)

    def drop(self, call: Call[Any]) -> list[Ticket]:
        """What of it still waits; it waits no more."""
        self._since.pop(call, None)
        return list(self._of.pop(call, ()))

    def take(self, ms: Callable[[Call[Any], Ticket], float], fixed: float = 0.0, whole: float = UNIT_MS) -> Unit:
        """The next tickets, `ms` being what each is expected to take, and `fixed` what a unit of `whole` takes beside them.

        None of a call whose time is over.
        """
        unit: Unit = []
        room = max(whole - fixed, whole / 4)
        share = self._share(ms, room)
        now, spent, size, labels = time.monotonic(), 0.0, 0, set[str]()
        for call in self._order():
            if not self._ready(call):
                continue
            ticket, label = self._of[call][0], self._of[call][0].queries[0][1].fuse
            if unit and (call.pinned is not unit[0][0].pinned or label in labels):
                continue
            needed = ms(call, ticket)
            if unit and (size >= UNIT or spent + needed / 2 > share or spent + needed > room * 1.5):
                break
            call.begin(ticket)
            unit.append((call, self._of[call].popleft()))
            spent, size = spent + needed, size + len(ticket.queries)
            labels |= {label} - {""}
        for call in dict.fromkeys(call for call, _ in unit):
            self._of.move_to_end(call)
            self._since[call] = now
            if not self._of[call]:
                del self._of[call], self._since[call]
        return unit

    def _share(self, ms: Callable[[Call[Any], Ticket], float], room: float) -> float:
        """Milliseconds of tickets for each of the next units, of which there are as few as can be."""
        total = 0.0
        for call, tickets in self._of.items():
            for ticket in tickets if self._ready(call) else ():
                total += ms(call, ticket)
                if total > SEEN * room:
                    return room
        return total / max(1, math.ceil(total / (room * LONGER)))

    def _ready(self, call: Call[Any]) -> bool:
        """Whether its next ticket may be taken, as far as its reader goes; the others wait behind that one."""
        tickets = self._of[call]
        return bool(tickets) and call.may_begin(tickets[0])

    def _order(self) -> Iterator[Call[Any]]:
        """A call for each ticket that waits, in the order in which they are to be taken."""
        now = time.monotonic()
        alive = [call for call in self._of if now < call.until]
        for call in sorted((call for call in alive if call.pressing(now)), key=lambda call: call.until):
            for _ in range(len(self._of[call])):
                yield call
        turns = [call for call in alive if not call.pressing(now)]
        while turns := [call for call in turns if self._of[call]]:
            before = sum(len(self._of[call]) for call in turns)
            yield from (call for call in turns if self._of[call])
            if sum(len(self._of[call]) for call in turns) == before:
                return
