"""The front door ends quietly when nobody reads on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell import ENVIRONMENT, READER_LEFT

ROOT = Path(__file__).resolve().parents[1]
PLAN = ["plan", "--passages", "20_000_000", "--memory", "8GB"]
HOW = {
    "a table longer than a pipe": ["stepwell", "authority", "list", "--table", "shipped"],
    "a few lines": ["stepwell", "authority", "list", "--table", "shipped", "--summary"],
    "a room by itself": ["indexer", *PLAN],
    "the usage": ["stepwell", "--help"],
}


@pytest.mark.parametrize("command", HOW.values(), ids=HOW.keys())
def test_a_command_whose_reader_left_says_nothing_more(command: list[str]) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()  # as `head -0` does
    said = running.stderr.read()
    running.stderr.close()
    assert said == ""
    assert running.wait() == READER_LEFT


def test_a_room_by_itself_tells_an_expected_error_in_one_line() -> None:
    command = [sys.executable, "-m", "indexer", "verify", "--index", "no/such/index"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("stepwell indexer: ")
    assert done.stderr.count("\n") == 1


def test_what_a_command_asks_of_grpc_is_known_to_it() -> None:
    command = [sys.executable, "-m", "stepwell", "server", "health", "--grpc", "127.0.0.1:1", "--index", "no/such/index"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | ENVIRONMENT)
    assert done.returncode == 1
    assert done.stderr.startswith("stepwell server: "), "a line of gRPC's own would name an unknown experiment"
