"""Calls take turns; one whose time runs out no longer waits for its own."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.query import Query
from server.load.call import PRESSING, Call
from server.load.turns import UNIT, UNIT_MS, Turns, Unit

PINNED: Any = SimpleNamespace(encoder=None)


def call(size: int, seconds: float | None = None, left: float = 1.0, fuse: str = "") -> Call[Any]:
    """A batch that has the share `left` of its seconds left."""
    made = Call([(i, Query(f"q{i}", fuse=fuse)) for i in range(size)], PINNED, lambda _, outcome: outcome, "", seconds)
    if seconds is not None:
        made.until = time.monotonic() + left * seconds
    return made


def taken(turns: Turns, ms: float = 10.0) -> list[Unit]:
    """Unit after unit, until nothing is left that may be taken."""
    units = []
    while unit := turns.take(lambda _call, _ticket: ms):
        units.append(unit)
    return units


def test_a_large_batch_does_not_hold_up_a_small_one() -> None:
    turns, large, small = Turns(), call(100), call(1)
    turns.add(large, large.tickets())
    turns.add(small, small.tickets())
    assert small in {one for one, _ in turns.take(lambda _call, _ticket: 10.0)}


def test_a_call_whose_time_runs_out_comes_before_all_that_came_later() -> None:
    turns = Turns()
    old, older, fresh = call(4, 1.0, left=PRESSING - 0.1), call(4, 1.0, left=PRESSING - 0.2), call(4, 1.0)
    for one in (fresh, old, older):
        turns.add(one, one.tickets())
    order = [one for unit in taken(turns) for one, _ in unit]
    assert order == [older] * 4 + [old] * 4 + [fresh] * 4


def test_nothing_of_a_call_whose_time_is_over_is_taken() -> None:
    turns, late, other = Turns(), call(3, 1.0, left=-0.1), call(2)
    turns.add(late, late.tickets())
    turns.add(other, other.tickets())
    assert {one for unit in taken(turns) for one, _ in unit} == {other}
    assert len(turns.drop(late)) == 3


calls = st.tuples(st.integers(1, 40), st.sampled_from([None, 1.0, 30.0]), st.floats(0.05, 1.0), st.sampled_from(["", "a", "b"]))


@given(st.lists(calls, min_size=1, max_size=8), st.floats(0.1, 120))
def test_every_ticket_is_taken_once_in_units_of_bounded_time(
    drawn: list[tuple[int, float | None, float, str]], ms: float
) -> None:
    turns, waiting = Turns(), []
    for size, seconds, left, fuse in drawn:
        one = call(size, seconds and seconds * 100, left, fuse)
        tickets = one.tickets()
        turns.add(one, tickets)
        waiting += [(id(one), id(ticket)) for ticket in tickets]
    units = taken(turns, ms)
    assert sorted((id(one), id(ticket)) for unit in units for one, ticket in unit) == sorted(waiting)
    for unit in units:
        assert len(unit) == 1 or len(unit) * ms <= UNIT_MS * 1.5
        assert sum(len(ticket.queries) for _, ticket in unit) < UNIT + 40
        labels = [ticket.queries[0][1].fuse for _, ticket in unit if ticket.queries[0][1].fuse]
        assert len(labels) == len(set(labels)), "two questions of one label do not share a unit"


def test_what_waits_is_cut_into_equal_units_as_few_as_can_be() -> None:
    for waiting, sizes in ((6, [6]), (7, [4, 3]), (16, [6, 5, 5])):  # of 10 ms each
        turns, one = Turns(), call(waiting)
        turns.add(one, one.tickets())
        assert sorted((len(unit) for unit in taken(turns)), reverse=True) == sizes


def test_what_has_waited_longest_is_known_from_turn_to_turn() -> None:
    turns, first, second = Turns(), call(2), call(1)
    assert turns.since == math.inf
    turns.add(first, first.tickets())
    began = turns.since
    turns.add(second, second.tickets())
    assert turns.since == began
    assert turns.take(lambda _call, _ticket: UNIT_MS)[0][0] is first
    assert began < turns.since < math.inf, "the turn is the second call's, which came later"
    turns.drop(second)
    assert turns.since > began, "a call that was served waits anew"
    turns.drop(first)
    assert turns.since == math.inf


def test_what_was_begun_goes_on_before_what_its_call_has_left() -> None:
    turns, one = Turns(), call(3)
    first, *others = one.tickets()
    turns.add(one, others)
    first.steps = (None for _ in range(1))  # type: ignore[assignment]
    turns.add(one, [first])
    assert [ticket for unit in taken(turns, UNIT_MS) for _, ticket in unit] == [first, *others]


@settings(deadline=None)
@given(st.integers(1, 80), st.integers(1, 12), st.integers(1, 9))
def test_a_call_in_parts_has_all_its_queries_once_and_every_question_whole(queries: int, parts: int, questions: int) -> None:
    one = call(queries)
    one.queries = [(place, Query(f"q{place}", fuse=f"{place % questions}" if place % 2 else "")) for place in range(queries)]
    tickets = one.tickets(parts)
    assert sorted(place for ticket in tickets for place, _ in ticket.queries) == list(range(queries))
    assert len(tickets) <= parts
    assert max(len(ticket.questions()) for ticket in tickets) - math.ceil(len(one.tickets()) / parts) <= 0
    for label in {query.fuse for _, query in one.queries} - {""}:
        assert sum(any(query.fuse == label for _, query in ticket.queries) for ticket in tickets) == 1
