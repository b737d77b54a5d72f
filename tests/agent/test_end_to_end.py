"""A question over gRPC, a real index behind it, and a report whose every citation holds."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import orjson
import pytest

from agent import cli
from agent.errors import AgentError
from agent.runs import find
from indexer.build import build
from ranker.search import Searcher
from server.address import Address
from server.client import ServerUnreachable
from server.serving import serving
from server.settings import ServerSettings

QUESTION = "How long should drinking water be boiled at high altitude?"


@pytest.fixture(scope="module")
def address(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the words of the sample corpus, with the sample's authority table."""
    index = tmp_path_factory.mktemp("words") / "index"
    build([sample_corpus], index, None)
    ready: Future[str] = Future()
    told = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        with Searcher.open(index, authority="sample") as searcher:
            async with serving(searcher, ServerSettings(grpc=Address("127.0.0.1", 0))) as bound:
                ready.set_result(str(bound))
                await told.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    yield ready.result(30)
    loop.call_soon_threadsafe(told.set)
    thread.join(30)
    loop.close()


def test_ask_writes_a_report_that_verifies_against_the_server(address, tmp_path, capsys):
    runs = str(tmp_path / "runs")
    assert cli.main(["ask", QUESTION, "--server", address, "--runs", runs]) == 0
    printed = capsys.readouterr()
    assert f'model      batch_search "{QUESTION}"' in printed.err
    assert printed.out.startswith(f"# {QUESTION}\n")
    path = re.search(r"^report: (.*)$", printed.out, re.MULTILINE)[1]
    assert "minute" in Path(path).read_text()
    assert cli.main(["verify", str(Path(path).parent), "--server", address, "--json"]) == 0
    verdicts = orjson.loads(capsys.readouterr().out)
    assert verdicts["ok"] == verdicts["checked"] >= 3
    sources = orjson.loads(Path(path).with_name("sources.json").read_bytes())["sources"]
    assert any(source["tier"] for source in sources)


def test_a_run_cut_short_is_resumed_over_the_server(address, tmp_path, capsys):
    runs = str(tmp_path / "runs")
    assert cli.main(["ask", QUESTION, "--server", address, "--runs", runs, "--max-steps", "2", "--json"]) == 1
    partial = orjson.loads(capsys.readouterr().out)
    assert (partial["complete"], partial["reason"]) == (False, "the limit of 2 steps was reached")
    assert cli.main(["resume", partial["run"], "--server", address, "--runs", runs, "--max-steps", "9", "--json"]) == 0
    whole = orjson.loads(capsys.readouterr().out)
    assert whole["run"] == partial["run"]
    assert whole["citations"] >= 3


def test_a_report_with_a_citation_that_does_not_resolve_ends_with_exit_code_1(address, tmp_path, capsys):
    runs, script = str(tmp_path / "runs"), tmp_path / "script.json"
    calls = [("write", {"path": "report.md", "content": "Water is boiled for a while [[s99]]."}), *[("finish", {})] * 3]
    script.write_bytes(orjson.dumps([{"calls": [{"name": name, "arguments": arguments}]} for name, arguments in calls]))
    assert cli.main(["ask", QUESTION, "--server", address, "--runs", runs, "--model", f"scripted:{script}"]) == 1
    assert "complete; 0 spans of 0 sources cited, 1 unresolved, 4 steps" in capsys.readouterr().out
    [run] = (tmp_path / "runs").iterdir()
    assert cli.main(["resume", str(run), "--server", address, "--runs", runs, "--json"]) == 1
    assert orjson.loads(capsys.readouterr().out)["unresolved"] == ["s99"]
    assert cli.main(["runs", "--runs", runs]) == 0
    assert "complete    0 cited, 1 unresolved  How long" in capsys.readouterr().out


def test_without_a_server_there_is_no_run(tmp_path):
    runs = tmp_path / "runs"
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1"):
        cli.main(["ask", QUESTION, "--server", "127.0.0.1:1", "--runs", str(runs)])
    assert not runs.exists()
    with pytest.raises(AgentError):
        find("2", runs)


def test_start_leaves_a_process_that_writes_the_report_after_the_command_has_ended(address, tmp_path, capsys):
    runs = tmp_path / "runs"
    assert cli.main(["start", QUESTION, "--server", address, "--runs", str(runs), "--json"]) == 0
    run = find(orjson.loads(capsys.readouterr().out)["run"], runs)
    until = time.monotonic() + 60
    while not (events := run.events()) or events[-1].kind != "reported":
        assert time.monotonic() < until, (run.path / "console.log").read_text()
        time.sleep(0.1)
    assert [event.kind for event in events[:2]] == ["started", "resumed"]
    assert run.report.read_text().startswith(f"# {QUESTION}")
    assert "complete; " in wait_for(run.path / "console.log", "complete; ", until)


def wait_for(path: Path, words: str, until: float) -> str:
    while words not in (said := path.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    return said
