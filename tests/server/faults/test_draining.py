"""What does a server say, and to whom, while it drains?"""

from __future__ import annotations

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.address import Address
from tests.server.silent import Silent

WATER = {"queries": [{"text": "water"}]}
LOOPBACK = Address("127.0.0.1", 0)


def ask(stub: SearchStub) -> pb.BatchSearchResponse:
    return stub.BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=20)


def test_calls_in_flight_end_over_both_wires_and_new_ones_hear_unavailable(searcher: Searcher, held, serve) -> None:
    slow = held(searcher)
    running = serve(slow, http=LOOPBACK, threads=2)
    with grpc.insecure_channel(running.address) as channel, ThreadPoolExecutor(2) as pool:
        stub = SearchStub(channel)
        over_grpc = pool.submit(ask, stub)
        over_http = pool.submit(httpx.post, f"{running.http}/v1/batch_search", json=WATER, timeout=20, trust_env=False)
        while slow.searches < 2:
            time.sleep(0.01)
        running.tell()
        wait_until_refused(stub)
        with pytest.raises(grpc.RpcError) as refused:
            ask(stub)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert unavailable(running.http)
        assert not over_grpc.done()
        assert not over_http.done()
        slow.gate.set()
        assert over_grpc.result(20).outcomes[0].HasField("ranking")
        assert over_http.result(20).status_code == 200
    running.wait()


def unavailable(base: str) -> bool:
    """Whether a request is turned away: in words as long as the port is open, else by the system."""
    try:
        return httpx.post(f"{base}/v1/batch_search", json=WATER, timeout=20, trust_env=False).status_code == 503
    except httpx.ConnectError:
        return True


def wait_until_refused(stub: SearchStub) -> None:
    """A call that is not held at the gate: it asks what is served."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if stub.Status.future(pb.StatusRequest(), timeout=2).exception(20):
            return
        time.sleep(0.01)
    raise AssertionError("calls are still taken")


def test_with_notice_health_says_not_serving_while_calls_are_still_taken(searcher: Searcher, serve) -> None:
    running = serve(searcher, http=LOOPBACK, notice=1.5)
    with grpc.insecure_channel(running.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=20).status == health_pb2.HealthCheckResponse.SERVING
        running.tell()
        while health.Check(health_pb2.HealthCheckRequest(), timeout=20).status == health_pb2.HealthCheckResponse.SERVING:
            time.sleep(0.01)
        assert httpx.get(f"{running.http}/healthz", trust_env=False).status_code == 503
        assert ask(SearchStub(channel)).outcomes[0].HasField("ranking")
        assert httpx.post(f"{running.http}/v1/batch_search", json=WATER, trust_env=False).status_code == 200
    running.wait()


def test_a_kept_http_connection_is_told_to_come_back_or_closed_but_never_left_without_a_word(searcher: Searcher, serve) -> None:
    running = serve(searcher, http=LOOPBACK)
    kept = http.client.HTTPConnection(urlsplit(running.http).netloc, timeout=20)
    kept.request("GET", "/healthz")
    assert kept.getresponse().read() == b'{"status":"SERVING"}'
    running.stop()

    def again() -> None:
        kept.request("GET", "/healthz")
        kept.getresponse()

    with pytest.raises((ConnectionError, http.client.HTTPException)):
        again()
    kept.close()


def test_a_drain_does_not_wait_for_those_who_watch_or_say_nothing(searcher: Searcher, serve) -> None:
    running = serve(searcher, drain=60)
    with grpc.insecure_channel(running.address) as channel, Silent(running.bound) as silent:
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        silent.begin(1)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 15, "far less than the drain"


def test_a_drain_does_not_wait_longer_than_it_may(searcher: Searcher, held, serve) -> None:
    slow = held(searcher)
    running = serve(slow, http=LOOPBACK, drain=0.5)
    with grpc.insecure_channel(running.address) as channel:
        stuck = SearchStub(channel).BatchSearch.future(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=20)
        assert slow.waiting.wait(20)
        began = time.monotonic()
        ended = threading.Thread(target=running.stop)
        ended.start()
        assert stuck.exception(20).code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        slow.gate.set()
        ended.join(20)
        assert time.monotonic() - began < 10


def test_over_http_what_is_cut_off_is_told_so_in_words(searcher: Searcher, held, serve, caplog) -> None:
    slow = held(searcher, free=1)
    running = serve(slow, http=LOOPBACK, drain=0.9)
    many = {"queries": [{"text": "water"}, *[{"text": "water", "fuse": str(place)} for place in range(60)]]}
    with ThreadPoolExecutor(2) as pool, httpx.Client(base_url=running.http, timeout=20, trust_env=False) as http:
        with http.stream("POST", "/v1/batch_search_stream", json=many) as stream:
            lines = stream.iter_lines()
            assert "outcome" in next(lines)
            whole = pool.submit(httpx.post, f"{running.http}/v1/batch_search", json=WATER, timeout=20, trust_env=False)
            assert slow.waiting.wait(20)
            time.sleep(0.3)
            began = time.monotonic()
            running.tell()
            *_, last = lines
            assert time.monotonic() - began >= 0.9, "a part of a second counts"
        cut = whole.result(20)
        slow.gate.set()
    running.wait()
    assert (cut.status_code, cut.json()["code"]) == (503, "UNAVAILABLE")
    assert int(cut.headers["retry-after"]) >= 1
    assert json.loads(last)["error"]["code"] == "UNAVAILABLE"
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]
