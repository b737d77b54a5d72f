"""How do queries of several calls become units of work?

A thread that is free takes what waits, up to about 50 ms of it, from the calls in turn: under little load a query starts
at once and alone, under much load it shares its encoding and its FAISS call with others. Between units everything is looked
at again: what nobody waits for any more never starts. A unit holds queries for one snapshot and one table only.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ranker.query import Query
from ranker.ranking import Failure, Outcome
from server.errors import Overloaded
from server.guard import fault
from server.load.estimate import Estimate, cost
from server.load.shedding import UNREAD, WORDS, Shedding
from server.observe.queries import QueryLog
from server.units import LATE, MARGIN

if TYPE_CHECKING:
    from ranker.pinned import Pinned
    from ranker.search import Searcher

UNIT_MS = 50.0
"""Milliseconds that a unit is meant to take: the grain of deadlines and cancellation."""
UNIT = 32
"""Queries in one unit, at most; only the wordings of one question may be more."""
HASTE = 0.8
"""Share of the time given that waiting and searching may take by estimate; beyond it a call is refused at once."""

Answer = TypeVar("Answer")
Ticket = list[tuple[int, Query]]
"""Queries that stay together, each with its place in the call."""


@dataclass(slots=True)
class Call(Generic[Answer]):
    """One batch on its way."""

    queries: Sequence[tuple[int, Query]]
    """With their places in the caller's batch."""
    pinned: Pinned
    """What to answer from."""
    present: Callable[[int, Outcome], Answer]
    """From a query's place and its outcome; runs on the thread that searched."""
    caller: str
    """For the query log."""
    seconds: float | None = None
    """Left to the caller; None for no deadline."""
    tickets: deque[Ticket] = field(default_factory=deque)
    """What waits."""
    answers: asyncio.Queue[list[tuple[int, Answer]]] = field(default_factory=asyncio.Queue)
    """What is done."""
    until: float = float("inf")
    """time.monotonic() at which the reply must be on its way."""

    def __post_init__(self) -> None:
        groups: dict[str | int, Ticket] = {}
        for place, query in self.queries:
            groups.setdefault(query.fuse or place, []).append((place, query))
        self.tickets.extend(groups.values())
        if self.seconds is not None:
            self.until = time.monotonic() + self.seconds - min(MARGIN, self.seconds / 10)

    @property
    def dense(self) -> bool:
        """Whether its queries are encoded."""
        return self.pinned is not None and self.pinned.encoder is not None


class Collector:
    """Runs searches on `threads` threads; everything but the searches themselves happens on the event loop."""

    def __init__(self, searcher: Searcher, threads: int, max_cost: int, asked: QueryLog | None = None) -> None:
        self._searcher = searcher
        self._threads = threads
        self._asked = asked
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")
        self._waiting: deque[Call[Any]] = deque()
        self._running = 0
        self._estimate = Estimate()
        self._shedding = Shedding()
        self._queued = {True: 0, False: 0}
        self.max_cost = max_cost
        """The most that may wait."""

    @property
    def cost(self) -> int:
        """Admitted and not yet answered."""
        return sum(self._queued.values())

    @property
    def shed(self) -> tuple[str, ...]:
        """What is left out at present, in words."""
        return (WORDS,) if self._shedding.on else (f"reranking left out: {UNREAD}",) if self._shedding.unread else ()

    async def run(self, call: Call[Answer]) -> AsyncGenerator[list[tuple[int, Answer]], None]:
        """One answer per query, as they are known; raises Overloaded where the call would wait in vain."""
        self._admit(call)
        left = dict(call.queries)
        self._waiting.append(call)
        try:
            self._start()
            while left:
                try:
                    answers = await asyncio.wait_for(call.answers.get(), _left(call.until))
                except TimeoutError:
                    yield [(p, call.present(p, Failure(q.text, "DEADLINE_EXCEEDED", LATE))) for p, q in left.items()]
                    return
                for place, _ in answers:
                    del left[place]
                yield answers
        finally:
            self._forget(call)

    def _admit(self, call: Call[Any]) -> None:
        """Raises Overloaded; may choose what answers without the dense part."""
        wait = sum(self._queued[dense] * self._estimate.ms(dense) for dense in (True, False)) / self._threads
        own = sum(cost(query) for _, query in call.queries)
        self._shedding.look(wait)
        if call.pinned and call.dense:
            call.pinned = self._shedding.of(call.pinned)
        needed = wait + own * self._estimate.ms(call.dense) / self._threads
        late = call.seconds is not None and needed > call.seconds * 1000 * HASTE
        if self.cost and (late or self.cost + own > self.max_cost):
            raise Overloaded("the server has too much to do", max(wait / 1000, 0.1))
        self._queued[call.dense] += own

    def _start(self) -> None:
        """Give every free thread a unit."""
        while self._running < self._threads and (unit := self._unit()):
            self._running += 1
            running = asyncio.get_running_loop().run_in_executor(self._pool, self._search, unit)
            running.add_done_callback(lambda done, unit=unit: self._done(unit, done))  # type: ignore[misc]

    def _unit(self) -> list[tuple[Call[Any], Ticket]]:
        """The next tickets, from the calls in turn, that the first one's snapshot and table can answer."""
        unit: list[tuple[Call[Any], Ticket]] = []
        ms, size, labels = 0.0, 0, set[str]()
        pinned: Pinned | None = None
        for _ in range(len(self._waiting) * UNIT):
            if not self._waiting or (unit and (ms >= UNIT_MS or size >= UNIT)):
                break
            call = self._waiting.popleft()
            if not call.tickets or time.monotonic() >= call.until:
                continue
            ticket, label = call.tickets[0], call.tickets[0][0][1].fuse
            if not unit or (call.pinned is pinned and label not in labels):
                spent = sum(cost(query) for _, query in ticket) * self._estimate.ms(call.dense)
                if unit and ms + spent > UNIT_MS * 1.5:
                    self._waiting.appendleft(call)
                    break
                unit.append((call, call.tickets.popleft()))
                pinned, ms, size = call.pinned, ms + spent, size + len(ticket)
                labels |= {label} - {""}
            if call.tickets:
                self._waiting.append(call)
        return unit

    def _search(self, unit: list[tuple[Call[Any], Ticket]]) -> list[list[tuple[int, Any]]]:
        """Answers of every ticket; on a thread of the pool. What breaks in company is tried again alone."""
        call, _ = unit[0]
        began = time.perf_counter()
        try:
            until = min(one.until for one, _ in unit)
            outcomes = iter(self._searcher.search([query for _, ticket in unit for _, query in ticket], call.pinned, until))
            found = [self._presented(call, ticket, [next(outcomes) for _ in ticket]) for call, ticket in unit]
        except Exception as error:  # noqa: BLE001 - one question breaks alone; the id leads to the traceback in the log
            if len(unit) > 1 and time.monotonic() < call.until:
                return [self._search([one])[0] for one in unit]
            message = fault(f"a unit of {sum(len(ticket) for _, ticket in unit)}", error)
            return [[(p, one.present(p, Failure(q.text, "INTERNAL", message))) for p, q in ticket] for one, ticket in unit]
        spent = sum(cost(query) for _, ticket in unit for _, query in ticket)
        self._estimate.learn(call.dense, spent, (time.perf_counter() - began) * 1000)
        return found

    def _presented(self, call: Call[Any], ticket: Ticket, outcomes: list[Outcome]) -> list[tuple[int, Any]]:
        if self._asked:
            self._asked.write(call.caller, [query for _, query in ticket], outcomes)
        return [(place, call.present(place, outcome)) for (place, _), outcome in zip(ticket, outcomes, strict=True)]

    def _done(self, unit: list[tuple[Call[Any], Ticket]], done: asyncio.Future[list[list[tuple[int, Any]]]]) -> None:
        self._running -= 1
        if not done.cancelled():
            for (call, ticket), answers in zip(unit, done.result(), strict=True):
                self._queued[call.dense] -= sum(cost(query) for _, query in ticket)
                call.answers.put_nowait(answers)
        self._start()

    def _forget(self, call: Call[Any]) -> None:
        """Whatever of it still waits never starts."""
        self._queued[call.dense] -= sum(cost(query) for ticket in call.tickets for _, query in ticket)
        call.tickets.clear()

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _left(until: float) -> float | None:
    """Seconds left, None for no deadline."""
    return None if until == float("inf") else max(0.0, until - time.monotonic())
