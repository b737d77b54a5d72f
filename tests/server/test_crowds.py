"""Calls and connections that say nothing lock nobody out, however many there are."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ranker.ranking import Ranking
from ranker.search import Searcher
from server import room
from server.client import Client
from server.rpc import heard, lasting, lifetimes
from tests.server.silent import Silent


def answers(address: str) -> bool:
    """Whether somebody new is answered."""
    with Client(address, timeout=10) as client:
        return isinstance(client.batch_search(["tides"])[0], Ranking)


def test_five_thousand_calls_that_say_nothing_lock_nobody_out(searcher: Searcher, serve: Callable[..., Any]) -> None:
    running = serve(searcher)
    with ExitStack() as stack:
        for _ in range(25):
            stack.enter_context(Silent(running.bound)).begin(200)
        time.sleep(1)  # until the server has seen them
        for _ in range(5):
            assert answers(running.address)


def test_a_thousand_idle_and_as_many_half_open_connections_lock_nobody_out_and_the_half_open_ones_are_hung_up_on(
    searcher: Searcher, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetimes, "HANDSHAKE", 3)
    running = serve(searcher)
    where = (running.bound.grpc.host, running.bound.grpc.port)
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(Silent(running.bound))
        half_open = [stack.enter_context(socket.create_connection(where, 20)) for _ in range(1000)]
        assert answers(running.address)
        for connection in half_open:
            connection.settimeout(20)
            while connection.recv(1000):  # its settings; then the end
                pass
        assert answers(running.address)


def test_a_call_that_says_nothing_is_ended(
    searcher: Searcher, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heard, "HEARD", 0.3)
    with Silent(serve(searcher).bound) as silent:
        silent.begin(1)
        assert silent.reset(10)


def test_the_oldest_of_too_many_silent_calls_goes_first(
    searcher: Searcher, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heard, "UNHEARD", 1)
    running = serve(searcher)
    with Silent(running.bound) as first, Silent(running.bound) as second:
        first.begin(1)
        assert not first.reset(0.5)
        second.begin(1)
        assert first.reset(10)
        assert not second.reset(0.5)


def test_watchers_of_health_have_places_of_their_own(
    searcher: Searcher, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting, "WATCHERS", 2)
    running = serve(searcher)
    with grpc.insecure_channel(running.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        watching = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(2)]
        assert [next(one).status for one in watching] == [1, 1]
        with pytest.raises(grpc.RpcError) as raised:
            next(stub.Watch(health_pb2.HealthCheckRequest(), timeout=10))
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert answers(running.address)
        for one in watching:
            one.cancel()


def test_connections_leave_descriptors_for_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for may, each in ((20_000, 4096), (5_024, 2000), (1_024, 64), (-1, 4096)):
        monkeypatch.setattr(room.resource, "getrlimit", lambda _, may=may: (may, may))
        assert room.connections() == each
    assert len(list(Path("/proc/self/fd").iterdir())) < room.KEPT
