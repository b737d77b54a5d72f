"""Does a server start only where it may, follow what changes on disk, and stop without losing an answer?"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from authority.edit import set_entry
from authority.entry import Entry
from authority.history import read_history
from authority.table import Table
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.address import Address
from server.client import Client, Ranking
from server.errors import AddressTaken

HEADER = "key\ttier\ttopics\tevidence\tnote\n"
ENTRY = "{key}\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n"


def write(table: Path, text: str) -> None:
    """As an editor saves: whole or not at all."""
    half = table.with_suffix(".part")
    half.write_text(text)
    half.replace(table)


def test_a_second_server_on_the_same_port_is_refused(searcher: Searcher, serve) -> None:
    taken = Address.parse(serve(searcher).address)
    with pytest.raises(AddressTaken, match="is in use"):
        serve(searcher, grpc=taken)


def test_the_port_is_free_again_once_the_server_stopped(searcher: Searcher, serve) -> None:
    first = serve(searcher)
    with Client(first.address) as client:
        client.status()
    first.stop()
    assert serve(searcher, grpc=Address.parse(first.address)).address == first.address


def test_a_changed_authority_table_is_picked_up_while_searches_run_and_none_fails(
    tiny_index: Path, tmp_path: Path, serve
) -> None:
    table = tmp_path / "authority.tsv"
    write(table, HEADER + ENTRY.format(key="one.example"))
    with Searcher.open(tiny_index, authority=table) as searcher:
        running = serve(searcher, watch=0.05)
        versions: list[str] = []
        done = threading.Event()

        def ask() -> None:
            with Client(running.address) as client:
                while not done.is_set():
                    versions.append(client.search("drinking water", k=3).authority_version)  # raises if one fails

        asking = threading.Thread(target=ask)
        asking.start()
        with Client(running.address) as client:
            for key in ("two.example", "three.example"):
                before = client.status().authority_version
                write(table, HEADER + ENTRY.format(key=key))
                while client.status().authority_version == before:
                    done.wait(0.01)
            last = client.status().authority_version
            while versions[-1] != last and asking.is_alive():
                done.wait(0.01)
        done.set()
        asking.join()
        assert versions[-1] == last
        assert len(set(versions)) == 3
        running.stop()


def test_a_call_is_answered_from_one_table_also_when_another_is_taken_up_in_between(
    tiny_index: Path, tmp_path: Path, serve, held
) -> None:
    table = tmp_path / "authority.tsv"
    write(table, HEADER + ENTRY.format(key="one.example"))
    with Searcher.open(tiny_index, authority=table) as searcher:
        slow = held(searcher, free=1)  # the second unit of the batch waits
        running = serve(slow, watch=0.05)
        with Client(running.address) as client, ThreadPoolExecutor(1) as pool:
            before = client.status().authority_version
            answer = pool.submit(client.batch_search, ["drinking water"] * 60)
            assert slow.waiting.wait(20)
            write(table, HEADER + ENTRY.format(key="two.example"))
            while client.status().authority_version == before:
                time.sleep(0.01)
            slow.gate.set()
            assert {outcome.authority_version for outcome in answer.result(20)} == {before}
            assert client.search("drinking water").authority_version != before
        running.stop()


def test_a_table_that_cannot_be_read_leaves_the_old_one_in_force_and_is_logged_once(
    tiny_index: Path, tmp_path: Path, serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "stepwell.server")
    table = tmp_path / "authority.tsv"
    write(table, HEADER + ENTRY.format(key="one.example"))
    with Searcher.open(tiny_index, authority=table) as searcher:
        running = serve(Counting(searcher), watch=0.01)
        with Client(running.address) as client:
            before = client.status().authority_version
            write(table, "this is no table\n")
            running_reloads(running, 5)
            assert client.status().authority_version == before
            assert isinstance(client.batch_search(["water"])[0], Ranking)
            write(table, HEADER + ENTRY.format(key="two.example"))
            while client.status().authority_version == before:
                running_reloads(running, 1)
            running_reloads(running, 2)  # what was taken up is said before it looks again
        running.stop()
    complaints = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(complaints) == 1
    assert complaints[0].startswith("the table in force cannot be read any more and stays in force: ")
    assert any("now serving authority" in record.getMessage() for record in caplog.records)


def test_an_edit_by_hand_is_in_force_and_in_the_history_without_any_command(tiny_index: Path, tmp_path: Path, serve) -> None:
    table = tmp_path / "authority.tsv"
    write(table, HEADER + ENTRY.format(key="one.example"))
    set_entry(Entry.make("two.example", "established", "", "judgement:peer-reviewed:2026-11-22", ""), "asked for", path=table)
    with Searcher.open(tiny_index, authority=table) as searcher:
        running = serve(Counting(searcher), watch=0.01)
        write(table, table.read_text() + ENTRY.format(key="zoo.example"))
        while not any(change.key == "zoo.example" for change in read_history(table)):
            running_reloads(running, 1)
        running_reloads(running, 3)
        running.stop()
    found = [change for change in read_history(table) if change.action == "found"]
    assert [(change.key, change.who) for change in found] == [("zoo.example", "unknown")]
    assert found[0].version_after == Table.read(table).version


class Counting:
    """A real searcher that counts its reloads."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self.reloads = threading.Semaphore(0)

    def reload(self) -> tuple[str, ...]:
        try:
            return self._searcher.reload()
        finally:
            self.reloads.release()

    def __getattr__(self, name: str) -> object:
        return getattr(self._searcher, name)


def running_reloads(running, count: int) -> None:
    """Wait for `count` more reloads to end."""
    for _ in range(count):
        assert running.searcher.reloads.acquire(timeout=20)


def test_a_call_in_flight_is_answered_while_the_server_drains(searcher: Searcher, held, serve) -> None:
    slow = held(searcher)
    running = serve(slow)
    with grpc.insecure_channel(running.address) as channel:
        stub = SearchStub(channel)
        reply = stub.BatchSearch.future(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=20)
        assert slow.waiting.wait(20)
        running.tell()
        while accepts(running.address):
            slow.gate.wait(0.01)
        slow.gate.set()
        assert reply.result().outcomes[0].HasField("ranking")
    running.wait()


def test_watchers_of_health_hear_that_the_server_drains(searcher: Searcher, serve) -> None:
    running = serve(searcher)
    with grpc.insecure_channel(running.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        running.tell()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
    running.wait()


def accepts(address: str) -> bool:
    """Whether the server takes a new connection; one made at the very moment may hear nothing until it has drained."""
    with grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            SearchStub(channel).Status(pb.StatusRequest(), timeout=2)
        except grpc.RpcError:
            return False
        return True
