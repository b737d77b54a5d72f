"""Does `stepwell server` say what it does, in its output and its exit code?"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import stepwell
from authority.tables import shipped_path
from ranker.search import Searcher
from server.client import Client

READY = r"serving 127\.0\.0\.1:(\d+): snapshot \S+, 12 documents, encoder none \(lexical\), authority [0-9a-f]+\n"


@contextmanager
def command(*args: object) -> Iterator[subprocess.Popen[str]]:
    """`stepwell server ARGS` in a process of its own, killed at the end if it still runs."""
    line = [sys.executable, "-m", "stepwell", "server", *map(str, args)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    """`stepwell server ARGS` in this process: exit code, standard output, standard error."""
    capsys.readouterr()
    code = stepwell.main(["server", *map(str, args)])
    return code, *capsys.readouterr()


def test_a_server_says_when_it_is_ready_and_ends_well_on_sigterm(tiny_index: Path, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with command("run", "--index", tiny_index, "--grpc", "127.0.0.1:0", "--ready-file", ready) as process:
        line = process.stdout.readline()
        match = re.fullmatch(READY, line)
        assert match, line
        with Client(f"127.0.0.1:{match[1]}") as client:
            assert client.status().documents == 12
        assert ready.read_text() == f"127.0.0.1:{match[1]}\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert not ready.exists()
        assert "Traceback" not in process.stderr.read()


def test_a_settings_file_is_all_a_server_needs_and_signals_are_answered_in_the_log(tiny_index: Path, tmp_path: Path) -> None:
    table, config = tmp_path / "mine.tsv", tmp_path / "stepwell.toml"
    table.write_bytes(shipped_path("sample").read_bytes())
    config.write_text(f'[server]\nindex = "{tiny_index}"\ngrpc = "127.0.0.1:0"\nauthority = "mine.tsv"\nwatch = 60\ndrain = 7\n')
    with command("run", "--config", config) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        assert "nothing on disk has changed" in process.stderr.readline()
        table.write_text(table.read_text() + "who.int\tprimary\t\tjudgement:read it:2026-01-02\t\n")
        process.send_signal(signal.SIGHUP)
        assert "now serving authority" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert "SIGTERM: no new calls; those in flight have 7 s" in process.stderr.readline()
        assert "stopped after SIGTERM" in process.stderr.readline()
        assert process.wait(20) == 0


def test_a_key_of_the_settings_file_that_nobody_knows_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config := tmp_path / "stepwell.toml").write_text("[server]\nindx = 'x'\n")
    code, out, err = run(capsys, "run", "--config", config)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "has no key 'indx'; the nearest is index" in err


def test_a_port_in_use_is_one_line_and_exit_code_1(tiny_index: Path, address: str) -> None:
    with command("run", "--index", tiny_index, "--grpc", address) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err == f"stepwell server: {address} is in use; stop the other server or choose another port with --grpc HOST:PORT\n"


def test_the_ready_line_can_be_json(tiny_index: Path) -> None:
    with command("run", "--index", tiny_index, "--grpc", "127.0.0.1:0", "--json", "--authority", "off") as process:
        record = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    sizes = {"workers", "documents", "passages"}
    assert record.keys() == {"address", "http", "snapshot", "encoder", "authority_version", "release"} | sizes
    assert (record["workers"], record["documents"], record["authority_version"]) == (1, 12, "off")


def test_beyond_loopback_is_wrong_usage(tiny_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "run", "--index", tiny_index, "--grpc", "0.0.0.0:0")
    assert code == 2
    assert "give --keys, --tls-cert and --tls-key" in err


def test_no_index_is_failed_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "run", "--index", tmp_path / "none", "--grpc", "127.0.0.1:0")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1


def test_search_prints_one_json_object_per_query(address: str, searcher: Searcher, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "search", "water", "boil", "--server", address, "-k", 2, "--json")
    assert code == 0
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["query"] for record in records] == ["water", "boil"]
    assert records[0]["snapshot"] == searcher.status.snapshot
    hit = records[0]["hits"][0]
    assert {"rank", "doc_id", "title", "url", "score", "relevance", "authority", "terms", "passages"} <= hit.keys()
    assert hit["authority"].keys() == {"value", "tier", "key", "rule", "mark"}
    assert {"text", "start", "end"} <= hit["passages"][0].keys()


def test_a_query_that_fails_is_a_line_of_its_own_and_exit_code_1(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "search", "water", "", "--server", address, "--json")
    water, empty = (json.loads(line) for line in out.splitlines())
    assert code == 1
    assert water["hits"]
    assert (empty["query"], empty["failure"]["code"]) == ("", "INVALID_ARGUMENT")


def test_an_argument_that_is_no_utf_8_is_wrong_usage(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "search", "boil \udcff", "--server", address)
    assert code == 2
    assert "not valid UTF-8" in err


def test_search_is_readable_without_json(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "search", "boil water", " ", "--server", address, "--explain")
    assert code == 1
    assert "Boiling water" in out
    assert "score" in out
    assert "INVALID_ARGUMENT" in err


def test_filters_and_authority_reach_the_server(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    def hits(*args: object) -> list[dict[str, object]]:
        return json.loads(run(capsys, "search", "water", "--server", address, "--json", *args)[1])["hits"]

    everything = {hit["doc_id"] for hit in hits()}
    alder = {hit["doc_id"] for hit in hits("--sites", "alder.example")}
    rest = {hit["doc_id"] for hit in hits("--exclude-sites", "alder.example")}
    assert alder
    assert rest
    assert alder | rest == everything
    assert not alder & rest
    assert all(hit["published"] >= "2019" for hit in hits("--after", "2019", "--before", "2024"))
    assert all(hit["score"] == hit["relevance"] for hit in hits("--authority", "off"))
    assert hits("--kind", "paper,file") == []


@pytest.mark.parametrize("args", [["-k", "0"], ["--passages", "11"], ["--after", "then"]])
def test_a_wrong_option_is_wrong_usage_said_once(address: str, args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "search", "a", "b", "--server", address, *args)
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_status_lists_what_is_served(address: str, searcher: Searcher, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "status", "--server", address)[0] == 0
    record = json.loads(run(capsys, "status", "--server", address, "--json")[1])
    assert (record["snapshot"], record["documents"]) == (searcher.status.snapshot, 12)


def test_help_loads_neither_grpc_nor_an_index() -> None:
    code = (
        "import sys, server.cli\n"
        "try: server.cli.main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('grpc', 'numpy', 'tantivy', 'orjson') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
