"""How do queries of several calls become units of work?

A thread that is free takes what waits, up to about 50 ms of it, from the calls in turn: under little load a query starts
at once and alone, under much load it shares its encoding and its FAISS call with others. Between units everything is looked
at again: what nobody waits for any more never starts.

Where a query would not start at once, or many come in one call, they are encoded ahead on a thread of their own, as many
together as are 50 ms: the encoder works in C while a search works in Python. The search finds the vectors among the encoder's
latest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ranker.ranking import Failure, Outcome
from server.errors import Overloaded
from server.guard import fault
from server.load.call import Answer, Call, Ticket
from server.load.estimate import Estimate, characters, cost
from server.load.shedding import UNREAD, WORDS, Shedding
from server.load.turns import Turns, Unit
from server.observe.queries import QueryLog
from server.units import LATE

if TYPE_CHECKING:
    from ranker.search import Searcher

HASTE = 0.8
"""Share of the time given that waiting and searching may take by estimate; beyond it a call is refused at once."""
ALONE = 4
"""Queries that an idle server encodes with their search: a hop to another thread would cost more than it gains."""


class Collector:
    """Runs searches on `threads` threads; everything but the searches themselves happens on the event loop."""

    def __init__(self, searcher: Searcher, threads: int, max_cost: int, asked: QueryLog | None = None) -> None:
        self._searcher = searcher
        self._threads = threads
        self._asked = asked
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="encode-ahead")
        self._unencoded, self._ready = Turns(), Turns()
        self._running, self._encoding = 0, False
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
        busy = self._running or self._encoding or len(call.queries) > ALONE
        (self._unencoded if call.dense and busy else self._ready).add(call, call.tickets())
        try:
            self._start()
            while left:
                try:
                    async with asyncio.timeout(call.left):
                        answers = await call.answers.get()
                except TimeoutError:
                    yield [(p, call.present(p, Failure(q.text, "DEADLINE_EXCEEDED", LATE))) for p, q in left.items()]
                    return
                for place, _ in answers:
                    del left[place]
                yield answers
        finally:
            call.gone = True
            for ticket in (*self._unencoded.drop(call), *self._ready.drop(call)):
                self._queued[call.dense] -= ticket.cost

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
        while self._running < self._threads and (unit := self._ready.take(self._search_ms)):
            self._running += 1
            self._run(self._pool, self._search, unit, self._searched)
        if not self._encoding and (unit := self._unencoded.take(self._encode_ms)):
            self._encoding = True
            self._run(self._ahead, self._encode, unit, self._encoded)

    def _run(
        self, pool: ThreadPoolExecutor, work: Callable[[Unit], Any], unit: Unit, done: Callable[[Unit, asyncio.Future[Any]], None]
    ) -> None:
        """`work` on a thread, then `done` on the event loop, and whatever comes next."""

        def ended(future: asyncio.Future[Any]) -> None:
            try:
                done(unit, future)
            finally:
                self._start()

        asyncio.get_running_loop().run_in_executor(pool, work, unit).add_done_callback(ended)

    def _search_ms(self, call: Call[Any], ticket: Ticket) -> float:
        encoded = sum(characters(query) for _, query in ticket.queries) * self._estimate.encode_ms if ticket.encoded else 0.0
        return max(ticket.cost * self._estimate.ms(call.dense) - encoded, 1.0)

    def _encode_ms(self, _: Call[Any], ticket: Ticket) -> float:
        return sum(characters(query) for _, query in ticket.queries) * self._estimate.encode_ms

    def _encode(self, unit: Unit) -> float:
        """Milliseconds that it took; on the thread that encodes ahead. What breaks here breaks again, alone, in its search."""
        encoder = unit[0][0].pinned.encoder
        began = time.perf_counter()
        if encoder is not None:
            with suppress(Exception):
                encoder.encode([query.words for _, ticket in unit for _, query in ticket.queries], "query")
        return (time.perf_counter() - began) * 1000

    def _encoded(self, unit: Unit, done: asyncio.Future[float]) -> None:
        self._encoding = False
        if done.cancelled():
            return
        ms = done.result()
        self._estimate.learn_encoding(sum(characters(query) for _, ticket in unit for _, query in ticket.queries), ms)
        for call, ticket in unit:
            ticket.encoded = ms
            if call.gone:
                self._queued[call.dense] -= ticket.cost
            else:
                self._ready.add(call, [ticket])

    def _search(self, unit: Unit) -> list[list[tuple[int, Any]]]:
        """Answers of every ticket; on a thread of the pool. What breaks in company is tried again alone."""
        call, _ = unit[0]
        began = time.perf_counter()
        try:
            queries = [query for _, ticket in unit for _, query in ticket.queries]
            outcomes = iter(self._searcher.search(queries, call.pinned, min(one.until for one, _ in unit)))
            found = [self._presented(one, ticket, [next(outcomes) for _ in ticket.queries]) for one, ticket in unit]
        except Exception as error:  # noqa: BLE001 - one question breaks alone; the id leads to the traceback in the log
            if len(unit) > 1 and time.monotonic() < call.until:
                return [self._search([one])[0] for one in unit]
            message = fault(f"a unit of {sum(len(ticket.queries) for _, ticket in unit)}", error)
            return [
                [(p, one.present(p, Failure(q.text, "INTERNAL", message))) for p, q in ticket.queries] for one, ticket in unit
            ]
        encoded = sum(self._encode_ms(one, ticket) for one, ticket in unit if ticket.encoded)
        spent = sum(ticket.cost for _, ticket in unit)
        self._estimate.learn(call.dense, spent, (time.perf_counter() - began) * 1000 + encoded)
        return found

    def _presented(self, call: Call[Any], ticket: Ticket, outcomes: list[Outcome]) -> list[tuple[int, Any]]:
        if self._asked:
            self._asked.write(call.caller, [query for _, query in ticket.queries], outcomes)
        told = [_encoded_in(ticket.encoded, outcome) for outcome in outcomes] if ticket.encoded else outcomes
        return [(place, call.present(place, outcome)) for (place, _), outcome in zip(ticket.queries, told, strict=True)]

    def _searched(self, unit: Unit, done: asyncio.Future[list[list[tuple[int, Any]]]]) -> None:
        self._running -= 1
        if done.cancelled():
            return
        for (call, ticket), answers in zip(unit, done.result(), strict=True):
            self._queued[call.dense] -= ticket.cost
            call.answers.put_nowait(answers)

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._ahead.shutdown(wait=False, cancel_futures=True)


def _encoded_in(ms: float, outcome: Outcome) -> Outcome:
    """A ranking whose times count the batch in which its query was encoded."""
    if isinstance(outcome, Failure):
        return outcome
    stages = tuple((stage, spent + ms if stage == "encode" else spent) for stage, spent in outcome.stages)
    return replace(outcome, took_ms=outcome.took_ms + ms, stages=stages)
