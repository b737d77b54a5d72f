"""Does a server end when it is told to, whatever hangs on it, and is everything that it acknowledged there afterwards?

Real processes, again and again: a call of many seconds, a stream and a reply over HTTP that nobody reads, a thousand idle
connections, an editor whose edits are in flight, and with two workers one that has just been killed and is starting again.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import grpc
import pytest

from authority.history import read_history
from authority.table import Table
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from protos.stepwell.v1 import authority_pb2 as authority_pb
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.authority_pb2_grpc import AuthorityStub
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from server.address import Address, Bound
from server.process import GRACE
from tests.server.silent import Silent
from tests.server.workers.conftest import Workers

HEADER = "key\ttier\ttopics\tevidence\tnote\n"
ALONE = [("grpc.use_local_subchannel_pool", 1)]
DRAIN = 1.0
ROUNDS = 50
IDLE = 500
"""Connections of each wire that say nothing."""
SLOW = pb.BatchSearchRequest(queries=[pb.Query(text="tide", k=1, passages=10)] * 250)
"""Some ten seconds of work."""


@pytest.fixture(scope="module")
def long_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One document of three million characters: each query takes some 50 ms."""
    folder = tmp_path_factory.mktemp("long")
    line = "The tide comes in and the tide goes out, and nobody has ever been able to explain to it why it should not.\n"
    with CorpusWriter(folder / "corpus") as writer:
        writer.add(Document("page:long", "Of the tide", line * (3_000_000 // len(line))))
    build([folder / "corpus"], folder / "index", None)
    return folder / "index"


class Editor:
    """Sets one entry after the other and knows which were acknowledged."""

    def __init__(self, address: str) -> None:
        self.acknowledged: list[str] = []
        self._ended = threading.Event()
        self._address = address
        self._thread = threading.Thread(target=self._edit)
        self._thread.start()

    def _edit(self) -> None:
        with grpc.insecure_channel(self._address, options=ALONE) as channel:
            for number in range(10_000):
                key = f"site{number}.example"
                entry = authority_pb.AuthorityEntry(key=key, tier="primary", evidence="judgement:invented for a test:2026-11-22")
                request = authority_pb.SetAuthorityRequest(entry=entry, why="a test of what survives")
                try:
                    AuthorityStub(channel).Set(request, timeout=20)
                except grpc.RpcError:  # in flight when the server ended: not acknowledged
                    if self._ended.is_set():
                        return
                    time.sleep(0.01)
                    continue
                self.acknowledged.append(key)
                if self._ended.is_set():
                    return

    def stop(self) -> None:
        """Once the server has ended."""
        self._ended.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


def idle(server: Workers) -> Iterator[socket.socket]:
    """Connections that were begun in good order, and over HTTP one that has said half a head."""
    for address, words in (
        (server.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
        (server.record["http"], b"GET / HT"),
    ):
        host, port = address.rsplit(":", 1)
        for _ in range(IDLE):
            client = socket.create_connection((host, int(port)), 20)
            client.sendall(words)
            yield client


def unread(server: Workers) -> socket.socket:
    """One that asks for three million bytes over HTTP and takes none."""
    host, port = server.record["http"].rsplit(":", 1)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect((host, int(port)))
    body = b'{"targets": ["page:long"]}'
    client.sendall(f"POST /v1/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    return client


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_server_ends_in_its_time_with_exit_code_0_and_has_every_edit_that_it_acknowledged(
    number: int, long_index: Path, tmp_path: Path, supervised
) -> None:
    workers, chance = 1 + number % 2, random.Random(number)
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER)
    server = supervised(long_index, "--authority", table, "--drain", DRAIN, workers=workers)
    bound = Bound(Address.parse(server.address), None)
    with ExitStack() as stack:
        for client in idle(server):
            stack.enter_context(client)
        stack.enter_context(unread(server))
        stalled = stack.enter_context(Silent(bound, "/stepwell.v1.Search/BatchSearchStream"))
        stalled.ask(pb.BatchSearchRequest(queries=[pb.Query(text="tide")] * 5).SerializeToString())
        channel = stack.enter_context(grpc.insecure_channel(server.address, options=ALONE))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        call = pool.submit(lambda: SearchStub(channel).BatchSearch(SLOW, timeout=60))
        editor = Editor(server.address)
        time.sleep(chance.uniform(0.2, 1))
        if workers > 1:
            victim = chance.choice([worker.pid for worker in server.status().processes if worker.pid > 1])
            os.kill(victim, signal.SIGKILL)
            time.sleep(chance.uniform(0, 1.5))  # it waits, starts, opens its index or answers again
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(60)
        seconds = time.monotonic() - began
        editor.stop()
        failed = call.exception(60)
    assert code == 0, server.log.read_text()
    assert seconds < DRAIN + GRACE
    assert failed is None or failed.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    assert "Traceback" not in server.log.read_text()
    assert editor.acknowledged
    assert {entry.key for entry in Table.read(table).entries} >= set(editor.acknowledged)
    assert {change.key for change in read_history(table)} >= set(editor.acknowledged)


@pytest.mark.long
def test_a_worker_that_is_killed_while_it_drains_is_in_the_log_and_in_the_exit_code(long_index: Path, supervised) -> None:
    server = supervised(long_index, "--drain", 30)
    with grpc.insecure_channel(server.address, options=ALONE) as channel:
        call = SearchStub(channel).BatchSearch.future(SLOW, timeout=60)
        workers = [worker.pid for worker in server.status().processes]
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert server.process.wait(20) == 1
        assert call.exception(20).code() is grpc.StatusCode.UNAVAILABLE
    assert "was killed by SIGKILL before it had drained: its calls are cut off" in server.log.read_text()


@pytest.mark.long
def test_a_server_that_is_told_to_end_while_it_starts_ends_at_once(tiny_index: Path, started) -> None:
    for workers in (1, 2):
        for pause in (0.05, 0.4, 0.8, 1.2, 1.6, 2.0):
            server = started(tiny_index, workers=workers)
            time.sleep(pause)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) in (0, -signal.SIGTERM)  # before it can hear it the system ends it
            assert time.monotonic() - began < 10
            assert "Traceback" not in server.log.read_text()


@pytest.mark.long
def test_an_edit_that_waits_for_a_lock_keeps_no_server_longer_than_its_time(tiny_index: Path, tmp_path: Path, supervised) -> None:
    import fcntl

    table = tmp_path / "authority.tsv"
    table.write_text(HEADER)
    server = supervised(tiny_index, "--authority", table, "--drain", DRAIN, workers=1)
    with (table.with_name("authority.tsv.lock")).open("w") as lock, grpc.insecure_channel(server.address) as channel:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entry = authority_pb.AuthorityEntry(key="one.example", tier="primary", evidence="judgement:a test:2026-11-22")
        waits = AuthorityStub(channel).Set.future(authority_pb.SetAuthorityRequest(entry=entry, why="a test"), timeout=60)
        time.sleep(0.5)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 1
        assert DRAIN < time.monotonic() - began < DRAIN + GRACE + 3
        assert waits.exception(20).code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    assert "ending although not all has ended" in server.log.read_text()
    assert Table.read(table).entries == ()
