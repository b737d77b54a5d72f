"""Every call leaves one line in the log, whatever becomes of it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ranker.search import Searcher
from server.access.keys import KeyFile
from server.address import Address
from server.http import border, patience
from tests.server.silent import Silent

HTTP = Address("127.0.0.1", 0)


@pytest.fixture
def running(searcher: Searcher, serve: Callable[..., Any]) -> Any:
    return serve(searcher, http=HTTP, http_names=("known.example",), max_request=10_000)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[int], list[str]]]:
    """The first lines of calls, without their milliseconds; waits for so many, and a moment for one too many."""

    def read(count: int) -> list[str]:
        end = time.monotonic() + 10
        while len(_of_calls(caplog)) < count and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        return [line.partition(" ms=")[0] for line in _of_calls(caplog)]

    with caplog.at_level(logging.INFO, "stepwell.calls"):
        yield read


def _of_calls(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "stepwell.calls"]


def raw(address: str, method: str, request: bytes) -> None:
    with grpc.insecure_channel(address) as channel, suppress(grpc.RpcError):
        channel.unary_unary(method, lambda body: body, lambda body: body)(request, timeout=10)


def test_bytes_that_are_no_request_leave_a_line(running: Any, lines: Callable[[int], list[str]]) -> None:
    raw(running.address, "/stepwell.v1.Search/BatchSearch", b"\x0a\xff\xff")
    assert lines(1) == ["method=BatchSearch caller=anonymous code=INVALID_ARGUMENT asked=1 failed=0"]


def test_a_method_that_there_is_not_leaves_a_line_without_its_name(running: Any, lines: Callable[[int], list[str]]) -> None:
    raw(running.address, "/stepwell.v1.Search/Forged code=OK", b"")
    assert lines(1) == ["method=unknown caller=anonymous code=UNIMPLEMENTED asked=1 failed=0"]


def test_a_request_that_never_came_whole_leaves_a_line(running: Any, lines: Callable[[int], list[str]]) -> None:
    raw(running.address, "/stepwell.v1.Search/BatchSearch", b"x" * 20_000)
    assert lines(1) == ["method=BatchSearch caller=anonymous code=CANCELLED asked=1 failed=0"]
    with Silent(running.bound) as silent:
        silent.begin(1)
    assert lines(2)[1] == "method=BatchSearch caller=anonymous code=CANCELLED asked=1 failed=0"


def test_a_key_that_is_none_leaves_a_line_on_both_wires(
    searcher: Searcher, serve: Callable[..., Any], tmp_path: Path, lines: Callable[[int], list[str]]
) -> None:
    keys = tmp_path / "keys.json"
    KeyFile(keys).create("a test", ("search",))
    server = serve(searcher, http=HTTP, keys=keys)
    raw(server.address, "/stepwell.v1.Search/Status", b"")
    httpx.get(f"{server.http}/v1/status")
    httpx.post(f"{server.http}/mcp", json={})
    assert lines(3) == [
        f"method={method} caller=anonymous code=UNAUTHENTICATED asked=1 failed=0" for method in ("Status", "/v1/status", "/mcp")
    ]


def test_what_the_border_refuses_leaves_a_line_without_the_path(
    running: Any, lines: Callable[[int], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{running.http}/v1/batch_search"
    httpx.get(f"{running.http}/no/such?path=code")
    httpx.post(url, content=b"{}", headers={"host": "evil.example"})
    httpx.post(url, content=b"{}", headers={"origin": "http://evil.example"})
    httpx.post(url, content=b"x" * 20_000)
    monkeypatch.setattr(border, "PATIENCE", 0.2)
    with socket.create_connection((running.bound.http.host, running.bound.http.port)) as slow:
        slow.sendall(b"POST /v1/fetch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n")
        slow.recv(100)
    with socket.create_connection((running.bound.http.host, running.bound.http.port)) as gone:
        gone.sendall(b"POST /v1/fetch HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n1")
    codes = ["NOT_FOUND", "INVALID_ARGUMENT", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]
    assert lines(6) == [f"method=unknown caller=anonymous code={code} asked=1 failed=0" for code in codes]


def test_every_answer_leaves_one_line_and_a_probe_of_health_none(running: Any, lines: Callable[[int], list[str]]) -> None:
    asked = {"queries": ["tides"]}
    assert httpx.get(f"{running.http}/healthz").status_code == 200
    with grpc.insecure_channel(running.address) as channel:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    for method, path, body in (
        ("POST", "/v1/batch_search", asked),
        ("POST", "/v1/batch_search_stream", asked),
        ("GET", "/v1/batch_search", None),
        ("GET", "/openapi.json", None),
        ("GET", "/page/style.css", None),
        ("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"}),
    ):
        httpx.request(method, running.http + path, json=body, headers={"accept": "application/json, text/event-stream"})
    names = [line.split()[0].partition("=")[2] for line in lines(6)]
    assert names == ["/v1/batch_search", "/v1/batch_search_stream", "/v1/batch_search", "/openapi.json", "/page/{name}", "/mcp"]


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /v1/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_leaves_a_line(running: Any, lines: Callable[[int], list[str]], sent: bytes) -> None:
    with socket.create_connection((running.bound.http.host, running.bound.http.port), 10) as client:
        client.sendall(sent)
        assert client.recv(1000).startswith(b"HTTP/1.1 400")
    assert lines(1) == ["method=unknown caller=anonymous code=INVALID_ARGUMENT asked=1 failed=0"]


def test_a_head_without_an_end_leaves_a_line_and_a_silent_connection_none(
    running: Any, lines: Callable[[int], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEAD", 0.2)
    where = (running.bound.http.host, running.bound.http.port)
    with socket.create_connection(where, 10) as silent, socket.create_connection(where, 10) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
        for client in (silent, slow):
            with suppress(ConnectionError):
                assert client.recv(1) == b""
    assert lines(1) == ["method=unknown caller=anonymous code=DEADLINE_EXCEEDED asked=1 failed=0"]
