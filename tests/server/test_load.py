"""Is what a call was let in with given back, however it ends?"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Coroutine, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import pytest

from indexer.build import build
from indexer.encoders import Encoder
from ranker.batch import Retrieved
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Failure, Outcome, Ranking
from ranker.search import Searcher
from ranker.steps import STEP, Steps
from server.errors import CapacityExceeded
from server.load.call import Call
from server.load.collector import AHEAD, Collector
from server.load.estimate import Estimate
from server.load.pile import STALLED, WINDOW, Pile, Returned
from server.load.turns import UNIT, UNIT_MS
from server.load.work import Work
from server.waiting import AGAIN, Waiting


class Breaking:
    """A real searcher that breaks over one text in its second half, and can be slow there."""

    def __init__(self, searcher: Searcher, seconds: float = 0.0) -> None:
        self._searcher, self._seconds = searcher, seconds

    def ranked(self, retrieved: Retrieved, pinned: Pinned, until: float) -> list[Outcome]:
        time.sleep(self._seconds)
        if any(query.text == "bad" for query in retrieved.batch.asked.values()):
            raise RuntimeError("broken")
        return self._searcher.ranked(retrieved, pinned, until)

    def search(self, queries: list[Query], pinned: Pinned, until: float) -> list[Outcome]:
        (retrieved,) = self._searcher.retrieved([queries], pinned)
        return self.ranked(retrieved, pinned, until)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def call(searcher: Searcher, size: int, seconds: float | None = None, **fields: Any) -> Call[Any]:
    queries = [(place, Query(f"drinking water {place}", k=1)) for place in range(size)]
    return Call(queries, searcher.pinned, fields.get("present", lambda _, outcome: outcome), "anonymous", seconds)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 30))


async def outcomes_of(collector: Collector, asked: Call[Any]) -> list[Outcome]:
    return [outcome async for unit in collector.run(asked) for _, outcome in unit]


async def answered(collector: Collector, asked: Call[Any]) -> int:
    return sum([isinstance(outcome, Ranking) async for unit in collector.run(asked) for _, outcome in unit])


def test_a_call_whose_reader_stalls_gives_back_what_it_held_when_its_time_is_over(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(Breaking(searcher, 0.005), 1, 1_000_000)  # type: ignore[arg-type]
        stalled = collector.run(call(searcher, 4 * AHEAD, 0.5))
        await anext(stalled)  # and no more is taken
        assert collector.cost
        assert await answered(collector, call(searcher, 8)) == 8  # without a deadline: it waits as long as it takes
        await asyncio.sleep(0.5)
        assert collector.cost == 0
        assert await answered(collector, call(searcher, 1, 0.5)) == 1
        await stalled.aclose()
        collector.close()

    run(work())


def test_a_call_that_is_left_makes_room_for_the_next(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(Breaking(searcher, 0.005), 1, 1_000_000)  # type: ignore[arg-type]
        left = collector.run(call(searcher, 4 * AHEAD))
        await anext(left)
        waiting = asyncio.create_task(answered(collector, call(searcher, 8)))
        await asyncio.sleep(0.05)
        await left.aclose()
        assert await waiting == 8
        await asyncio.sleep(0.5)
        assert collector.cost == 0
        collector.close()

    run(work())


def test_an_answer_that_cannot_be_presented_ends_its_call_and_costs_nothing_more(searcher: Searcher) -> None:
    def present(place: int, outcome: Outcome) -> object:
        raise ValueError("cannot be written")

    async def work(size: int) -> None:
        collector = Collector(searcher, 1, 1_000_000)
        with pytest.raises(ValueError, match="cannot be written"):
            await answered(collector, call(searcher, size, present=present))
        await asyncio.sleep(0.2)
        assert collector.cost == 0
        assert await answered(collector, call(searcher, 1)) == 1
        collector.close()

    for size in (1, 12):
        run(work(size))


def test_a_question_that_breaks_takes_no_other_with_it_though_the_first_one_s_time_is_over(searcher: Searcher) -> None:
    work = Work(Breaking(searcher), {dense: Estimate(dense) for dense in (True, False)}, None)  # type: ignore[arg-type]
    late, bad, sound = call(searcher, 1, 0.0), call(searcher, 1), call(searcher, 1)
    bad.queries = [(0, Query("bad", k=1))]
    unit = [(one, one.tickets()[0]) for one in (late, bad, sound)]
    for _, ticket in unit:
        (ticket.retrieved,) = searcher.retrieved([[query for _, query in ticket.queries]], searcher.pinned)
    ((_, first),), ((_, second),), ((_, third),) = work.search(unit)
    assert isinstance(first, Failure)
    assert first.code == "DEADLINE_EXCEEDED"
    assert isinstance(second, Failure)
    assert second.code == "INTERNAL"
    assert isinstance(third, Ranking)


class Slow:
    """A real searcher whose encoder takes a while over each text, which tells when retrieving begins and goes on."""

    def __init__(self, searcher: Searcher, seconds: float) -> None:
        self._searcher, self._seconds = searcher, seconds
        self.steps: list[str] = []

    def retrieving(self, batches: list[list[Query]], pinned: Pinned) -> Steps[list[Retrieved]]:
        found = self._searcher.retrieving(batches, pinned)
        while True:
            self.steps.append(batches[0][0].text)
            time.sleep(self._seconds)
            try:
                next(found)
            except StopIteration as done:
                return cast("list[Retrieved]", done.value)
            yield

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def test_many_wordings_of_one_question_are_retrieved_in_units_between_which_others_have_theirs(searcher: Searcher) -> None:
    slow = Slow(searcher, UNIT_MS / 1000)
    wordings = [Query(f"drinking water {place}", k=3, fuse="a") for place in range(4 * STEP)]

    async def work() -> None:
        collector = Collector(slow, 1, 1_000_000)  # type: ignore[arg-type]
        large, other = call(searcher, 0), call(searcher, 0)
        large.queries = list(enumerate(wordings))
        other.queries = [(place, Query(f"tides {place}", k=3, fuse="a")) for place in range(STEP + 1)]
        first = asyncio.create_task(outcomes_of(collector, large))
        await asyncio.sleep(2 * UNIT_MS / 1000)
        assert len(await outcomes_of(collector, other)) == STEP + 1
        found = await first
        (expected, *_) = searcher.search(wordings)
        assert isinstance(expected, Ranking)
        assert isinstance(found[0], Ranking)
        assert found[0].hits == expected.hits
        assert collector.cost == 0
        collector.close()

    run(work())
    turns = [text for text, _ in groupby(slow.steps)]
    assert turns[:4] == ["drinking water 0", "tides 0"] * 2, "it is left and taken up again"


def test_wordings_whose_caller_left_are_not_retrieved_to_their_end(searcher: Searcher) -> None:
    slow = Slow(searcher, UNIT_MS / 1000)

    async def work() -> None:
        collector = Collector(slow, 1, 1_000_000)  # type: ignore[arg-type]
        left = call(searcher, 0)
        left.queries = [(place, Query(f"drinking water {place}", k=3, fuse="a")) for place in range(4 * STEP)]
        asking = asyncio.create_task(outcomes_of(collector, left))
        await asyncio.sleep(2.5 * UNIT_MS / 1000)
        asking.cancel()
        await asyncio.sleep(2 * UNIT_MS / 1000)
        done = len(slow.steps)
        await asyncio.sleep(3 * UNIT_MS / 1000)
        assert len(slow.steps) == done < 8
        assert collector.cost == 0
        collector.close()

    run(work())


@pytest.fixture
def hybrid(tiny_corpus: Path, tmp_path: Path, letters: Encoder) -> Iterator[Searcher]:
    """A searcher with a dense part that needs no weights."""
    build([tiny_corpus], tmp_path / "hybrid", letters)
    with Searcher.open(tmp_path / "hybrid", authority="sample", encoder=letters) as searcher:
        yield searcher


def test_a_batch_that_is_alone_is_retrieved_together_in_steps_between_which_others_have_theirs(hybrid: Searcher) -> None:
    slow = Slow(hybrid, UNIT_MS / 1000)

    async def work() -> None:
        collector = Collector(slow, 1, 1_000_000)  # type: ignore[arg-type]
        asked = call(hybrid, UNIT)
        batch = asyncio.create_task(outcomes_of(collector, asked))
        await asyncio.sleep(UNIT_MS / 2000)
        assert isinstance((await outcomes_of(collector, call(hybrid, 1)))[0], Ranking)
        assert not batch.done()
        found, expected = await batch, hybrid.search([query for _, query in asked.queries])
        for ours, theirs in zip(found, expected, strict=True):
            assert isinstance(ours, Ranking)
            assert isinstance(theirs, Ranking)
            assert ours.hits == theirs.hits
        assert len({dict(outcome.stages)["encode"] for outcome in found if isinstance(outcome, Ranking)}) == 1, "one step for all"
        assert collector.cost == 0
        collector.close()

    run(work())
    assert len(slow.steps) > 4, "three of the batch, with the other one's between"


def test_a_batch_that_is_alone_and_whose_caller_leaves_is_not_retrieved_to_its_end(hybrid: Searcher) -> None:
    slow = Slow(hybrid, 2 * UNIT_MS / 1000)

    async def work() -> None:
        collector = Collector(slow, 1, 1_000_000)  # type: ignore[arg-type]
        asking = asyncio.create_task(outcomes_of(collector, call(hybrid, UNIT)))
        await asyncio.sleep(UNIT_MS / 1000)
        asking.cancel()
        await asyncio.sleep(8 * UNIT_MS / 1000)
        assert len(slow.steps) == 1
        assert collector.cost == 0
        collector.close()

    run(work())


def test_a_question_that_breaks_in_a_batch_that_is_alone_breaks_alone(hybrid: Searcher) -> None:
    async def work() -> list[Outcome]:
        collector = Collector(Breaking(hybrid), 1, 1_000_000)  # type: ignore[arg-type]
        asked = call(hybrid, UNIT)
        asked.queries = [*asked.queries[:-1], (UNIT - 1, Query("bad", k=1))]
        found = await outcomes_of(collector, asked)
        collector.close()
        return found

    *sound, bad = run(work())
    assert all(isinstance(outcome, Ranking) for outcome in sound)
    assert isinstance(bad, Failure)
    assert bad.code == "INTERNAL"


def test_a_batch_whose_time_may_be_over_before_all_is_known_is_answered_question_by_question(hybrid: Searcher) -> None:
    async def work() -> list[int]:
        collector = Collector(hybrid, 1, 1_000_000)
        collector.admission.estimate[True].pace.learn(1, 1000)  # so slow were those before
        sizes = [len(unit) async for unit in collector.run(call(hybrid, UNIT, 30))]
        collector.close()
        return sizes

    assert set(run(work())) == {1}


def streamed(searcher: Searcher, size: int, **fields: Any) -> Call[Any]:
    """The same, each answer of a megabyte."""
    made = call(searcher, size, **fields)
    made.size = lambda _: 2**20
    return made


def test_a_stream_that_nobody_reads_is_not_searched_on_and_holds_up_nobody(searcher: Searcher) -> None:
    searched: list[int] = []

    def present(place: int, outcome: Outcome) -> Outcome:
        searched.append(place)
        return outcome

    async def work() -> None:
        collector = Collector(searcher, 1, 30_000)
        reader = collector.run(streamed(searcher, 250, present=present))
        first = await anext(reader)
        await asyncio.sleep(STALLED)
        while collector.cost:  # what is under way ends, and what waits for the reader is nothing that others wait for
            await asyncio.sleep(0.01)
        cost = call(searcher, 1).tickets()[0].cost
        assert len(searched) == math.ceil(WINDOW / cost) < 250
        assert await answered(collector, call(searcher, 250)) == 250
        rest = [answer async for answers in reader for answer in answers]
        assert sorted(place for place, _ in first + rest) == list(range(250))
        assert len(searched) == 250
        assert collector.cost == 0
        collector.close()

    run(work())


def test_streams_whose_readers_come_back_together_keep_nobody_out(searcher: Searcher) -> None:
    async def rest(reader: AsyncGenerator[list[tuple[int, Outcome]], None]) -> int:
        return sum([len(answers) async for answers in reader])

    async def work() -> list[int]:
        cost = call(searcher, 1).tickets()[0].cost
        collector = Collector(Breaking(searcher, 0.001), 1, 250 * cost)  # type: ignore[arg-type]
        readers = []
        for _ in range(8):  # each is as much as may wait; they are let in one after the other, since the others rest
            readers.append(collector.run(streamed(searcher, 250)))
            await anext(readers[-1])
            await asyncio.sleep(STALLED)
            while collector.cost:
                await asyncio.sleep(0.01)
        returned = [asyncio.create_task(rest(reader)) for reader in readers]
        costs = []
        while not all(one.done() for one in returned):
            assert await answered(collector, call(searcher, 1, 5.0)) == 1
            costs.append(collector.cost)
        assert sum([await one for one in returned]) > 8 * 200
        assert collector.cost == 0
        collector.close()
        return costs

    costs = run(work())
    assert len(costs) > 10
    assert max(costs) < 2 * WINDOW


def test_a_stream_that_came_back_leaves_its_share_to_the_others_when_it_ends() -> None:
    async def work() -> None:
        untaken, returned = Waiting(10, 60, 2**20), Returned()
        first, second = (Pile(3 * WINDOW, untaken, lambda: None, returned) for _ in range(2))
        for pile in (first, second):
            pile.begin(WINDOW)
            pile.add(WINDOW, 1)
        await asyncio.sleep(STALLED + 0.1)
        assert first.take()
        assert second.take()
        first.begin(WINDOW)
        assert not second.room
        first.end()
        assert second.room

    run(work())


def test_what_nobody_takes_of_a_stream_is_given_up_when_it_holds_too_much(searcher: Searcher) -> None:
    async def work() -> None:
        untaken = Waiting(10, 60, 4 * 2**20)
        collector = Collector(searcher, 1, 1_000_000, None, untaken)
        reader = collector.run(streamed(searcher, 8))
        await anext(reader)
        await asyncio.sleep(AGAIN + 0.5)
        with pytest.raises(CapacityExceeded, match="not taken"):
            await anext(reader)
        assert untaken.held == 0
        assert collector.cost == 0
        collector.close()

    run(work())


def test_a_question_larger_than_what_may_be_begun_is_answered(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(searcher, 1, 1_000_000)
        asked = streamed(searcher, 0)
        asked.queries = [(place, Query(f"drinking water {place}", k=3, fuse=f"{place // 130}")) for place in range(260)]
        assert len(await outcomes_of(collector, asked)) == 260
        assert collector.cost == 0
        collector.close()

    run(work())
