"""Do several processes answer as one server, whatever happens to one of them?"""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import grpc
import httpx
import pytest

from authority.history import read_history
from authority.table import Table
from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1 import authority_pb2 as authority_pb
from protos.stepwell.v1.admin_pb2 import WORKER_PHASE_SERVING
from protos.stepwell.v1.admin_pb2_grpc import AdminStub
from protos.stepwell.v1.authority_pb2_grpc import AuthorityStub
from server.access.keys import KeyFile
from server.client import Access, Client, Ranking
from server.errors import CapacityExceeded

HEADER = "key\ttier\ttopics\tevidence\tnote\n"
ALONE = [("grpc.use_local_subchannel_pool", 1)]
"""A channel with these shares no connection with another one."""


def gone(pid: int) -> bool:
    """Whether the process has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def all_serve(status: pb.AdminStatusResponse) -> bool:
    return all(worker.phase == WORKER_PHASE_SERVING for worker in status.processes)


def kill(pid: int) -> None:
    """As the kernel's memory killer does."""
    assert pid > 1, "a worker that is down has process id 0, which would mean this test's own group"
    os.kill(pid, signal.SIGKILL)


def wait(seen, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def test_two_workers_answer_on_one_port_and_one_http_port_and_each_is_listed(tiny_index: Path, supervised) -> None:
    server = supervised(tiny_index)
    assert server.record["workers"] == 2
    status = server.status()
    assert status.workers == 2
    assert [worker.number for worker in status.processes] == [1, 2]
    assert {worker.phase for worker in status.processes} == {WORKER_PHASE_SERVING}
    pids = {worker.pid for worker in status.processes}
    assert len(pids) == 2
    answering: set[int] = set()
    wait(lambda: answering.add(server.status().pid) or answering == pids)  # new connections reach both
    with Client(server.address) as client:
        assert isinstance(client.batch_search(["water"])[0], Ranking)
    assert httpx.get(f"{server.http}/healthz", trust_env=False).json() == {"status": "SERVING"}
    assert server.stop() == 0
    assert all(map(gone, pids))
    assert "Traceback" not in server.log.read_text()


def test_a_worker_that_is_killed_is_started_again_and_no_idempotent_call_of_the_client_fails(
    tiny_index: Path, supervised
) -> None:
    server = supervised(tiny_index)
    with Client(server.address) as client:
        killed: set[int] = set()
        for restarts in (1, 2):
            victim = next(worker.pid for worker in server.status().processes if worker.pid)
            kill(victim)
            killed.add(victim)
            for _ in range(20):
                assert isinstance(client.batch_search(["water"])[0], Ranking)
            server.until(lambda status: all_serve(status) and not killed & {worker.pid for worker in status.processes})
            assert sum(worker.restarts for worker in server.status().processes) == restarts
    assert "was killed by SIGKILL; starting it again" in server.log.read_text()
    assert server.stop() == 0


@pytest.mark.long
def test_a_worker_that_hangs_is_killed_and_started_again(tiny_index: Path, supervised) -> None:
    server = supervised(tiny_index)
    pids = {worker.pid for worker in server.status().processes}
    victim = min(pids)
    os.kill(victim, signal.SIGSTOP)
    wait(lambda: gone(victim), 60)
    wait(lambda: server.log.read_text().count(" answers") == 3)
    status = server.until(all_serve)
    assert victim not in {worker.pid for worker in status.processes}
    assert sum(worker.restarts for worker in status.processes) == 1
    assert "hangs; killing it" in server.log.read_text()
    for _ in range(10):
        with Client(server.address) as client:
            assert isinstance(client.batch_search(["water"])[0], Ranking)
    assert server.stop() == 0


@pytest.mark.long
def test_workers_whose_supervisor_is_killed_end_by_themselves(tiny_index: Path, supervised) -> None:
    server = supervised(tiny_index)
    pids = [worker.pid for worker in server.status().processes]
    server.process.kill()
    wait(lambda: all(map(gone, pids)))


def test_an_index_that_is_not_there_is_one_line_and_exit_code_1(tmp_path: Path, started) -> None:
    server = started(tmp_path / "none")
    assert server.process.wait(30) == 1
    assert server.process.stdout.read() == ""
    lines = server.log.read_text().splitlines()
    assert len([line for line in lines if line.startswith("stepwell server: ")]) == 1
    assert "Traceback" not in server.log.read_text()


def test_workers_that_die_at_once_are_given_up_with_what_happened(
    tiny_index: Path, tmp_path: Path, started, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os, sys\nif '-P' in sys.orig_argv: os.kill(os.getpid(), 9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    server = started(tiny_index)
    assert server.process.wait(30) == 1
    assert "was killed by SIGKILL before it answered" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.long
def test_a_second_server_on_the_port_is_refused_also_while_no_worker_listens(tiny_index: Path, supervised, started) -> None:
    first = supervised(tiny_index)
    for workers in (1, 2):
        second = started(tiny_index, "--grpc", first.address, workers=workers)
        assert second.process.wait(30) == 1
        assert "is in use" in second.log.read_text()
    for worker in first.status().processes:
        kill(worker.pid)
    second = started(tiny_index, "--grpc", first.address)
    assert second.process.wait(30) == 1
    assert "is in use" in second.log.read_text()


@pytest.mark.long
def test_reload_is_answered_when_all_workers_have_taken_it_up(tiny_index: Path, tmp_path: Path, supervised) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER + "one.example\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n")
    server = supervised(tiny_index, "--authority", table, "--watch", "600")
    before = Table.read(table).version
    table.write_text(HEADER + "two.example\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n")
    with grpc.insecure_channel(server.address) as channel:
        changes = AdminStub(channel).Reload(pb.ReloadRequest(), timeout=20).changes
    assert changes == [f"authority {before} -> {Table.read(table).version}"]
    for _ in range(20):
        with Client(server.address) as client:
            assert client.status().authority_version == Table.read(table).version


@pytest.mark.long
def test_sighup_reaches_all_workers(tiny_index: Path, tmp_path: Path, supervised) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER)
    server = supervised(tiny_index, "--authority", table, "--watch", "600")
    table.write_text(HEADER + "two.example\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n")
    server.process.send_signal(signal.SIGHUP)
    wait(lambda: server.log.read_text().count("now serving authority") == 2)
    assert server.stop() == 0


@pytest.mark.long
def test_an_edit_is_in_force_in_every_worker_when_it_is_acknowledged_and_survives_kills(
    tiny_index: Path, tmp_path: Path, supervised
) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER)
    server = supervised(tiny_index, "--authority", table, "--watch", "600")
    acknowledged = []
    for number in range(12):
        entry = authority_pb.AuthorityEntry(key=f"site{number}.example", tier="primary", evidence="judgement:a test:2026-11-22")
        request = authority_pb.SetAuthorityRequest(entry=entry, why="a test of what survives")
        if number % 4 == 1:
            kill(server.until(all_serve).processes[number % 2].pid)
        with grpc.insecure_channel(server.address, options=ALONE) as channel:
            try:
                change = AuthorityStub(channel).Set(request, timeout=20, wait_for_ready=True).change
            except grpc.RpcError:  # it was in flight on the worker that was killed: not acknowledged
                continue
        acknowledged.append(entry.key)
        for _ in range(4):
            with Client(server.address) as client:
                assert client.status().authority_version == change.version_after
    assert len(acknowledged) >= 9
    assert {entry.key for entry in Table.read(table).entries} >= set(acknowledged)
    assert {change.key for change in read_history(table)} >= set(acknowledged)


@pytest.mark.long
def test_drain_through_any_worker_ends_all_with_exit_code_0(tiny_index: Path, tmp_path: Path, supervised) -> None:
    ready = tmp_path / "ready"
    server = supervised(tiny_index, "--ready-file", ready)
    assert ready.read_text() == f"{server.address}\n"
    with grpc.insecure_channel(server.address) as channel:
        AdminStub(channel).Drain(pb.DrainRequest(), timeout=20)
    assert server.process.wait(30) == 0
    assert not ready.exists()


@pytest.mark.long
def test_a_quota_is_spent_once_whichever_worker_is_asked(tiny_index: Path, tmp_path: Path, supervised) -> None:
    keys = tmp_path / "keys.json"
    _, token = KeyFile(keys).create("a test", ("search",), per_day=10)
    server = supervised(tiny_index, "--keys", keys)
    answered = 0
    for _ in range(16):
        with Client(server.address, access=Access(key=token)) as client:
            try:
                answered += isinstance(client.batch_search(["water"])[0], Ranking)
            except CapacityExceeded:
                continue
    assert answered == 10


@pytest.mark.long
def test_metrics_are_those_of_all_workers_also_of_one_that_died(tiny_index: Path, supervised) -> None:
    server = supervised(tiny_index)
    for _ in range(20):
        httpx.post(f"{server.http}/v1/batch_search", json={"queries": [{"text": "water"}]}, trust_env=False).raise_for_status()

    def count(name: str) -> float:
        lines = httpx.get(f"{server.http}/metrics", trust_env=False).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    searched = 'stepwell_calls_total{code="OK",method="/v1/batch_search"}'
    assert count(searched) == 20
    assert count("stepwell_worker_starts_total") == 2
    kill(server.status().processes[0].pid)
    server.until(lambda status: status.processes[0].restarts == 1 and status.processes[0].phase == WORKER_PHASE_SERVING)
    assert count(searched) == 20
    assert count("stepwell_worker_starts_total") == 3


@pytest.mark.long
def test_the_port_is_free_again_once_the_server_stopped(tiny_index: Path, supervised, started) -> None:
    first = supervised(tiny_index)
    with Client(first.address) as client:
        client.status()
    assert first.stop() == 0
    again = started(tiny_index, "--grpc", first.address, workers=1)
    again.ready()
    assert again.address == first.address
    host, port = first.record["http"].split(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, int(port)))
