"""What happens when there is more to do than can be done?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build
from indexer.encoders import Encoder
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.cross import Reader
from ranker.query import Query
from ranker.ranking import Failure, Outcome, Ranking
from ranker.search import Searcher
from server.client import Client
from server.load.admission import HASTE, UNREAD_SHARE
from server.load.call import Call
from server.load.collector import Collector
from server.load.estimate import FIRST
from server.load.refusals import HALF, Refusals
from server.load.shedding import BEGIN, END, FEW, FEWER, FEWER_BEGIN, FEWER_END, UNREAD_BEGIN, UNREAD_END, WORDS, Shedding
from server.load.turns import UNIT


def test_beyond_the_bound_a_call_is_refused_at_once_with_the_seconds_to_wait(
    searcher: Searcher, held: Any, serve: Callable[..., Any]
) -> None:
    slow = held(searcher)
    running = serve(slow, threads=1, max_cost=100)
    with grpc.insecure_channel(running.address) as channel:
        stub = SearchStub(channel)
        first = stub.BatchSearch.future(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=30)
        assert slow.waiting.wait(20)
        with pytest.raises(grpc.RpcError) as raised:
            stub.BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 3), timeout=30)
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(dict(raised.value.trailing_metadata())["retry-after"]) >= 1
        slow.gate.set()
        assert first.result().outcomes[0].HasField("ranking")
        assert stub.BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="tides")]), timeout=30).outcomes[0].ranking.hits


@pytest.mark.parametrize("method", ["BatchSearch", "BatchSearchStream"])
def test_a_full_server_refuses_a_search_before_it_reads_it(
    searcher: Searcher, held: Any, serve: Callable[..., Any], method: str
) -> None:
    slow = held(searcher)
    running = serve(slow, threads=1)
    with grpc.insecure_channel(running.address) as channel:
        first = SearchStub(channel).BatchSearch.future(pb.BatchSearchRequest(queries=[pb.Query(text="water")] * 256), timeout=60)
        assert slow.waiting.wait(20)
        ask = channel.unary_stream(f"/stepwell.v1.Search/{method}")  # bytes that are no request, once they are looked at
        for seconds, code in ((1, grpc.StatusCode.RESOURCE_EXHAUSTED), (60, grpc.StatusCode.INVALID_ARGUMENT)):
            with pytest.raises(grpc.RpcError) as raised:
                next(ask(b"\xff", timeout=seconds))
            assert raised.value.code() is code
        slow.gate.set()
        assert len(first.result().outcomes) == 256


def test_what_asks_for_less_than_is_usual_loses_little_of_its_time_to_a_server_that_does_not_read(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(searcher, 1, 1_000_000)
        large = [(place, Query(f"water {place}", k=100)) for place in range(100)]  # 200 of cost each
        asking = asyncio.create_task(anext(collector.run(Call(large, searcher.pinned, lambda _, outcome: outcome, "", None))))
        await asyncio.sleep(0)
        wait = collector.cost * FIRST * (1.0 if searcher.pinned.encoder else 0.5) / 1000
        assert collector.admission.full(wait) is not None
        assert collector.admission.full(wait / (HASTE - UNREAD_SHARE) * 1.01) is None
        assert collector.admission.full(None) is None
        await asking
        collector.close()

    asyncio.run(work())


async def _much(collector: Collector, searcher: Searcher) -> list[asyncio.Task[Any]]:
    """Four calls of a hundred large queries each, let in."""
    large = [(place, Query(f"water {place}", k=100)) for place in range(100)]
    asking = [
        asyncio.create_task(anext(collector.run(Call(large, searcher.pinned, lambda _, outcome: outcome, "", None))))
        for _ in range(4)
    ]
    await asyncio.sleep(0)
    return asking


def test_what_is_left_out_is_said_while_there_is_too_much_to_do_and_no_longer(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(searcher, 1, 1_000_000)
        asking = await _much(collector, searcher)
        assert collector.admission.shed == (WORDS,)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        while collector.cost:  # what runs already ends; nobody asks anything of this server after that
            await asyncio.sleep(0.01)
        assert collector.admission.shed == ()
        collector.close()

    asyncio.run(asyncio.wait_for(work(), 60))


def test_an_idle_server_takes_a_batch_of_any_cost(searcher: Searcher, serve: Callable[..., Any]) -> None:
    with Client(serve(searcher, max_cost=1).address) as client:
        outcomes = client.batch_search(["water"] * 50)
    assert all(isinstance(outcome, Ranking) for outcome in outcomes)


def test_queries_of_several_calls_share_a_unit(searcher: Searcher, held: Any, serve: Callable[..., Any]) -> None:
    slow = held(searcher)
    running = serve(slow, threads=1)
    with Client(running.address) as client, ThreadPoolExecutor(5) as callers:
        first = callers.submit(client.search, "water")
        assert slow.waiting.wait(20)
        others = [callers.submit(client.search, f"tides {n}") for n in range(4)]
        threading.Event().wait(0.5)  # until they have arrived
        slow.gate.set()
        assert all(caller.result(20).hits for caller in [first, *others])
    assert slow.searches == 3  # the first alone, one that a free thread took at once, the others together


def test_a_question_that_breaks_its_unit_breaks_alone() -> None:
    class Breaking:
        """Breaks over one text."""

        def search(self, queries: list[Query], pinned: object, until: float) -> list[Outcome]:
            if any(query.text == "bad" for query in queries):
                raise RuntimeError("broken")
            return [Failure(query.text, "NOT_FOUND", "") for query in queries]

    async def ask() -> list[str]:
        collector = Collector(Breaking(), 1, 10_000)  # type: ignore[arg-type]
        queries = [(place, Query(text)) for place, text in enumerate(["good", "bad", "fine"])]
        call = Call(queries, None, lambda _, outcome: outcome.code, "anonymous")  # type: ignore[arg-type, union-attr, return-value]
        found = {place: code async for unit in collector.run(call) for place, code in unit}
        collector.close()
        assert collector.cost == 0
        return [str(found[place]) for place in range(3)]

    assert asyncio.run(ask()) == ["NOT_FOUND", "INTERNAL", "NOT_FOUND"]


def test_under_pressure_the_dense_part_goes_first_and_the_answer_says_so(searcher: Searcher) -> None:
    shedding = Shedding()
    shedding.look(BEGIN + 1)
    assert shedding.on
    lexical = shedding.of(searcher.pinned)
    assert shedding.of(searcher.pinned) is lexical  # one for all calls, so that they share units
    [ranking] = searcher.search(["drinking water"], lexical)
    assert isinstance(ranking, Ranking)
    assert WORDS in ranking.coverage
    assert ranking.snapshot == searcher.status.snapshot
    assert ranking.hits[0].terms.dense == 0
    shedding.look((BEGIN + END) / 2)
    assert shedding.on  # no fluttering
    shedding.look(END - 1)
    assert not shedding.on


def test_fewer_candidates_are_ranked_while_most_calls_are_refused_and_the_answer_says_so(searcher: Searcher) -> None:
    shedding = Shedding()
    shedding.look(BEGIN + 1, FEWER_BEGIN)
    assert shedding.told == (WORDS,)
    shedding.look(BEGIN + 1, FEWER_BEGIN + 0.01)
    assert shedding.told == (WORDS, FEW)
    fewer = shedding.of(searcher.pinned)
    assert fewer.depth == FEWER
    [ranking] = searcher.search(["drinking water"], fewer)
    assert isinstance(ranking, Ranking)
    assert {WORDS, FEW} <= set(ranking.coverage)
    shedding.look(BEGIN + 1, (FEWER_BEGIN + FEWER_END) / 2)
    assert shedding.fewer  # no fluttering
    shedding.look(BEGIN + 1, FEWER_END)
    assert shedding.told == (WORDS,)
    shedding.look(END - 1, 1.0)
    assert shedding.of(searcher.pinned) is searcher.pinned


def test_a_server_that_refuses_most_calls_ranks_fewer_candidates_until_it_refuses_fewer(searcher: Searcher) -> None:
    async def work() -> None:
        collector = Collector(searcher, 1, 1_000_000)
        asking = await _much(collector, searcher)
        while collector.admission.full(0.01) and collector.admission.shed != (WORDS, FEW):
            pass
        assert collector.admission.shed == (WORDS, FEW)
        while FEW in collector.admission.shed:
            assert collector.admission.full(1e6) is None
            await asyncio.sleep(HALF / 10)  # nobody comes, or is refused
            collector.admission.admit(Call([], searcher.pinned, lambda _, outcome: outcome, "", None), 0)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        collector.close()

    asyncio.run(asyncio.wait_for(work(), 60))


@given(st.lists(st.booleans(), max_size=40))
def test_the_share_of_calls_refused_is_a_share_and_forgets(refused: list[bool]) -> None:
    refusals = Refusals()
    for one in refused:
        refusals.note(one)
        assert 0 <= refusals.share <= 1
    assert refusals.share == pytest.approx(sum(refused) / max(len(refused), 1), abs=0.05)
    refusals._at -= 20 * HALF
    refusals.note(refused=False)
    assert refusals.share < 0.01


def test_the_cross_encoder_is_left_out_before_the_dense_part(sample_index: Path, encoder: Encoder) -> None:
    with Searcher.open(sample_index, authority="off", encoder=encoder) as searcher:
        model = replace(searcher.pinned.calibration, name="read")
        pinned = replace(searcher.pinned, reader=Reader(encoder, model))  # type: ignore[arg-type]  # never asked to read
        shedding = Shedding()
        shedding.look(UNREAD_BEGIN + 1)
        unread = shedding.of(pinned)
        assert unread.encoder
        assert unread.reader is None
        assert shedding.of(pinned) is unread
        (ranking,) = searcher.search([Query("water", rerank=5)], unread)
        assert isinstance(ranking, Ranking)
        assert any("reranking left out: the server is busy" in note for note in ranking.coverage)
        shedding.look(BEGIN + 1)
        assert shedding.of(pinned).encoder is None
        shedding.look(UNREAD_END - 1)
        assert shedding.of(pinned) is pinned


def test_queries_of_a_batch_are_encoded_ahead_and_answered_as_in_process(
    tiny_corpus: Path, tmp_path: Path, encoder: Encoder
) -> None:
    build([tiny_corpus], tmp_path / "dense", encoder)
    texts = [f"tides and water {n}" for n in range(2 * UNIT)]

    async def ask(searcher: Searcher) -> dict[int, Any]:
        collector = Collector(searcher, 2, 10_000)
        queries = [(place, Query(text)) for place, text in enumerate(texts)]
        call = Call(queries, searcher.pinned, lambda _, outcome: outcome, "anonymous")
        found = {place: outcome async for unit in collector.run(call) for place, outcome in unit}
        collector.close()
        assert collector.cost == 0
        return found

    with Searcher.open(tmp_path / "dense", authority="sample", encoder=encoder) as searcher:
        found = asyncio.run(ask(searcher))
        expected = searcher.search(texts)
    for place, outcome in enumerate(expected):
        assert isinstance(outcome, Ranking)
        assert found[place] == replace(outcome, took_ms=found[place].took_ms)
        assert dict(found[place].stages)["encode"] > dict(outcome.stages)["encode"]  # which were known by then
