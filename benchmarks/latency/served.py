"""How is a real server put beside the index in process?

As users run it: `stepwell server run` in a process of its own, on a free port of loopback, asked by the project's own client.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from benchmarks.errors import ServerFailed
from benchmarks.machine import ROOT
from server.client import Client

PATIENCE = 20
"""Seconds for the server to stop after SIGTERM."""


@contextmanager
def served(index: Path, authority: str) -> Iterator[Client]:
    """A client of a server over `index`; the server's log goes to our standard error. Raises ServerFailed."""
    command = [sys.executable, "-m", "stepwell", "server", "run", "--index", str(index.resolve()), "--json"]
    command += ["--grpc", "127.0.0.1:0", "--authority", authority]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # ends at once if the server does
        if not line:
            raise ServerFailed(f"the server over {index} exited with {process.wait(PATIENCE)}; its message is above")
        with Client(orjson.loads(line)["address"], timeout=300) as client:
            yield client
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
