"""Does nothing start that nobody waits for any more?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import grpc

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Outcome
from ranker.search import Searcher
from server.client import Client, Failure, Ranking
from server.load.call import Call
from server.load.collector import Collector
from server.load.turns import UNIT
from server.units import Units


def batch(size: int) -> pb.BatchSearchRequest:
    return pb.BatchSearchRequest(queries=[pb.Query(text=f"drinking water {n}") for n in range(size)])


async def every(answers: AsyncIterator[list[str]]) -> list[str]:
    return [answer async for unit in answers for answer in unit]


def test_queries_that_miss_the_deadline_fail_alone_and_in_time_to_be_read(searcher: Searcher, held, serve) -> None:
    slow = held(searcher, free=1)  # the first unit is answered, the second waits longer than the caller does
    with Client(serve(slow, threads=1).address) as client:
        outcomes = client.batch_search([f"drinking water {n}" for n in range(3 * UNIT)], timeout=1.0)
    slow.gate.set()
    answered = sum(isinstance(outcome, Ranking) for outcome in outcomes)
    assert 0 < answered <= UNIT
    assert all(isinstance(outcome, Ranking) for outcome in outcomes[:answered])
    assert all(isinstance(outcome, Failure) and outcome.code == "DEADLINE_EXCEEDED" for outcome in outcomes[answered:])
    assert slow.searches == 2  # the third unit did not start


def test_after_cancellation_no_new_unit_starts(searcher: Searcher, held, serve) -> None:
    slow = held(searcher)
    with grpc.insecure_channel(serve(slow, threads=1).address) as channel:
        stub = SearchStub(channel)
        cancelled = stub.BatchSearch.future(batch(4 * UNIT), timeout=20)
        assert slow.waiting.wait(20)
        cancelled.cancel()
        stub.Status(pb.StatusRequest(), timeout=20)  # behind the cancellation, on the same connection
        slow.gate.set()
        for _ in range(2):  # the pool has one thread: whatever the cancelled call had started would come before the second
            stub.BatchSearch(batch(1), timeout=20)
    assert slow.searches == 1 + 2


def test_a_deadline_that_has_passed_starts_nothing() -> None:
    started: list[Sequence[int]] = []

    def work(items: Sequence[int]) -> list[str]:
        started.append(items)
        return ["done"] * len(items)

    units = Units(1)
    answers = asyncio.run(every(units.run([range(3)], work, lambda item, code, _: f"{item} {code}", 0.0)))
    units.close()
    assert answers == [f"{n} DEADLINE_EXCEEDED" for n in range(3)]
    assert not started


def test_a_unit_that_breaks_does_not_take_the_others_with_it() -> None:
    def work(items: Sequence[int]) -> list[str]:
        if 0 in items:
            raise RuntimeError("broken")
        return ["done"] * len(items)

    units = Units(1)
    halves = [range(UNIT), range(UNIT, 2 * UNIT)]
    answers = asyncio.run(every(units.run(halves, work, lambda _, code, message: code, None)))
    units.close()
    assert answers == ["INTERNAL"] * UNIT + ["done"] * UNIT


def test_under_load_nothing_of_a_cancelled_call_starts_any_more(searcher: Searcher) -> None:
    began: list[tuple[float, str]] = []

    class Slow:
        def search(self, queries: Sequence[Query], pinned: Pinned, until: float) -> list[Outcome]:
            began.extend((time.monotonic(), query.text.split()[-1]) for query in queries)
            time.sleep(0.02)
            return searcher.search(queries, pinned, until)

    async def ask(collector: Collector, number: int) -> int:
        queries = [(place, Query(f"water {place} call{number}", k=1)) for place in range(12)]
        call = Call(queries, searcher.pinned, lambda _, outcome: isinstance(outcome, Ranking), "anonymous")
        return sum([answered async for unit in collector.run(call) for _, answered in unit])

    async def load() -> tuple[float, list[int], int]:
        collector = Collector(Slow(), 2, 1_000_000)  # type: ignore[arg-type]
        calls = [asyncio.create_task(ask(collector, number)) for number in range(30)]
        await asyncio.sleep(0.1)
        for call in calls[::2]:
            call.cancel()
        gone = time.monotonic()
        answered = await asyncio.gather(*calls[1::2])
        await asyncio.gather(*calls[::2], return_exceptions=True)
        left = collector.cost
        collector.close()
        return gone, answered, left

    gone, answered, left = asyncio.run(load())
    assert answered == [12] * 15
    assert left == 0
    cancelled = {f"call{number}" for number in range(0, 30, 2)}
    assert any(call in cancelled for at, call in began if at < gone)
    assert not [call for at, call in began if at > gone + 0.01 and call in cancelled]  # a unit may have been on its way
    assert any(at > gone + 0.01 for at, _ in began)
