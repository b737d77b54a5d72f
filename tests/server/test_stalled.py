"""What becomes of a reply that nobody takes?

Clients that stop: one that grants no window, one whose process is stopped, one that begins a stream and does not read on.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf import json_format

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.address import Address
from server.client import Client, Ranking
from server.rpc.hanging_up import hang_up
from server.state import resident
from tests.server.silent import Silent

LARGE = pb.FetchRequest(targets=["page:long"])
"""Three million bytes of reply."""
MANY = pb.BatchSearchRequest(queries=[pb.Query(text="tide", k=1, passages=10)] * 150)
"""More than a million bytes of stream."""
STOPPED = """
import os, signal, sys, time, grpc
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
with grpc.insecure_channel(sys.argv[1]) as channel:
    stub = SearchStub(channel)
    stub.Status(pb.StatusRequest(), timeout=20)
    asked = [stub.Fetch.future(pb.FetchRequest(targets=["page:long"]), timeout=60) for _ in range(10)]
    time.sleep(0.003)
    os.kill(os.getpid(), signal.SIGSTOP)
    print(*sorted({error.code().name if (error := each.exception()) else "answered" for each in asked}), flush=True)
"""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """One document of three million characters."""
    folder = tmp_path_factory.mktemp("long")
    line = "The tide comes in and the tide goes out, and nobody has ever been able to explain to it why it should not.\n"
    with CorpusWriter(folder / "corpus") as writer:
        writer.add(Document("page:long", "Of the tide", line * (3_000_000 // len(line))))
    build([folder / "corpus"], folder / "index", None)
    with Searcher.open(folder / "index", authority="off") as searcher:
        yield searcher


def answers(address: str) -> bool:
    """Whether somebody new is answered."""
    with Client(address, timeout=10) as client:
        return isinstance(client.batch_search(["tides"])[0], Ranking)


def refused(channel: grpc.Channel, request: pb.BatchSearchRequest) -> bool:
    """Whether this call is, for want of a place."""
    asked = SearchStub(channel).BatchSearch.future(request, timeout=20)
    return bool(asked.exception(20)) and asked.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def until(seen: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("method", ["BatchSearch", "BatchSearchStream"])
def test_a_reply_that_nobody_takes_ends_its_connection_and_keeps_no_place(
    searcher: Searcher, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture, method: str
) -> None:
    caplog.set_level(logging.INFO, "stepwell")
    running = serve(searcher, max_calls=1, take=0.5)
    with Silent(running.bound, f"/stepwell.v1.Search/{method}") as silent:
        silent.ask(pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 20).SerializeToString())
        assert silent.ended(10)
        assert answers(running.address)
    assert f"method={method} " in caplog.text
    assert "hanging up on ipv4:127.0.0.1:" in caplog.text


def test_streams_that_nobody_reads_keep_no_place(searcher: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(searcher, max_calls=4)
    with ExitStack() as stack:
        silent = stack.enter_context(Silent(running.bound, "/stepwell.v1.Search/BatchSearchStream"))
        for _ in range(40):
            silent.ask(pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 5).SerializeToString())
            assert answers(running.address)
        assert not silent.ended(0.5)


def test_a_stream_whose_reader_comes_back_goes_on_also_where_no_place_is_free(
    long: Searcher, serve: Callable[..., Any], held: Callable[..., Any]
) -> None:
    slow = held(long, free=10**9)
    running = serve(slow, max_calls=1)
    alone = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.lookahead_bytes", 1), ("grpc.http2.bdp_probe", 0)]
    with grpc.insecure_channel(running.address, alone) as channel, grpc.insecure_channel(running.address) as others:
        stream = SearchStub(channel).BatchSearchStream(MANY)
        next(stream)
        one = pb.BatchSearchRequest(queries=[pb.Query(text="tide")])
        until(lambda: not refused(others, one))
        time.sleep(0.6)  # what was begun of the stream is done
        slow.free = slow.searches
        waiting = SearchStub(others).BatchSearch.future(one)
        assert slow.waiting.wait(20)
        assert refused(others, one)  # the one place is taken
        taken = [next(stream) for _ in range(10)]
        assert all(part.outcome.HasField("ranking") for part in taken)
        slow.gate.set()
        assert waiting.result(20).outcomes
        assert len(list(stream)) == len(MANY.queries) - 11


def test_a_stream_counts_with_its_questions_where_memory_is_limited(searcher: Searcher, serve: Callable[..., Any]) -> None:
    nowhere = pb.Query(text="tides", filters=pb.Filters(sites=["none.example"]))
    large = pb.BatchSearchRequest(queries=[nowhere] * 150).SerializeToString()
    running = serve(searcher, max_untaken=400_000)
    with ExitStack() as stack:
        first, second, third = (
            stack.enter_context(Silent(running.bound, "/stepwell.v1.Search/BatchSearchStream")) for _ in range(3)
        )
        first.ask(large)
        assert not first.ended(0.5)  # it waits longer than the second, surely
        second.ask(large)
        assert not first.ended(1.5)
        third.ask(large)
        assert first.ended(10)
        assert not third.ended(1.5)
        assert answers(running.address)


def test_http_streams_that_nobody_reads_keep_no_place_and_go_on_when_they_are_read(
    long: Searcher, serve: Callable[..., Any]
) -> None:
    running = serve(long, http=Address("127.0.0.1", 0), max_calls=2)
    body = json_format.MessageToJson(MANY, indent=None).encode()
    head = f"POST /v1/batch_search_stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with ExitStack() as stack, httpx.Client(trust_env=False, timeout=20) as web:
        stalled = [stack.enter_context(socket.socket()) for _ in range(4)]
        for client in stalled:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
            client.settimeout(20)
            client.connect((running.bound.http.host, running.bound.http.port))
            client.sendall(head + body)
            until(lambda: web.get(f"{running.http}/v1/status").status_code == 200)
        taken = b""
        while not taken.endswith(b"0\r\n\r\n"):
            taken += (part := stalled[0].recv(65536))
            assert part, "the stream breaks off"
        assert taken.count(b'"ranking"') == len(MANY.queries)


@pytest.mark.long
def test_replies_that_nobody_takes_leave_memory_when_their_time_is_over(long: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(long, take=1)
    held, left = [], []
    for _ in range(6):  # the allocator has what it keeps after three
        with ExitStack() as stack:
            stalled = [stack.enter_context(Silent(running.bound, "/stepwell.v1.Search/Fetch")) for _ in range(20)]
            before = resident()
            for silent in stalled:
                silent.ask(LARGE.SerializeToString())
            time.sleep(1.5)
            held.append(resident() - before)
            assert all(silent.ended(30) for silent in stalled)
        gc.collect()
        left.append(resident())
    assert max(held) > 50e6
    assert left[-1] - left[2] < 20e6, f"bytes held {held}, left {left}"


def test_beyond_the_limit_of_memory_whoever_waits_longest_goes_first(long: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(long, max_untaken=4_000_000)
    with ExitStack() as stack:
        first, second = (stack.enter_context(Silent(running.bound, "/stepwell.v1.Search/Fetch")) for _ in range(2))
        first.ask(LARGE.SerializeToString())
        assert not first.ended(1.5)
        second.ask(LARGE.SerializeToString())
        assert first.ended(10)
        assert not second.ended(1.5)
        assert answers(running.address)


@pytest.mark.long
def test_a_client_whose_process_is_stopped_loses_its_replies_and_others_notice_nothing(
    long: Searcher, serve: Callable[..., Any]
) -> None:
    running = serve(long, take=1)
    command = [sys.executable, "-c", STOPPED, running.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ, text=True) as client:
        os.waitid(os.P_PID, client.pid, os.WSTOPPED | os.WNOWAIT)
        for _ in range(5):
            assert answers(running.address)
            time.sleep(1)
        client.send_signal(signal.SIGCONT)
        assert "UNAVAILABLE" in client.stdout.readline()
        assert client.wait(20) == 0


@pytest.mark.long
def test_a_stream_that_is_not_read_on_ends_and_one_that_is_read_slowly_goes_on(
    long: Searcher, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    running = serve(long, take=1.5)
    alone = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.lookahead_bytes", 1), ("grpc.http2.bdp_probe", 0)]
    with grpc.insecure_channel(running.address, alone) as first, grpc.insecure_channel(running.address, alone) as second:
        stalled, slow = SearchStub(first).BatchSearchStream(MANY), SearchStub(second).BatchSearchStream(MANY)
        next(stalled)
        parts = 0
        for part in slow:
            assert part.outcome.HasField("ranking")
            parts += 1
            time.sleep(0.05)
        assert parts == len(MANY.queries)
        with pytest.raises(grpc.RpcError) as broken:
            list(stalled)
        assert broken.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "fault" not in caplog.text


def test_http_counts_in_the_same_memory(long: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(long, http=Address("127.0.0.1", 0), max_untaken=2**20)
    body = b'{"targets": ["page:long"]}'
    head = f"POST /v1/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(20)
        client.connect((running.bound.http.host, running.bound.http.port))
        client.sendall(head + body)
        time.sleep(3)
        taken = 0
        with suppress(ConnectionError):
            while part := client.recv(65536):
                taken += len(part)
    whole = httpx.post(f"{running.http}/v1/fetch", content=body, trust_env=False, timeout=20)
    assert len(whole.content) > 2**20
    assert taken < len(whole.content)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_connection_is_found_by_its_peer_and_no_other_is_ended(family: socket.AddressFamily, host: str) -> None:
    with socket.create_server((host, 0), family=family) as port, ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(port.getsockname()[:2])) for _ in range(2)]
        for _ in clients:
            stack.enter_context(port.accept()[0])
        name = f"[{host}]" if ":" in host else host
        scheme = "ipv6" if ":" in host else "ipv4"
        assert hang_up({f"{scheme}:{name}:{clients[0].getsockname()[1]}".replace("[", "%5B").replace("]", "%5D")}) == 1
        clients[0].settimeout(5)
        assert clients[0].recv(1) == b""
        clients[1].settimeout(0.2)
        with pytest.raises(TimeoutError):
            clients[1].recv(1)
        assert hang_up({"unix:/tmp/anything", "ipv4:192.0.2.1:1"}) == 0
