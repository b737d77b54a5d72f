"""The doctor finds what is wrong with a real deployment, says what to change, and passes what is right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import stepwell
from authority.tables import shipped_path
from indexer.deletion import delete
from indexer.generation import current, generations, manifest_paths
from server.access.keys import KeyFile
from server.deployment import Deployment
from server.doctor.examine import examine
from server.doctor.finding import Finding
from server.doctor.limits import available
from server.options import KEYS


@pytest.fixture
def index(tiny_index: Path, tmp_path: Path) -> Path:
    """The twelve documents, to be damaged."""
    return Path(shutil.copytree(tiny_index, tmp_path / "index"))


@pytest.fixture
def doctor(index: Path, tmp_path: Path) -> Callable[..., list[Finding]]:
    """What it says of a deployment that is in order but for what is given."""
    table = tmp_path / "table.tsv"
    table.write_bytes(shipped_path("sample").read_bytes())

    def examined(**given: Any) -> list[Finding]:
        said = {"index": index, "authority": str(table), "grpc": "127.0.0.1:0", "categories": {}} | given
        return list(examine(Deployment.of({key: option.default for key, option in KEYS.items()} | said)))

    return examined


def told(findings: list[Finding], level: str) -> list[tuple[str, str, str]]:
    return [(one.about, one.found, one.advice) for one in findings if one.level == level]


def test_what_is_in_order_passes_and_every_check_says_something(doctor: Callable[..., list[Finding]]) -> None:
    findings = doctor()
    assert told(findings, "fail") == []
    assert {one.about for one in findings} >= {
        "index", "permissions", "disk", "open files", "mapped files", "memory", "workers", "encoder", "graphics card", "clock",
        "port", "keys", "certificate", "table", "policies", "categories", "calibration", "one query",
    }  # fmt: skip
    [query] = [one.found for one in findings if one.about == "one query"]
    assert "answered in" in query


def test_a_category_that_weighs_by_no_profile_is_found(doctor: Callable[..., list[Finding]]) -> None:
    [(about, found, _)] = told(doctor(categories={"law": {"profile": "nope"}}), "fail")
    assert about == "categories"
    assert "[server.categories.law] no profile called 'nope'; there are " in found


def test_nothing_is_written_and_no_port_stays_taken(doctor: Callable[..., list[Finding]], index: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    KeyFile(keys).create("agent", ("search",))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    first, second = (doctor(keys=keys, query_log=tmp_path / "queries.jsonl", http="127.0.0.1:0") for _ in range(2))
    assert [one.level for one in first] == [one.level for one in second]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_file_cut_short_is_named_with_the_repair_and_other_checks_go_on(
    doctor: Callable[..., list[Finding]], index: Path
) -> None:
    victim = max((path for path in (index / "segments").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-1])
    findings = doctor()
    [(about, found, _), *_] = told(findings, "fail")
    assert about == "index"
    assert str(victim) in found
    assert "repair" in found
    assert "table" in {one.about for one in findings if one.level == "ok"}


def test_an_index_that_is_not_there_is_said_once_and_what_needs_it_is_named(
    doctor: Callable[..., list[Finding]], tmp_path: Path
) -> None:
    findings = doctor(index=tmp_path / "nowhere")
    [(about, found, _)] = told(findings, "fail")
    assert about == "index"
    assert str(tmp_path / "nowhere") in found
    [others] = [found for about, found, _ in told(findings, "warn") if about == "not examined"]
    assert others.endswith(", one query: for what is said of index")
    assert {"table", "port"} <= {one.about for one in findings if one.level == "ok"}


def test_damage_of_an_earlier_generation_is_a_warning_since_only_a_rollback_or_a_date_asks_for_it(
    doctor: Callable[..., list[Finding]], index: Path
) -> None:
    before = current(index)
    delete(index, ["tiny:3"])
    first = before.segments[0]
    delete(index, ["tiny:4"])
    manifest = generations(index)[0][-2]
    victim = index / "segments" / first.name / manifest.segments[0].deleted
    victim.write_bytes(victim.read_bytes()[:-1])
    manifest_paths(index)[0].write_bytes(b"{}")
    findings = doctor()
    assert [about for about, _, _ in told(findings, "fail")] == []
    (unread, damaged) = [(found, advice) for about, found, advice in told(findings, "warn") if about == "index"]
    assert unread[0].startswith("generation 1 cannot be read: ")
    assert damaged[0].startswith(f"generation {manifest.number} is damaged: ")
    assert manifest.segments[0].deleted in damaged[0]
    assert "repair" in damaged[1]


def test_an_index_from_the_future_is_a_failure(doctor: Callable[..., list[Finding]], index: Path) -> None:
    manifest = replace(current(index), created=(datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds"))
    manifest_paths(index)[-1].write_bytes(manifest.to_json())
    [(about, found, advice)] = told(doctor(), "fail")
    assert about == "clock"
    assert "in the future" in found
    assert "set the time" in advice


def test_a_port_in_use_and_one_that_may_not_be_bound_are_failures(doctor: Callable[..., list[Finding]], address: str) -> None:
    findings = told(doctor(grpc=address, http="0.0.0.0:0"), "fail")
    assert [about for about, *_ in findings] == ["port", "port"]
    assert "is in use" in findings[0][1]
    assert "can be reached from other machines" in findings[1][1]


def test_a_key_file_that_others_may_open_is_to_be_closed_and_an_empty_one_fails(
    doctor: Callable[..., list[Finding]], tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    [(about, found, _)] = told(doctor(keys=keys), "fail")
    assert about == "keys"
    assert "holds no key" in found
    KeyFile(keys).create("agent", ("search",))
    assert not [one for one in doctor(keys=keys) if one.about == "keys" and one.level != "ok"]
    keys.chmod(0o644)
    assert ("keys", f"others may open {keys} (mode 644)", f"chmod 600 {keys}") in told(doctor(keys=keys), "warn")


@pytest.mark.parametrize(
    ("days", "level", "advice"),
    [
        ((0, 90), "ok", ""),
        ((-90, -1), "fail", "it has ended"),
        ((1, 90), "fail", "not valid yet"),
        ((-60, 5), "warn", "4 days are left"),
    ],
)
def test_a_certificate_is_judged_by_its_days(
    doctor: Callable[..., list[Finding]], certificate: Callable[..., tuple[Path, Path]], days: Any, level: str, advice: str
) -> None:
    pem, key = certificate("server", *days)
    [one] = [one for one in doctor(tls_cert=pem, tls_key=key) if one.about == "certificate"]
    assert one.level == level
    assert "localhost" in one.found
    assert advice in one.advice


def test_a_certificate_of_another_key_is_a_failure(
    doctor: Callable[..., list[Finding]], certificate: Callable[..., tuple[Path, Path]]
) -> None:
    pem, _ = certificate("one")
    _, key = certificate("two")
    assert [about for about, *_ in told(doctor(tls_cert=pem, tls_key=key), "fail")] == ["certificate"]


def test_a_fault_in_the_table_is_named_by_its_line(doctor: Callable[..., list[Finding]], tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text(table.read_text() + "who.int\troyal\t\tjudgement:x:2026-01-02\t\n")
    lines = len(table.read_text().splitlines())
    found = {about: found for about, found, _ in told(doctor(), "fail")}
    assert found["table"].startswith(f"{table}:{lines}: ")
    assert "one query" in found


def test_another_encoder_than_the_index_has_is_a_failure(doctor: Callable[..., list[Finding]], sample_index: Path) -> None:
    own = next(one for one in doctor(index=sample_index) if one.about == "encoder")
    assert own.level == "ok"
    assert "is the index' own" in own.found
    manifest = current(sample_index)
    assert manifest.encoder_fingerprint[:8] in own.found


def test_vectors_of_another_encoder_are_a_failure(
    doctor: Callable[..., list[Finding]], sample_index: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(sample_index, tmp_path / "other"))
    manifest_paths(other)[-1].write_bytes(replace(current(other), encoder_fingerprint="0" * 64).to_json())
    found = {about: found for about, found, _ in told(doctor(index=other), "fail")}
    assert "did not make the vectors" in found["encoder"]
    assert "00000000" in found["one query"]


def test_a_card_that_is_wanted_and_not_there_is_a_failure(doctor: Callable[..., list[Finding]]) -> None:
    import faiss

    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
        pytest.skip("this machine has a graphics card")
    for device in ("cuda", "cuda:3"):
        assert "graphics card" in {about for about, *_ in told(doctor(device=device), "fail")}


def test_too_few_descriptors_are_a_failure_with_its_remedy(index: Path) -> None:
    doctor = f"{sys.executable} -m stepwell server doctor --json --index {index} --grpc 127.0.0.1:0"
    done = subprocess.run(["bash", "-c", f"ulimit -n 40; exec {doctor}"], capture_output=True, text=True, timeout=60)
    findings = {one["about"]: one for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert findings["open files"]["level"] == "fail"
    assert "LimitNOFILE" in findings["open files"]["advice"]


def test_memory_is_read_from_the_machine_or_its_group() -> None:
    free, why = available()
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert free is not None
    assert 0 < free <= total
    assert why


def test_the_verb_prints_lines_with_their_advice_and_its_exit_code_says_whether_one_failed(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["server", "doctor", "--index", str(index), "--authority", "sample"]
    assert stepwell.main([*args, "--grpc", "127.0.0.1:0"]) == 0
    out = capsys.readouterr().out
    assert "ok    index          snapshot " in out
    assert out.splitlines()[-1].endswith(" 0 failed")
    assert stepwell.main([*args, "--grpc", "0.0.0.0:0"]) == 1
    out = capsys.readouterr().out
    assert "fail  port" in out
    assert "-> change grpc in [server]" in out
    assert stepwell.main([*args, "--grpc", "0.0.0.0:0", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["ok"] is False
    assert {"level", "about", "found", "advice"} == record["findings"][0].keys()
