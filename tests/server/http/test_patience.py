"""Does a connection wait for its client as long as is said, and no longer?"""

from __future__ import annotations

import asyncio
import socket
import time
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from ranker.search import Searcher
from server.address import Address
from server.http import border, patience

LOOPBACK = Address("127.0.0.1", 0)


def connected(base: str, window: int = 0) -> socket.socket:
    host = urlsplit(base)
    made = socket.socket()
    made.settimeout(20)
    if window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    made.connect((host.hostname, host.port))
    return made


def taken_from(client: socket.socket) -> int:
    """Bytes that come until the connection is gone."""
    taken = 0
    try:
        while part := client.recv(65536):
            taken += len(part)
    except ConnectionError:
        pass
    return taken


def hung_up_after(client: socket.socket) -> float:
    """Seconds until the server has closed the connection."""
    began = time.monotonic()
    taken_from(client)
    return time.monotonic() - began


@pytest.mark.parametrize(
    "words", [b"", b"GET /healthz HTTP/1.1\r\nHo", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he"]
)
def test_a_head_that_does_not_arrive_is_not_waited_for(words: bytes, searcher: Searcher, serve, monkeypatch) -> None:
    monkeypatch.setattr(patience, "HEAD", 0.5)
    with connected(serve(searcher, http=LOOPBACK).http) as client:
        client.sendall(words)
        assert 0.4 < hung_up_after(client) < 10


def test_a_reply_that_is_not_taken_is_thrown_away(searcher: Searcher, serve) -> None:
    running = serve(searcher, http=LOOPBACK, take=0.5)
    body = orjson.dumps({"queries": [{"text": "water", "k": 12, "passages": 5}] * 250})
    head = f"POST /v1/batch_search HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    with connected(running.http, window=2048) as client:
        client.sendall(head.encode() + body)
        time.sleep(4)  # it is answered, and nothing is taken
        taken = taken_from(client)
    whole = httpx.post(f"{running.http}/v1/batch_search", content=body, trust_env=False, timeout=20)
    assert taken < len(whole.content)


def test_whoever_sends_slowly_takes_no_place_from_others(searcher: Searcher, serve, monkeypatch) -> None:
    monkeypatch.setattr(border, "PATIENCE", 3.0)
    running = serve(searcher, http=LOOPBACK, max_calls=2)
    slow = [connected(running.http) for _ in range(5)]
    for client in slow:
        client.sendall(b"POST /v1/batch_search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.2)
    assert httpx.post(f"{running.http}/v1/batch_search", json={"queries": ["water"]}, trust_env=False).status_code == 200
    for client in slow:
        assert client.recv(65536).startswith(b"HTTP/1.1 408")
        client.close()


def test_more_connections_than_may_be_are_hung_up_on(searcher: Searcher, serve, monkeypatch) -> None:
    monkeypatch.setattr(patience, "connections", lambda: 3)
    running = serve(searcher, http=LOOPBACK)
    kept = [connected(running.http) for _ in range(3)]
    time.sleep(0.2)
    with connected(running.http) as one_more:
        assert hung_up_after(one_more) < 5
    for client in kept:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.close()


def test_a_body_does_not_wait_until_its_head_is_acknowledged(searcher: Searcher, serve, monkeypatch) -> None:
    without_delay: list[int] = []
    made = patience.PatientProtocol.connection_made

    def watched(self: patience.PatientProtocol, transport: asyncio.Transport) -> None:
        made(self, transport)
        without_delay.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(patience.PatientProtocol, "connection_made", watched)
    httpx.get(f"{serve(searcher, http=LOOPBACK).http}/healthz", trust_env=False)
    assert without_delay == [1]
