"""Who is let in, and what answers them?

A call that would wait in vain is refused at once. That goes by what is admitted and not yet answered, and by the pace at which
such work was done lately.
"""

from __future__ import annotations

import time
from typing import Any

from server.errors import Overloaded
from server.load.call import Call
from server.load.estimate import LEARNING, Estimate
from server.load.refusals import Refusals
from server.load.shedding import Shedding

HASTE = 0.6
"""Share of the time given that waiting and searching may take by estimate; beyond it a call is refused at once."""
UNREAD_SHARE = 0.05
"""Share of the time given that a call which was not read may be taken to need itself."""


class Admission:
    """Knows what is under way; everything happens on the event loop."""

    def __init__(self, max_cost: int) -> None:
        self.estimate = {dense: Estimate(dense) for dense in (True, False)}
        """What searches take, with the dense part and without it."""
        self.max_cost = max_cost
        """The most that may wait."""
        self._shedding, self._refusals = Shedding(), Refusals()
        self._queued = {True: 0, False: 0}
        self._streams: set[Call[Any]] = set()
        self._usual, self._done_at = 0.0, 0.0

    @property
    def cost(self) -> int:
        """Admitted and not yet answered, without what waits for readers that do not read."""
        return self._pending(True) + self._pending(False)

    def _pending(self, dense: bool) -> int:
        return self._queued[dense] - sum(call.pile.resting for call in self._streams if call.pile and call.dense is dense)

    @property
    def shed(self) -> tuple[str, ...]:
        """What would be left out of a call that comes now, in words."""
        self._look(self._wait)
        return self._shedding.told

    @property
    def scarce(self) -> bool:
        """Whether more calls are refused than let in, so that all is done that answers more of them."""
        return self._shedding.fewer

    @property
    def usual(self) -> Estimate:
        """What a search takes that is let in now."""
        return self.estimate[not self._shedding.on]

    def full(self, seconds: float | None) -> Overloaded | None:
        """Why there is no use in reading a search that has so many seconds; None where it may be let in.

        A usual one would be late by estimate. One that asks for less than is usual may lose a twentieth of its time by that.
        """
        if not self.cost or seconds is None:
            return None
        given, wait = seconds * 1000, self._wait
        own = min(self._usual * self.usual.pace.ms, UNREAD_SHARE * given)
        if wait + own <= HASTE * given:
            return None
        self._refusals.note(refused=True)
        self._look(wait)
        return _overloaded(wait)

    def admit(self, call: Call[Any], own: int) -> None:
        """Let in a call that costs so much. Raises Overloaded; may choose what answers without a part of the search."""
        wait = self._wait
        self._usual += LEARNING * (own - self._usual)
        self._look(wait)
        if call.pinned and call.dense:
            call.pinned = self._shedding.of(call.pinned)
        needed = wait + own * self.estimate[call.dense].pace.ms
        late = call.seconds is not None and needed > call.seconds * 1000 * HASTE
        refused = bool(self.cost) and (late or self.cost + own > self.max_cost)
        self._refusals.note(refused)
        if refused:
            raise _overloaded(wait)
        self._queued[call.dense] += own

    def stream(self, call: Call[Any]) -> None:
        """What of it waits for its reader is no load."""
        self._streams.add(call)

    def end(self, call: Call[Any]) -> None:
        """Nothing of it begins any more."""
        self._streams.discard(call)

    def done(self, call: Call[Any], cost: int) -> None:
        """So much of a call is answered, or will never be."""
        self._queued[call.dense] -= cost

    def begin(self) -> None:
        """There was nothing to do until now: that says nothing of the pace."""
        self._done_at = time.perf_counter()

    def learn(self, dense: bool, cost: int) -> None:
        """So much was done just now."""
        now = time.perf_counter()
        self.estimate[dense].pace.learn(cost, (now - self._done_at) * 1000)
        self._done_at = now

    def in_time(self, call: Call[Any], own: int) -> bool:
        """Whether all of a call that costs so much is known well before its time is over, if nothing else is done."""
        return call.left is None or own * self.estimate[call.dense].pace.ms <= call.left * 1000 * HASTE

    def _look(self, wait: float) -> None:
        self._shedding.look(wait, self._refusals.share)

    @property
    def _wait(self) -> float:
        """Milliseconds that a call would wait, by estimate."""
        return sum(self._pending(dense) * estimate.pace.ms for dense, estimate in self.estimate.items())


def _overloaded(wait: float) -> Overloaded:
    """After so many milliseconds there is room again."""
    return Overloaded("the server has too much to do", max(wait / 1000, 0.1))
