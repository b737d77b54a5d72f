"""Does the event loop search without stopping for anything else, while most calls are refused?"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Outcome, Ranking
from ranker.search import Searcher
from server.load.call import Call
from server.load.collector import Collector
from server.load.lane import LONGEST, SLICE_MS, Lane
from server.load.refusals import HALF
from server.load.rest import REST_MS, rested
from server.load.turns import Unit


class Watched:
    """A real searcher that notes which thread searched for what, and how often the event loop had turned by then."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self.turns = 0
        self.seen: list[tuple[bool, int, list[str]]] = []

    def search(self, queries: Sequence[Query], pinned: Pinned, until: float) -> list[Outcome]:
        here = threading.current_thread() is threading.main_thread()
        self.seen.append((here, self.turns, [query.text for query in queries]))
        return self._searcher.search(queries, pinned, until)

    async def turn(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def call(searcher: Searcher, size: int, k: int = 100, text: str = "drinking water") -> Call[Any]:
    queries = [(place, Query(f"{text} {place}", k=k)) for place in range(size)]
    return Call(queries, searcher.pinned, lambda _, outcome: outcome, "anonymous")


async def answers(collector: Collector, asked: Call[Any]) -> dict[int, Any]:
    return {place: outcome async for unit in collector.run(asked) for place, outcome in unit}


async def crowded(searcher: Searcher, watched: Watched) -> tuple[Collector, list[asyncio.Task[dict[int, Any]]]]:
    """A collector that has too much to do and refuses most calls, and what asks it."""
    collector = Collector(watched, 1, 1_000_000)  # type: ignore[arg-type]
    asking = [asyncio.create_task(answers(collector, call(searcher, 100))) for _ in range(4)]
    await asyncio.sleep(0)
    while not collector.admission.scarce:
        assert collector.admission.full(0.01)
    return collector, asking


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def test_while_most_calls_are_refused_the_event_loop_searches_itself_and_turns_between_slices(searcher: Searcher) -> None:
    watched = Watched(searcher)

    async def work() -> None:
        turning = asyncio.create_task(watched.turn())
        collector, asking = await crowded(searcher, watched)
        found = await asyncio.gather(*asking)
        assert collector.cost == 0
        collector.close()
        turning.cancel()
        expected = searcher.search([query for _, query in call(searcher, 100).queries])
        for one in found:
            for place, outcome in enumerate(expected):
                assert isinstance(outcome, Ranking)
                assert [hit.doc_id for hit in one[place].hits] == [hit.doc_id for hit in outcome.hits]

    run(work())
    turns = [turns for here, turns, _ in watched.seen if here]
    assert len(turns) > 10
    assert len(set(turns)) == len(turns), "the event loop turns between two slices"
    assert sum(here for here, _, _ in watched.seen) > len(watched.seen) / 2


def lane_of(begun: list[tuple[bool, int]], ms: float) -> Lane:
    """One whose work is the event loop's, and notes whether it does it and how many questions it has."""

    def work(unit: Unit) -> None:
        begun.append((threading.current_thread() is threading.main_thread(), len(unit)))

    return Lane("words", 1, work, lambda _, ticket: ms, here=lambda: True)


async def ended(lane: Lane) -> None:
    """What waited in it is done."""
    lane.start(lambda *_: lane.start(lambda *_: None))
    while lane.running:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("ms", "begun"), [(LONGEST * SLICE_MS + 1, (False, 1)), (LONGEST * SLICE_MS - 1, (True, 1)), (SLICE_MS / 4, (True, 4))]
)
def test_what_is_expected_to_take_longer_than_a_slice_goes_to_a_thread(
    searcher: Searcher, ms: float, begun: tuple[bool, int]
) -> None:
    async def work() -> list[tuple[bool, int]]:
        seen: list[tuple[bool, int]] = []
        lane, asked = lane_of(seen, ms), call(searcher, 8)
        lane.add(asked, asked.tickets())
        await ended(lane)
        lane.close()
        return seen

    assert asyncio.run(work())[0] == begun


@pytest.mark.parametrize("leave", [lambda lane, asked: lane.drop(asked), lambda lane, _: lane.close()])
def test_no_slice_begins_for_who_left_or_in_a_server_that_ends(
    searcher: Searcher, leave: Callable[[Lane, Call[Any]], Any]
) -> None:
    async def work() -> list[tuple[bool, int]]:
        seen: list[tuple[bool, int]] = []
        lane, asked = lane_of(seen, 1.0), call(searcher, 3)
        lane.add(asked, asked.tickets())
        lane.start(lambda *_: None)
        assert lane.running
        leave(lane, asked)
        await asyncio.sleep(0.1)
        return seen

    assert asyncio.run(work()) == []


def test_threads_search_again_once_few_calls_are_refused(searcher: Searcher) -> None:
    watched = Watched(searcher)

    async def work() -> None:
        collector, asking = await crowded(searcher, watched)
        await asyncio.gather(*asking)
        while collector.admission.scarce:
            await asyncio.sleep(HALF / 10)
            collector.admission.admit(call(searcher, 0), 0)
        watched.seen.clear()
        assert len(await answers(collector, call(searcher, 4))) == 4
        collector.close()

    run(work())
    assert watched.seen
    assert not any(here for here, _, _ in watched.seen)


@pytest.mark.parametrize(("longest_ms", "turns"), [(60_000, 10), (5, 1)])
def test_the_event_loop_rests_until_it_has_little_to_do_or_long_enough(longest_ms: float, turns: int) -> None:
    async def work() -> None:
        worked, done = 0, asyncio.get_running_loop().create_future()

        def busy() -> None:
            nonlocal worked
            until = time.thread_time() + 2 * REST_MS / 1000
            while time.thread_time() < until:
                pass
            worked += 1
            if not done.done() and (longest_ms < 1000 or worked < turns):
                asyncio.get_running_loop().call_soon(busy)

        busy()
        rested(lambda: done.set_result(worked), longest_ms)
        assert await done >= turns

    run(work())
