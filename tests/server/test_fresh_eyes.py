"""What one request may cost others, and what an answer may not hide."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import pytest

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.ranking import Failure
from ranker.search import Searcher
from server import service
from server.access.keys import KeyFile
from server.address import Address
from server.http import patience
from server.http.adapters.tavily import TavilySearch
from server.http.asked import read
from server.process import warn
from server.settings import ServerSettings

HTTP = Address("127.0.0.1", 0)


def test_a_batch_that_is_too_long_is_refused_before_its_queries_are_read(
    stub: SearchStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "query_from_proto", lambda _: pytest.fail("read"))
    monkeypatch.setattr(service, "part_from_proto", lambda _: pytest.fail("read"))
    for call, request in (
        (stub.BatchSearch, pb.BatchSearchRequest(queries=[pb.Query()] * 10_000)),
        (lambda r: list(stub.BatchSearchStream(r)), pb.BatchSearchRequest(queries=[pb.Query()] * 10_000)),
        (stub.Fetch, pb.FetchRequest(parts=[pb.Part()] * 10_000)),
    ):
        with pytest.raises(grpc.RpcError) as raised:
            call(request)
        assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_list_of_searches_has_an_end(http: httpx.Client) -> None:
    assert http.post("/serper/search", json=[{"q": "tides"}] * 101).status_code == 400
    assert http.post("/retrieve", json={"queries": ["tides"] * 8_193}).status_code == 400


def test_a_trainer_s_whole_batch_is_answered_in_order(http: httpx.Client) -> None:
    queries = [("tides", "bread")[n % 2] for n in range(600)]
    result = http.post("/retrieve", json={"queries": queries, "topk": 1, "return_scores": True}).json()["result"]
    assert len(result) == 600
    assert [one == result[n % 2] for n, one in enumerate(result)] == [True] * 600
    assert result[0] != result[1]
    long = http.post("/retrieve", json={"queries": ["x" * 10_001, "tides"]}).json()["result"]
    assert not long[0]
    assert long[1]
    assert all(http.post("/retrieve", json={"queries": ["tides"] * 60, "topk": 100}).json()["result"])


def test_a_trainer_is_told_that_an_answer_is_missing(searcher: Searcher, serve: Callable[..., Any], held: Any) -> None:
    slow = held(searcher)
    running = serve(slow, http=HTTP)
    reply = httpx.post(f"{running.http}/retrieve", json={"queries": ["tides"]}, headers={"stepwell-timeout": "0.3"}, timeout=20)
    slow.gate.set()
    assert (reply.status_code, reply.json()["code"]) == (504, "DEADLINE_EXCEEDED")


def test_the_page_answers_where_html_is_asked_for(http: httpx.Client) -> None:
    for path in ("/", "/search"):
        reply = http.get(path, params={"q": "tides", "format": "html"}, follow_redirects=True)
        assert (reply.status_code, reply.headers["content-type"].partition(";")[0]) == (200, "text/html")


@pytest.mark.parametrize(("word", "kept"), [("keep", True), ("drop", False), (True, True), (False, False)])
def test_undated_is_kept_or_dropped_in_words(word: object, kept: bool) -> None:
    assert read(TavilySearch, {"query": "tides", "undated": word}).undated is kept


class Changed:
    """A searcher whose texts change between a search and a fetch."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def fetch(self, targets: Any, pinned: Any = None) -> Any:
        found = self._searcher.fetch(targets, pinned)
        return [
            one
            if isinstance(one, Failure)
            else replace(one, document=replace(one.document, text="another"), text_sha256="0" * 64)
            for one in found
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def test_hits_of_one_snapshot_never_come_with_texts_of_another(searcher: Searcher, serve: Callable[..., Any]) -> None:
    base = serve(Changed(searcher), http=HTTP).http
    [step] = httpx.post(f"{base}/v1/search", json={"query": "tides", "n": 1}).json()["results"]
    assert step["content"] == step["snippet"]
    [tavily] = httpx.post(f"{base}/tavily/search", json={"query": "tides", "max_results": 1, "include_raw_content": True}).json()[
        "results"
    ]
    assert tavily["raw_content"] == tavily["content"]


class Opening:
    """A searcher that takes long to open a snapshot of another day."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self.opens, self.gate = threading.Event(), threading.Event()

    def at(self, moment: str) -> Any:
        self.opens.set()
        assert self.gate.wait(20)
        return self._searcher.at(moment)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def test_opening_a_snapshot_of_another_day_holds_up_nobody(searcher: Searcher, serve: Callable[..., Any]) -> None:
    slow = Opening(searcher)
    created = searcher.pinned.index.manifest.created
    with grpc.insecure_channel(serve(slow).address) as channel:
        stub = SearchStub(channel)
        query = [pb.Query(text="tides")]
        then = stub.BatchSearch.future(pb.BatchSearchRequest(queries=query, as_of=created), timeout=20)
        assert slow.opens.wait(20)
        try:
            assert stub.BatchSearch(pb.BatchSearchRequest(queries=query), timeout=5).outcomes[0].ranking.hits
        finally:
            slow.gate.set()
        assert then.result().outcomes[0].ranking.hits


def test_one_trial_at_a_time_and_the_next_is_told_to_come_back(
    searcher: Searcher, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate = threading.Event(), threading.Event()

    def attempted(*_: object) -> dict[str, int]:
        begun.set()
        assert gate.wait(20)
        return {"queries": 1}

    monkeypatch.setattr("server.page.table.attempted", attempted)
    base = serve(searcher, http=HTTP).http
    change = {
        "entry": {"key": "driftline.example", "tier": "established", "evidence": "judgement:tried:2026-11-22"},
        "queries": ["tides"],
    }

    async def play() -> None:
        async with httpx.AsyncClient(base_url=base, timeout=20) as client:
            first = asyncio.create_task(client.post("/page/authority/try", json=change))
            assert await asyncio.to_thread(begun.wait, 20)
            first.cancel()  # who hangs up makes no room: the thread goes on
            await asyncio.sleep(0.2)
            second = await client.post("/page/authority/try", json=change)
            assert (second.status_code, "retry-after" in second.headers) == (429, True)
            gate.set()
            await asyncio.sleep(0.2)
            assert (await client.post("/page/authority/try", json=change)).status_code == 200

    asyncio.run(play())


class Slow:
    """A searcher that finds candidates when it is let."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self.searches, self.gate = 0, threading.Event()

    def candidates(self, queries: Any, pinned: Any = None) -> Any:
        self.searches += 1
        assert self.gate.wait(20)
        return self._searcher.candidates(queries, pinned)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


def test_a_trial_has_a_deadline_and_no_search_of_it_starts_after_that(searcher: Searcher, serve: Callable[..., Any]) -> None:
    slow = Slow(searcher)
    base = serve(slow, http=HTTP).http
    entry = {"key": "driftline.example", "tier": "established", "evidence": "judgement:tried:2026-11-22"}
    change = {"entry": entry, "queries": ["tides", "bread", "bees"]}
    reply = httpx.post(f"{base}/page/authority/try", json=change, headers={"stepwell-timeout": "0.3"}, timeout=20)
    assert (reply.status_code, reply.json()["code"]) == (504, "DEADLINE_EXCEEDED")
    slow.gate.set()
    end = time.monotonic() + 10
    while httpx.post(f"{base}/page/authority/try", json=change | {"queries": ["tides"]}, timeout=20).status_code == 429:
        assert time.monotonic() < end, "the thread ends, too"
        time.sleep(0.05)
    assert slow.searches == 1 + 1


def test_a_head_without_an_end_is_hung_up_on(searcher: Searcher, serve: Callable[..., Any]) -> None:
    base = urlsplit(serve(searcher, http=HTTP).http)
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * (100 * patience.HEAD_BYTES)
    with socket.create_connection((base.hostname, base.port), timeout=20) as client, pytest.raises(ConnectionError):
        client.sendall(head)
    with httpx.Client(base_url=base.geturl()) as client:
        assert client.get("/search", params={"q": "潮" * 6_000, "format": "json"}).status_code == 200


def test_a_call_with_a_wrong_key_leaves_a_line(
    searcher: Searcher, serve: Callable[..., Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    KeyFile(tmp_path / "keys").create("somebody", ("search",))
    address = serve(searcher, keys=tmp_path / "keys").address
    asked = pb.BatchSearchRequest(queries=[pb.Query(text="tides")])
    with (
        caplog.at_level(logging.INFO, "stepwell.calls"),
        grpc.insecure_channel(address) as channel,
        pytest.raises(grpc.RpcError),
    ):
        SearchStub(channel).BatchSearch(asked)
    assert "method=BatchSearch caller=anonymous code=UNAUTHENTICATED" in caplog.text


def test_http_beyond_loopback_without_keys_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "stepwell.server"):
        warn(ServerSettings(http=Address("0.0.0.0", 8080), insecure=True))
    assert "whoever reaches 0.0.0.0:8080" in caplog.text


def test_calls_that_say_nothing_take_no_place_from_others(searcher: Searcher, serve: Callable[..., Any]) -> None:
    running, over = serve(searcher, max_calls=2), threading.Event()

    def silence() -> Any:
        over.wait(20)
        yield from ()

    with grpc.insecure_channel(running.address) as mute, grpc.insecure_channel(running.address) as channel:
        begun = [mute.stream_unary("/stepwell.v1.Search/BatchSearch").future(silence()) for _ in range(20)]
        watched = [mute.unary_stream("/grpc.health.v1.Health/Watch")(b"") for _ in range(20)]
        assert all(next(one) for one in watched)
        assert SearchStub(channel).BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="tides")]), timeout=20).outcomes
        for one in (*begun, *watched):
            one.cancel()
        over.set()
