"""What does a thread do with a unit?

It retrieves candidates, or it ranks them and gives the answers their form, and it learns how long that takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from ranker.ranking import Failure, Outcome
from ranker.steps import STEP
from server.faults import fault
from server.load.call import Call, Ticket
from server.load.estimate import BESIDE, Estimate
from server.load.turns import UNIT_MS, Unit
from server.observe.queries import QueryLog
from server.units import LATE

if TYPE_CHECKING:
    from ranker.batch import Retrieved
    from ranker.search import Searcher


class Work:
    """Over one searcher; what it does may be done by several threads."""

    def __init__(self, searcher: Searcher, estimate: Mapping[bool, Estimate], asked: QueryLog | None) -> None:
        """`estimate` is what searches take, with the dense part and without it."""
        self._searcher, self._estimate, self._asked = searcher, estimate, asked

    def retrieve(self, unit: Unit) -> list[Retrieved]:
        """Candidates of every ticket. None where that breaks: it will again, alone, in a search.

        Many queries of one ticket are left after some UNIT_MS, with `steps` for what is to be done yet.
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

    def search(self, unit: Unit) -> list[list[tuple[int, Any]]]:
        """Answers of every ticket. What breaks in company is tried again alone."""
        call, ticket = unit[0]
        began = time.perf_counter()
        try:
            found = [self._presented(*of, outcomes) for of, outcomes in zip(unit, self._outcomes(unit), strict=True)]
        except Exception as error:  # noqa: BLE001 - one question breaks alone; the id leads to the traceback in the log
            if len(unit) > 1:
                return [_failed([one], "DEADLINE_EXCEEDED", LATE) if one[0].over else self.search([one])[0] for one in unit]
            if len(questions := ticket.questions()) > 1:
                return [[answer for one in questions for answer in self.search([(call, one)])[0]]]
            return [_failed(unit, "INTERNAL", fault(f"a unit of {len(ticket.queries)}", error))]
        if len({ticket.retrieved is None for _, ticket in unit}) == 1:
            known = self._estimate[call.dense]
            mean = known.ranking if ticket.retrieved else known.whole
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


def _failed(unit: Unit, code: str, message: str) -> list[tuple[int, Any]]:
    """The answers of one ticket that has none."""
    ((call, ticket),) = unit
    return [(place, call.present(place, Failure(query.text, code, message))) for place, query in ticket.queries]
