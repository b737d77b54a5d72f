"""Do workers, and whole servers, come up again while a file that they need is broken?

Real processes, killed while somebody's half-saved file lies on disk.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import grpc
import httpx
import pytest

from authority.last_good import copy_path
from authority.table import Table
from indexer.build import build
from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1.admin_pb2 import WORKER_PHASE_SERVING
from protos.stepwell.v1.admin_pb2_grpc import AdminStub
from ranker.own_calibration import copy_path as copy_of_calibration
from ranker.relevance import LEXICAL, Calibration, shipped
from server.access.keys import KeyFile
from server.client import Access, Client, Ranking
from server.errors import Unauthenticated
from tests.server.workers.conftest import Workers
from tests.server.workers.test_workers import HEADER, all_serve, kill, wait

ENTRY = "{}.example\tprimary\t\tjudgement:invented for a test:2026-11-22\t\n"
ALONE = [("grpc.use_local_subchannel_pool", 1)]


def killed(server: Workers) -> None:
    """Every worker, one after the other, until each is a new process that answers."""
    for place in range(len(server.status().processes)):
        old = server.until(all_serve).processes[place]
        kill(old.pid)
        server.until(lambda status, place=place, pid=old.pid: all_serve(status) and status.processes[place].pid != pid)


def versions(server: Workers) -> set[str]:
    """What names the table in answers, of both workers with all likelihood."""
    seen = set()
    for _ in range(8):
        with Client(server.address) as client:
            outcome = client.search("water")
            assert isinstance(outcome, Ranking)
            seen.add(outcome.authority_version)
    return seen


def snapshots(server: Workers) -> set[str]:
    """What both workers serve, with all likelihood."""
    seen = set()
    for _ in range(8):
        with Client(server.address) as client:
            seen.add(client.status().snapshot)
    return seen


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(HEADER.encode(), id="no entry"),
        pytest.param(b"this is no table\n", id="no table", marks=pytest.mark.long),
        pytest.param(b"# whom we trust\n", id="comments", marks=pytest.mark.long),
        pytest.param(b"\n", id="newline", marks=pytest.mark.long),
        pytest.param(b"", id="emptied", marks=pytest.mark.long),
        pytest.param(None, id="gone", marks=pytest.mark.long),
    ],
)
def test_a_worker_that_is_killed_while_the_table_is_broken_comes_up_with_the_last_good_one_and_takes_the_healed_one(
    tiny_index: Path, tmp_path: Path, supervised, broken: bytes | None
) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER + ENTRY.format("one"))
    good = Table.read(table).version
    server = supervised(tiny_index, "--authority", table)
    if broken is None:
        table.unlink()
    else:
        table.write_bytes(broken)
    server.until(lambda status: bool(status.troubles))
    killed(server)
    assert versions(server) == {good} == {Table.read(copy_path(table)).version}
    troubles = server.status().troubles
    assert "stays in force" in troubles[0]
    assert httpx.get(f"{server.http}/healthz", trust_env=False).json() == {"status": "SERVING", "troubles": 1}
    assert "stays in force" in server.log.read_text()
    table.write_text(HEADER + ENTRY.format("two"))
    healed = Table.read(table).version
    wait(lambda: versions(server) == {healed}, 3)
    assert not server.until(lambda status: not status.troubles).troubles
    assert server.stop() == 0


@pytest.mark.long
def test_a_whole_server_begins_again_with_the_last_good_table_and_health_and_doctor_say_so(
    tiny_index: Path, tmp_path: Path, started
) -> None:
    table = tmp_path / "authority.tsv"
    table.write_text(HEADER + ENTRY.format("one"))
    good = Table.read(table).version
    first = started(tiny_index, "--authority", table, workers=1)
    first.ready()
    assert copy_path(table).read_bytes() == table.read_bytes()
    first.process.kill()
    table.write_text(HEADER + "half a li")
    again = started(tiny_index, "--authority", table, workers=1)
    again.ready()
    assert again.record["authority_version"] == good
    assert again.status().troubles[0].startswith("the table in force cannot be read any more and stays in force: ")
    asked = [sys.executable, "-m", "stepwell", "server"]
    with_http = ["--index", str(tiny_index), "--http", again.record["http"]]
    health = subprocess.run([*asked, "health", *with_http], capture_output=True, text=True, check=True)
    assert "something on disk cannot be taken up (1)" in health.stdout
    doctor = subprocess.run(
        [*asked, "doctor", "--index", str(tiny_index), "--authority", str(table), "--grpc", "127.0.0.1:0", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert doctor.returncode == 1
    assert f"begins with its last good version {good}" in doctor.stdout
    table.write_text(HEADER + ENTRY.format("two"))
    again.until(lambda status: not status.troubles)
    assert versions(again) == {Table.read(table).version}
    assert again.stop() == 0


@pytest.mark.long
def test_a_broken_key_file_lets_nobody_new_in_and_those_before_stay_until_it_is_healed(
    tiny_index: Path, tmp_path: Path, supervised
) -> None:
    keys = tmp_path / "keys.json"
    revoked, gone = KeyFile(keys).create("revoked", ("search",))
    _, token = KeyFile(keys).create("kept", ("search", "admin"))
    server = supervised(tiny_index, "--keys", keys)
    KeyFile(keys).revoke(revoked.id)
    wait(lambda: server.log.read_text().count("now serving keys 2 -> 1") == 2)
    whole = keys.read_bytes()
    keys.write_bytes(whole[: len(whole) // 2])
    pids = workers_of(server, token)
    for pid in pids:
        kill(pid)
        wait(lambda pid=pid: pid not in workers_of(server, token) and len(workers_of(server, token)) == 2)
    for _ in range(6):
        with Client(server.address, access=Access(gone)) as stranger, pytest.raises(Unauthenticated):
            stranger.search("water")
        with Client(server.address, access=Access(token)) as client:
            assert isinstance(client.search("water"), Ranking)
    assert "1 keys that were in force stay in force" in server.log.read_text()
    keys.write_bytes(whole)
    KeyFile(keys).revoke(KeyFile(keys).keys().popitem()[0])
    wait(lambda: refused(server, token), 5)
    assert server.stop() == 0


def workers_of(server: Workers, token: str) -> set[int]:
    """Process ids of the workers that serve, as one says to whoever has the key."""
    with grpc.insecure_channel(server.address, options=ALONE) as channel:
        status = AdminStub(channel).Status(
            pb.AdminStatusRequest(), timeout=20, wait_for_ready=True, metadata=[("authorization", f"Bearer {token}")]
        )
    return {worker.pid for worker in status.processes if worker.phase == WORKER_PHASE_SERVING}


def refused(server: Workers, token: str) -> bool:
    for _ in range(4):
        with Client(server.address, access=Access(token)) as client:
            try:
                client.search("water")
            except Unauthenticated:
                continue
            return False
    return True


def test_a_whole_server_does_not_begin_without_readable_keys(tiny_index: Path, tmp_path: Path, started) -> None:
    keys = tmp_path / "keys.json"
    KeyFile(keys).create("one", ("search",))
    keys.write_bytes(keys.read_bytes()[:40])
    for workers in (1, 2):
        server = started(tiny_index, "--keys", keys, workers=workers)
        assert server.process.wait(30) == 2
        assert "is not a key file" in server.log.read_text()


@pytest.mark.long
def test_a_broken_stepwell_toml_starts_no_server_and_ends_none(tiny_index: Path, tmp_path: Path, supervised, started) -> None:
    settings = tmp_path / "stepwell.toml"
    settings.write_text(f'[server]\nindex = "{tiny_index}"\n')
    server = supervised(tiny_index, "--config", settings)
    settings.write_text(f'[server]\nindex = "{tiny_index}"\nworkers = = 2\n')
    killed(server)
    server.process.send_signal(signal.SIGHUP)
    wait(lambda: server.log.read_text().count("nothing on disk has changed") == 2)
    assert server.status().troubles == []
    other = started(tiny_index, "--config", settings)
    assert other.process.wait(30) == 2
    (line,) = other.log.read_text().splitlines()
    assert "line 3" in line
    assert "mend" in line
    assert server.stop() == 0


@pytest.mark.long
def test_a_generation_that_does_not_open_is_passed_over_until_it_does(
    tiny_index: Path, tiny_corpus: Path, tmp_path: Path, supervised, started
) -> None:
    index = shutil.copytree(tiny_index, tmp_path / "index")
    server = supervised(index)
    first = server.record["snapshot"]
    manifest = build([tiny_corpus], index, None, force=True).manifest
    path = index / "generations" / f"{manifest.number:06}.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    killed(server)
    status = server.status()
    assert "the newest generation cannot be opened" in status.troubles[0]
    again = started(index, workers=1)
    again.ready()
    assert again.record["snapshot"] == first
    assert json.dumps(list(again.status().troubles)).count(first) == 1
    path.write_bytes(whole)
    for running in (server, again):
        wait(lambda running=running: snapshots(running) == {manifest.snapshot}, 5)
        running.until(lambda status: not status.troubles)
        assert running.stop() == 0


@pytest.mark.long
@pytest.mark.parametrize("left", [100, None], ids=["torn", "gone"])
def test_a_worker_started_again_serves_what_the_others_serve_although_its_manifest_is_torn_or_gone_by_now(
    tiny_index: Path, tiny_corpus: Path, tmp_path: Path, supervised, left: int | None
) -> None:
    index = shutil.copytree(tiny_index, tmp_path / "index")
    server = supervised(index)
    manifest = build([tiny_corpus], index, None, force=True).manifest
    wait(lambda: snapshots(server) == {manifest.snapshot})
    path = index / "generations" / f"{manifest.number:06}.json"
    whole = path.read_bytes()
    if left is None:
        path.unlink()
    else:
        path.write_bytes(whole[:left])
    one, other = (worker.pid for worker in server.until(all_serve).processes)
    for pid in (one, other):
        kill(pid)
        server.until(lambda status, pid=pid: all_serve(status) and pid not in {worker.pid for worker in status.processes})
        assert snapshots(server) == {manifest.snapshot}
        assert versions(server)  # it answers
    assert "the newest generation cannot be opened" in server.status().troubles[0]
    path.write_bytes(whole)
    server.until(lambda status: not status.troubles)
    assert snapshots(server) == {manifest.snapshot}
    assert server.stop() == 0


@pytest.mark.long
def test_a_worker_that_cannot_open_what_the_others_serve_waits_and_another_one_is_served_only_where_nobody_answers(
    tiny_index: Path, tiny_corpus: Path, tmp_path: Path, supervised
) -> None:
    index = shutil.copytree(tiny_index, tmp_path / "index")
    server = supervised(index)
    first = server.record["snapshot"]
    manifest = build([tiny_corpus], index, None, force=True).manifest
    wait(lambda: snapshots(server) == {manifest.snapshot})
    path = index / "segments" / manifest.segments[0].name / "forward" / "lengths.npy"
    path.rename(tmp_path / "aside")
    (index / "generations" / f"{manifest.number:06}.json").unlink()
    one, other = server.until(all_serve).processes
    kill(one.pid)
    wait(lambda: f"generation {manifest.snapshot}, which is being served, cannot be opened" in server.log.read_text())
    assert snapshots(server) == {manifest.snapshot}
    (tmp_path / "aside").rename(path)
    assert snapshots(server.until(all_serve) and server) == {manifest.snapshot}
    path.rename(tmp_path / "aside")
    for worker in server.until(all_serve).processes:
        kill(worker.pid)
    server.until(lambda status: all_serve(status) and status.processes[1].pid != other.pid)
    assert snapshots(server) == {first}
    assert server.stop() == 0


@pytest.mark.long
def test_a_worker_started_again_does_not_serve_what_was_found_damaged(
    tiny_index: Path, tiny_corpus: Path, tmp_path: Path, supervised
) -> None:
    index = shutil.copytree(tiny_index, tmp_path / "index")
    server = supervised(index, "--scrub", "50")
    first = server.record["snapshot"]
    manifest = build([tiny_corpus], index, None, force=True).manifest
    wait(lambda: snapshots(server) == {manifest.snapshot})
    path = index / "segments" / manifest.segments[0].name / "forward" / "lengths.npy"
    content = bytearray(path.read_bytes())
    content[-4] ^= 1
    path.write_bytes(content)
    wait(lambda: snapshots(server) == {first})
    found = server.log.read_text().count("it is not searched any more")
    killed(server)
    assert snapshots(server) == {first}
    troubles = server.status().troubles
    assert "its file lengths.npy is damaged; run: stepwell indexer repair" in troubles[0]
    assert server.log.read_text().count("it is not searched any more") == found
    assert server.stop() == 0


@pytest.mark.long
def test_a_calibration_that_is_broken_ends_no_server_that_ran_with_it_and_starts_no_first_one(
    tiny_index: Path, tmp_path: Path, supervised, started
) -> None:
    own = tmp_path / "mine" / "calibration.json"
    own.parent.mkdir()
    own.write_bytes(replace(next(c for c in shipped() if c.features == LEXICAL), name="mine").to_json())
    version = Calibration.load(own).version
    server = supervised(tiny_index, "--calibration", own)
    own.write_bytes(b"half a fi")
    server.until(lambda status: bool(status.troubles))
    killed(server)
    assert calibrations(server) == {version}
    assert "the calibration in force cannot be read any more and stays in force" in server.log.read_text()
    assert server.stop() == 0
    again = started(tiny_index, "--calibration", own, workers=1)
    again.ready()
    assert calibrations(again) == {version}
    assert "the calibration in force cannot be read any more" in again.status().troubles[0]
    assert again.stop() == 0
    copy_of_calibration(own).unlink()
    for workers in (1, 2):
        first = started(tiny_index, "--calibration", own, workers=workers)
        assert first.process.wait(30) == 1
        assert "is not a calibration" in first.log.read_text()


def calibrations(server: Workers) -> set[str]:
    """What scores the answers of both workers, with all likelihood."""
    seen = set()
    for _ in range(8):
        with Client(server.address) as client:
            outcome = client.search("water")
            assert isinstance(outcome, Ranking)
            seen.add(outcome.calibration)
    return seen
