"""Do clients that are slow, half-open or idle keep others from being answered?

They are sockets that say what a client says, or less. Counted is what becomes of them, too: whoever idles in good order is kept,
whoever stops in the middle of a word is hung up on within the patience that the server's README states.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.faults.callers import asking
from benchmarks.faults.fault import Extent, Fault
from benchmarks.faults.site import Site, queries_of, site
from benchmarks.faults.truth import Truth
from server.address import Address
from server.http.border import PATIENCE as BODY
from server.http.patience import HEAD
from server.rpc.lifetimes import HANDSHAKE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
"""An empty frame of settings (RFC 9113, 6.5)."""
ACK = b"\0\0\0\4\1\0\0\0\0"
SLACK = 5.0
"""Seconds beyond the stated patience."""


def slow(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:  # noqa: ARG001 - nothing is changed, so nothing is copied
    """Some take a large reply, others send a small body, a byte a second."""
    queries = queries_of(index)
    large = _post({"queries": [{"text": query, "k": 300, "passages": 5} for query in queries[:6]]})
    small = _post({"queries": [{"text": queries[0], "k": 1}]})

    def connect(server: Site) -> Iterator[tuple[socket.socket, bytes]]:
        for _ in range(extent.slow):
            reader = _connected(server.http, small_window=True)
            reader.sendall(large)
            yield reader, b""
            sender = _connected(server.http)
            cut = small.index(b"\r\n\r\n") + 4
            sender.sendall(small[:cut])
            yield sender, small[cut:]

    wait = max(extent.seconds, BODY + SLACK)
    yield _beside(index, queries, "slow readers and senders over HTTP", connect, wait, extent.slow * 2, taken=1)


def half_open(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Connections that stop before the first request is whole, over both wires."""

    def connect(server: Site) -> Iterator[tuple[socket.socket, bytes]]:
        for _ in range(extent.slow):
            for where, words in ((server.address, b""), (server.address, PREFACE[:10]), (server.http, b""), (server.http, HALF)):
                half = _connected(where)
                half.sendall(words)
                yield half, b""

    wait = max(extent.seconds, HEAD, HANDSHAKE) + SLACK
    yield _beside(index, queries_of(index), "half-open connections", connect, wait, extent.slow * 4)


HALF = b"POST /v1/batch_search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le"


def idle(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """A thousand connections of each wire that have said hello and ask nothing."""

    def connect(server: Site) -> Iterator[tuple[socket.socket, bytes]]:
        for _ in range(extent.idle):
            over_grpc = _connected(server.address)
            over_grpc.sendall(PREFACE + SETTINGS + ACK)
            yield over_grpc, b""
            over_http = _connected(server.http)
            over_http.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            yield over_http, b""

    name = f"{extent.idle:,} idle connections of each wire"
    yield _beside(index, queries_of(index), name, connect, extent.seconds, extent.idle * 2)


def _beside(
    index: Path,
    queries: Sequence[str],
    name: str,
    connect: Callable[[Site], Iterator[tuple[socket.socket, bytes]]],
    seconds: float,
    wanted: int,
    taken: int = 65_536,
) -> Fault:
    """Callers ask while such clients are there; each second `taken` bytes are taken from and one is given to each of them."""
    with ExitStack() as stack:
        truth = stack.enter_context(Truth(index, "shipped", queries))
        server = stack.enter_context(site(index, "shipped"))
        seen = stack.enter_context(asking(server, queries))
        clients = {stack.enter_context(client): words for client, words in connect(server)}
        opened, end = len(clients), time.monotonic() + seconds
        while time.monotonic() < end:
            _byte_each(clients, taken)
            time.sleep(1.0)
    assert opened == wanted, "every one was accepted"
    return seen.fault(name, truth, connections=opened, hung_up_on=opened - len(clients), seconds=seconds)


def _byte_each(clients: dict[socket.socket, bytes], taken: int) -> None:
    """Those who were hung up on are left out from then on."""
    with selectors.PollSelector() as ready:
        for client in clients:
            ready.register(client, selectors.EVENT_READ)
        readable = {key.fileobj for key, _ in ready.select(0)}
    for client, words in list(clients.items()):
        try:
            if client in readable and not client.recv(taken):
                del clients[client]
                continue
            if words:
                client.sendall(words[:1])
                clients[client] = words[1:]
        except OSError:
            clients.pop(client, None)


def _connected(where: str, small_window: bool = False) -> socket.socket:
    address = Address.parse(urlsplit(where).netloc or where)
    made = socket.socket()
    made.settimeout(10)
    if small_window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    made.connect((address.host, address.port))
    return made


def _post(body: object) -> bytes:
    content = orjson.dumps(body)
    lines = (
        "POST /v1/batch_search HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode() + content
