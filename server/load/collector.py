"""How do queries of several calls become units of work?

A thread that is free takes what waits, up to about 50 ms of it, from the calls in turn. Between units everything is looked at
again: what nobody waits for any more never starts.

A search has two halves, each with a thread of its own. Candidates are retrieved for as many queries together as are 50 ms:
encoder, tantivy and FAISS work outside of the interpreter's lock, and are cheaper together. They are ranked in Python, while the
next ones are retrieved; two threads would only take the lock from each other. Searches by words alone are Python from end to
end, so they are done in one go, and so is what comes alone while nothing else is to be done, if a unit holds it. More than that
is retrieved together as well, and its units are steps: encode all, propose for all, features of all. Queries whose documents a
cross-encoder reads have threads of their own: that takes long, without the lock.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Iterator
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, cast

from ranker.ranking import Failure, Outcome
from ranker.steps import STEP
from server.errors import CapacityExceeded, Overloaded
from server.faults import fault
from server.load.call import Answer, Call, Ticket
from server.load.estimate import BESIDE, LEARNING, Estimate, cost
from server.load.lane import Lane
from server.load.pile import Pile
from server.load.shedding import UNREAD, WORDS, Shedding
from server.load.turns import LONGER, UNIT, UNIT_MS, Unit
from server.observe.queries import QueryLog
from server.units import LATE
from server.waiting import UNTAKEN, Waiting

if TYPE_CHECKING:
    from ranker.batch import Retrieved
    from ranker.search import Searcher

HASTE = 0.6
"""Share of the time given that waiting and searching may take by estimate; beyond it a call is refused at once."""
UNREAD_SHARE = 0.05
"""Share of the time given that a call which was not read may be taken to need itself."""
TAKE = 60.0
"""Seconds until what is done of a stream has been taken, where nobody says otherwise."""
UNTAKEN_PARTS = "the parts of this stream were not taken; read each as it comes, or ask for less at once"
TOGETHER = 1280
"""Cost of a part of a call that is alone, at most: 32 usual queries, which are ranked in some 50 ms."""
AHEAD = 2 * UNIT
"""Queries whose candidates may wait to be ranked before no more are retrieved."""


class Collector:
    """Runs searches, those with a cross-encoder `threads` at once; everything but the searches happens on the event loop."""

    def __init__(
        self,
        searcher: Searcher,
        threads: int,
        max_cost: int,
        asked: QueryLog | None = None,
        untaken: Waiting | None = None,
    ) -> None:
        """`untaken` are the replies that wait for their clients; what is done of a stream and was not taken waits with them."""
        self._searcher = searcher
        self._asked = asked
        self._untaken = untaken or Waiting(UNTAKEN, TAKE)
        self._streams: set[Call[Any]] = set()
        self._retrieving = Lane("retrieve", 1, self._retrieve, self._retrieve_ms, self._retrieve_next, self._retrieve_fixed)
        self._ranking = Lane("rank", 1, self._search, self._search_ms)
        self._words = Lane("words", 1, self._search, self._search_ms, self._words_next)
        self._reading = Lane("read", threads, self._search, self._search_ms)
        self._lanes = self._retrieving, self._ranking, self._words, self._reading
        self._estimate = {dense: Estimate(dense) for dense in (True, False)}
        self._shedding = Shedding()
        self._queued = {True: 0, False: 0}
        self._usual, self._done_at = 0.0, 0.0
        self._closed = False
        self.max_cost = max_cost
        """The most that may wait."""

    @property
    def cost(self) -> int:
        """Admitted and not yet answered, without what waits for readers that do not read."""
        return self._pending(True) + self._pending(False)

    def _pending(self, dense: bool) -> int:
        return self._queued[dense] - sum(call.pile.resting for call in self._streams if call.pile and call.dense is dense)

    @property
    def shed(self) -> tuple[str, ...]:
        """What would be left out of a call that comes now, in words."""
        self._shedding.look(self._wait)
        return (WORDS,) if self._shedding.on else (f"reranking left out: {UNREAD}",) if self._shedding.unread else ()

    async def run(self, call: Call[Answer]) -> AsyncGenerator[list[tuple[int, Answer]], None]:
        """One answer per query, as they are known; raises Overloaded where the call would wait in vain."""
        left, own = dict(call.queries), sum(cost(query) for _, query in call.queries)
        self._admit(call, own)
        if call.size:
            call.pile = Pile(own, self._untaken, lambda: self._give_up(call))
            self._streams.add(call)
        alone = not any(lane.running for lane in self._lanes)
        at_once = alone and self._at_once(call, own)
        for ticket in call.tickets(self._parts(call, own) if alone else None):
            (self._last(call, ticket) if at_once else self._first(call, ticket)).add(call, [ticket])
        over = None if call.left is None else asyncio.get_running_loop().call_later(call.left, self._over, call)
        try:  # whoever does not take what is yielded stays in here: what waits for the call must not wait for that
            self._start()
            while left:
                answers = await call.answers.get()
                if answers is None:
                    yield [(p, call.present(p, Failure(q.text, "DEADLINE_EXCEEDED", LATE))) for p, q in left.items()]
                    return
                if isinstance(answers, BaseException):
                    raise answers
                for place, _ in answers:
                    del left[place]
                yield answers
                if call.pile and call.pile.take():
                    self._resume()
        finally:
            call.gone = True
            if over:
                over.cancel()
            self._drop(call)
            if call.pile:
                call.pile.clear()

    def _over(self, call: Call[Any]) -> None:
        """Its time is."""
        self._drop(call)
        call.answers.put_nowait(None)

    def _give_up(self, call: Call[Any]) -> None:
        """Nobody takes what is done of it, and that holds too much memory, or has for too long."""
        call.gone = True
        self._drop(call)
        while not call.answers.empty():
            call.answers.get_nowait()
        call.answers.put_nowait(CapacityExceeded(UNTAKEN_PARTS))
        if call.pile:
            call.pile.clear()

    def _resume(self) -> None:
        """Go on with a stream whose reader came back; the time in which there was nothing else to do says nothing of the work."""
        if not any(lane.running for lane in self._lanes):
            self._done_at = time.perf_counter()
        self._start()

    def _drop(self, call: Call[Any]) -> None:
        """Nothing of it starts any more."""
        self._streams.discard(call)
        dropped = [ticket for lane in self._lanes for ticket in lane.drop(call)]
        for ticket in dropped:
            self._queued[call.dense] -= ticket.cost
        if dropped:
            self._start()

    def full(self, seconds: float | None) -> Overloaded | None:
        """Why there is no use in reading a search that has so many seconds; None where it may be let in.

        A usual one would be late by estimate. One that asks for less than is usual may lose a twentieth of its time by that.
        """
        if not self.cost or seconds is None:
            return None
        given, wait = seconds * 1000, self._wait
        own = min(self._usual * self._estimate[not self._shedding.on].pace.ms, UNREAD_SHARE * given)
        if wait + own <= HASTE * given:
            return None
        self._shedding.look(wait)
        return _overloaded(wait)

    @property
    def _wait(self) -> float:
        """Milliseconds that a call would wait, by estimate."""
        return sum(self._pending(dense) * estimate.pace.ms for dense, estimate in self._estimate.items())

    def _admit(self, call: Call[Any], own: int) -> None:
        """Raises Overloaded; may choose what answers without the dense part."""
        wait = self._wait
        self._usual += LEARNING * (own - self._usual)
        self._shedding.look(wait)
        if call.pinned and call.dense:
            call.pinned = self._shedding.of(call.pinned)
        needed = wait + own * self._estimate[call.dense].pace.ms
        late = call.seconds is not None and needed > call.seconds * 1000 * HASTE
        if self.cost and (late or self.cost + own > self.max_cost):
            raise _overloaded(wait)
        if not any(lane.running or lane.waiting for lane in self._lanes):
            self._done_at = time.perf_counter()
        self._queued[call.dense] += own

    def _start(self) -> None:
        """Give every free thread a unit."""
        if self._closed:
            return
        self._reading.start(self._searched)
        self._words.start(self._searched)
        self._ranking.start(self._searched)
        self._retrieving.start(self._retrieved)

    def _parts(self, call: Call[Any], own: int) -> int | None:
        """In how many parts a call that is alone is searched; None: a question is a part, for there is one reason or another.

        Its answers are wanted one by one, or its time may be over before all are known; or its parts gain nothing.
        """
        known = self._estimate[call.dense]
        if call.size or not call.dense or (call.left is not None and own * known.pace.ms > call.left * 1000 * HASTE):
            return None
        if call.pinned.reader and any(query.rerank for _, query in call.queries):
            return None
        return math.ceil(max(own / TOGETHER, own * known.ranking.ms / (2 * UNIT_MS)))

    def _at_once(self, call: Call[Any], own: int) -> bool:
        """Whether it is searched in one go where nothing else is done: a unit holds it, so a hop would cost and gain nothing."""
        return len(call.queries) == 1 or own * self._estimate[call.dense].whole.ms <= UNIT_MS * LONGER

    def _first(self, call: Call[Any], ticket: Ticket) -> Lane:
        """Where it is begun."""
        last = self._last(call, ticket)
        if call.dense or len(ticket.queries) > STEP:
            return self._retrieving
        return self._words if last is self._ranking else last

    def _last(self, call: Call[Any], ticket: Ticket) -> Lane:
        """Where it is answered."""
        return self._reading if call.pinned and call.pinned.reader and any(q.rerank for _, q in ticket.queries) else self._ranking

    def _search_ms(self, call: Call[Any], ticket: Ticket) -> float:
        known = self._estimate[call.dense]
        return ticket.cost * (known.ranking if ticket.retrieved else known.whole).ms

    def _retrieve_ms(self, call: Call[Any], ticket: Ticket) -> float:
        if ticket.steps:
            return 2 * UNIT_MS  # it fills its units, so that it shares none
        return ticket.characters * self._estimate[call.dense].retrieving.ms

    def _retrieve_fixed(self) -> float:
        """Milliseconds of a unit beside its tickets."""
        return BESIDE * self._estimate[not self._shedding.on].retrieving.ms

    def _retrieve_next(self) -> bool:
        """Whether there is room for candidates, and those who want words alone have not waited longer."""
        return self._ranking.waiting < AHEAD and self._retrieving.since <= self._words.since

    def _words_next(self) -> bool:
        """The same for them: what was let in before the dense part was left out keeps the time it was promised."""
        return self._words.since <= self._retrieving.since

    def _retrieve(self, unit: Unit) -> list[Retrieved]:
        """Candidates of every ticket; on the thread that retrieves. None where that breaks: it will again, alone, in a search.

        Many wordings of one question are left after some UNIT_MS, with `steps` for what is to be done yet.
        """
        call, first = unit[0]
        began, begun = time.perf_counter(), first.steps if len(unit) == 1 else None
        asked = [[query for _, query in ticket.queries] for _, ticket in unit]
        try:
            steps = begun or self._searcher.retrieving(asked, call.pinned)
            while len(asked) > 1 or len(asked[0]) <= STEP or (time.perf_counter() - began) * 1000 < UNIT_MS:
                next(steps)
        except StopIteration as done:
            first.steps = None
            if not begun:
                spent = BESIDE + sum(ticket.characters for _, ticket in unit)
                self._estimate[call.dense].retrieving.learn(spent, (time.perf_counter() - began) * 1000)
            return cast("list[Retrieved]", done.value)
        except Exception:  # noqa: BLE001
            first.steps = None
            return []
        first.steps = steps
        return []

    def _retrieved(self, unit: Unit, found: list[Retrieved] | None, _: BaseException | None) -> None:
        for (call, ticket), retrieved in zip_longest(unit, found or []):
            ticket.retrieved = retrieved
            if call.over:
                self._queued[call.dense] -= ticket.cost
            else:
                (self._retrieving if ticket.steps else self._last(call, ticket)).add(call, [ticket])
        self._start()

    def _search(self, unit: Unit) -> list[list[tuple[int, Any]]]:
        """Answers of every ticket; on a thread of the pool. What breaks in company is tried again alone."""
        call, _ = unit[0]
        began = time.perf_counter()
        try:
            found = [self._presented(*of, outcomes) for of, outcomes in zip(unit, self._outcomes(unit), strict=True)]
        except Exception as error:  # noqa: BLE001 - one question breaks alone; the id leads to the traceback in the log
            if len(unit) > 1:
                return [_failed([one], "DEADLINE_EXCEEDED", LATE) if one[0].over else self._search([one])[0] for one in unit]
            if len(questions := unit[0][1].questions()) > 1:
                return [[answer for one in questions for answer in self._search([(call, one)])[0]]]
            return [_failed(unit, "INTERNAL", fault(f"a unit of {len(unit[0][1].queries)}", error))]
        if len({ticket.retrieved is None for _, ticket in unit}) == 1:
            known = self._estimate[call.dense]
            mean = known.ranking if unit[0][1].retrieved else known.whole
            mean.learn(sum(ticket.cost for _, ticket in unit), (time.perf_counter() - began) * 1000)
        return found

    def _outcomes(self, unit: Unit) -> Iterator[list[Outcome]]:
        """Of every ticket; those whose candidates are not known are searched together."""
        pinned, until = unit[0][0].pinned, max(call.until for call, _ in unit)
        fresh = [query for _, ticket in unit if not ticket.retrieved for _, query in ticket.queries]
        searched = iter(self._searcher.search(fresh, pinned, until) if fresh else ())
        for call, ticket in unit:
            if ticket.retrieved:
                yield self._searcher.ranked(ticket.retrieved, pinned, call.until)
            else:
                yield list(islice(searched, len(ticket.queries)))

    def _presented(self, call: Call[Any], ticket: Ticket, outcomes: list[Outcome]) -> list[tuple[int, Any]]:
        if self._asked:
            self._asked.write(call.caller, [query for _, query in ticket.queries], outcomes)
        return [(place, call.present(place, outcome)) for (place, _), outcome in zip(ticket.queries, outcomes, strict=True)]

    def _searched(self, unit: Unit, found: list[list[tuple[int, Any]]], error: BaseException | None) -> None:
        now, dense = time.perf_counter(), unit[0][0].dense
        self._estimate[dense].pace.learn(sum(ticket.cost for _, ticket in unit), (now - self._done_at) * 1000)
        self._done_at = now
        for place, (call, ticket) in enumerate(unit):
            self._queued[call.dense] -= ticket.cost
            if call.gone:
                continue
            call.answers.put_nowait(error or found[place])
            if call.pile and call.size and not error:
                call.pile.add(ticket.cost, sum(call.size(answer) for _, answer in found[place]))
        self._start()

    def close(self) -> None:
        """Let running units end without waiting for them; what waits never starts."""
        self._closed = True
        for lane in self._lanes:
            lane.close()


def _overloaded(wait: float) -> Overloaded:
    """After so many milliseconds there is room again."""
    return Overloaded("the server has too much to do", max(wait / 1000, 0.1))


def _failed(unit: Unit, code: str, message: str) -> list[tuple[int, Any]]:
    """The answers of one ticket that has none."""
    ((call, ticket),) = unit
    return [(place, call.present(place, Failure(query.text, code, message))) for place, query in ticket.queries]
