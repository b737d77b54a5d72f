"""How do queries of several calls become units of work?

A thread that is free takes what waits, up to about 50 ms of it, from the calls in turn. Between units everything is looked at
again: what nobody waits for any more never starts.

A search has two halves, each with a thread of its own. Candidates are retrieved for as many queries together as are 50 ms:
encoder, tantivy and FAISS work outside of the interpreter's lock, and are cheaper together. They are ranked in Python, while the
next ones are retrieved; two threads would only take the lock from each other. Searches by words alone are Python from end to
end, so they are done in one go, and so is what comes alone while nothing else is to be done, if a unit holds it. More than that
is retrieved together as well, and its units are steps: encode all, propose for all, features of all. Queries whose documents a
cross-encoder reads have threads of their own: that takes long, without the lock. While most calls are refused, the event loop
searches by words itself, in slices: every refusal would have to get the lock back from a thread.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from ranker.ranking import Failure
from ranker.steps import STEP
from server.errors import CapacityExceeded
from server.load.admission import Admission
from server.load.call import Answer, Call, Ticket
from server.load.estimate import BESIDE, cost
from server.load.lane import Lane
from server.load.pile import Pile, Returned
from server.load.turns import LONGER, UNIT, UNIT_MS, Unit
from server.load.work import Work
from server.observe.queries import QueryLog
from server.units import LATE
from server.waiting import UNTAKEN, Waiting

if TYPE_CHECKING:
    from ranker.batch import Retrieved
    from ranker.search import Searcher

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
        self.admission = Admission(max_cost)
        """Who is let in."""
        self._estimate = self.admission.estimate
        self._untaken, self._returned = untaken or Waiting(UNTAKEN, TAKE), Returned()
        work = Work(searcher, self._estimate, asked)
        self._retrieving = Lane("retrieve", 1, work.retrieve, self._retrieve_ms, self._retrieve_next, self._retrieve_fixed)
        self._ranking = Lane("rank", 1, work.search, self._search_ms)
        self._words = Lane("words", 1, work.search, self._search_ms, self._words_next, here=self._words_here)
        self._reading = Lane("read", threads, work.search, self._search_ms)
        self._lanes = self._retrieving, self._ranking, self._words, self._reading
        self._closed = False

    @property
    def cost(self) -> int:
        """Admitted and not yet answered, without what waits for readers that do not read."""
        return self.admission.cost

    async def run(self, call: Call[Answer]) -> AsyncGenerator[list[tuple[int, Answer]], None]:
        """One answer per query, as they are known; raises Overloaded where the call would wait in vain."""
        left, own = dict(call.queries), sum(cost(query) for _, query in call.queries)
        self.admission.admit(call, own)
        if call.size:
            call.pile = Pile(own, self._untaken, lambda: self._give_up(call), self._returned)
            self.admission.stream(call)
        self._add(call, own)
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

    def _add(self, call: Call[Any], own: int) -> None:
        """Its tickets wait from now on, each where it is begun.

        It is searched in one go where nothing else is done and a unit holds it: a hop would cost and gain nothing.
        """
        alone = not self._busy
        if alone and not any(lane.waiting for lane in self._lanes):
            self.admission.begin()
        at_once = alone and (len(call.queries) == 1 or own * self._estimate[call.dense].whole.ms <= UNIT_MS * LONGER)
        for ticket in call.tickets(self._parts(call, own) if alone else None):
            (self._last(call, ticket) if at_once else self._first(call, ticket)).add(call, [ticket])

    @property
    def _busy(self) -> bool:
        """Whether a thread has something to do."""
        return any(lane.running for lane in self._lanes)

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
        """Go on with a stream whose reader came back."""
        if not self._busy:
            self.admission.begin()
        self._start()

    def _drop(self, call: Call[Any]) -> None:
        """Nothing of it starts any more."""
        self.admission.end(call)
        if call.pile:
            call.pile.end()
        dropped = [ticket for lane in self._lanes for ticket in lane.drop(call)]
        for ticket in dropped:
            self.admission.done(call, ticket.cost)
        if dropped:
            self._start()

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
        if call.size or not call.dense or not self.admission.in_time(call, own):
            return None
        if call.pinned.reader and any(query.rerank for _, query in call.queries):
            return None
        return math.ceil(max(own / TOGETHER, own * self._estimate[call.dense].ranking.ms / (2 * UNIT_MS)))

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
        return BESIDE * self.admission.usual.retrieving.ms

    def _retrieve_next(self) -> bool:
        """Whether there is room for candidates, and those who want words alone have not waited longer."""
        return self._ranking.waiting < AHEAD and self._retrieving.since <= self._words.since

    def _words_next(self) -> bool:
        """The same for them: what was let in before the dense part was left out keeps the time it was promised."""
        return self._words.since <= self._retrieving.since

    def _words_here(self) -> bool:
        """Whether the event loop searches by words itself: no refusal has to get the interpreter's lock back from a thread."""
        return self.admission.scarce and not self._busy

    def _retrieved(self, unit: Unit, found: list[Retrieved] | None, _: BaseException | None) -> None:
        for (call, ticket), retrieved in zip_longest(unit, found or []):
            ticket.retrieved = retrieved
            if call.over:
                self.admission.done(call, ticket.cost)
            else:
                (self._retrieving if ticket.steps else self._last(call, ticket)).add(call, [ticket])
        self._start()

    def _searched(self, unit: Unit, found: list[list[tuple[int, Any]]], error: BaseException | None) -> None:
        self.admission.learn(unit[0][0].dense, sum(ticket.cost for _, ticket in unit))
        for place, (call, ticket) in enumerate(unit):
            self.admission.done(call, ticket.cost)
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
