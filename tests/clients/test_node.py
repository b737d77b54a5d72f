"""A client in another language, generated from the contract and run against a real server; and what buf says of the contract."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from protos.compatible import RELEASED
from ranker.search import Searcher
from server.access.keys import KeyFile
from tests.clients.environments import Unavailable
from tests.clients.node import example, tool
from tests.conftest import ROOT
from tests.server.conftest import Running

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def program() -> Path:
    try:
        return example()
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def serve(tiny_index: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []
    with Searcher.open(tiny_index, authority="sample") as searcher:

        def start(**settings: Any) -> Running:
            started.append(Running(searcher, **settings))
            return started[-1]

        yield start
        for running in started:
            running.stop()


def ask(program: Path, *arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    command = ["node", str(program / "built" / "src" / "ask.js"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=os.environ | {"STEPWELL_KEY": key}, check=False
    )


def test_a_generated_client_searches_streams_reads_and_asks_for_trust(program: Path, serve: Callable[..., Running]) -> None:
    done = ask(program, serve().address, "tides", "sourdough starter", "")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("12 documents in 1-")
    assert lines[1].startswith("tides (snapshot 1-")
    assert "Tides and the moon <https://met.alder.example/0>" in lines[2]
    assert any("query is empty" in line for line in lines)
    assert "3 outcomes in a stream" in lines
    assert "first line: Spring tides come when sun and moon pull in one line, at new and full moon." in lines
    assert lines[-1].startswith("alder.example: ")


def test_a_generated_client_shows_its_key_and_says_what_is_wrong(
    program: Path, serve: Callable[..., Running], tmp_path: Path
) -> None:
    _, token = KeyFile(tmp_path / "keys.json").create("example", ("search", "fetch"))
    address = serve(keys=tmp_path / "keys.json").address
    assert ask(program, address, "tides", key=token).returncode == 0
    refused = ask(program, address, "tides")
    assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "Unauthenticated")
    nobody = ask(program, "127.0.0.1:9", "tides")
    assert (nobody.returncode, nobody.stderr.split(":")[0]) == (1, "Unavailable")


def test_a_generated_client_comes_back_when_it_is_told_to(program: Path, serve: Callable[..., Running], tmp_path: Path) -> None:
    _, token = KeyFile(tmp_path / "keys.json").create("example", ("search", "fetch"), per_minute=60)
    address = serve(keys=tmp_path / "keys.json").address
    texts = [f"tides {n}" for n in range(29)]
    done = ask(program, address, *texts, key=token)  # a status, 29 queries twice, a document; the question for trust is the 61st
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("alder.example: ")


def test_buf_finds_no_fault_with_the_contract(program: Path) -> None:
    for arguments in (["lint"], ["format", "--diff", "--exit-code"]):
        done = subprocess.run(
            [tool(program, "buf"), *arguments], cwd=ROOT / "protos", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_buf_finds_nothing_that_breaks_a_client_of_a_release(program: Path) -> None:
    for released in sorted(RELEASED.glob("*.binpb")):
        command = [tool(program, "buf"), "breaking", "--against", str(released)]
        done = subprocess.run(command, cwd=ROOT / "protos", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_buf_curl_learns_the_contract_from_the_server(program: Path, serve: Callable[..., Running]) -> None:
    url = f"http://{serve().address}/stepwell.v1.Search/BatchSearch"
    arguments = [
        "curl",
        "--protocol",
        "grpc",
        "--http2-prior-knowledge",
        "--data",
        '{"queries": [{"text": "tides", "k": 1}]}',
        url,
    ]
    done = subprocess.run([tool(program, "buf"), *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    [outcome] = json.loads(done.stdout)["outcomes"]
    assert outcome["ranking"]["hits"][0]["docId"] == "tiny:0"
