"""How is a real server put beside the index in process?

As users run it: `stepwell server run` in a process of its own, on free ports of loopback.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.errors import ServerFailed
from benchmarks.machine import ROOT
from server.client import Client

PATIENCE = 20
"""Seconds for the server to stop after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    address: str
    """Of gRPC, HOST:PORT."""
    http: str
    """Of HTTP, HOST:PORT; empty where it answers none."""


@contextmanager
def served(index: Path, authority: str) -> Iterator[Client]:
    """A client of a server over `index`. Raises ServerFailed."""
    with started(command(index, authority)) as running, Client(running.address, timeout=300) as client:
        yield client


def command(index: Path, authority: str, *options: str) -> list[str]:
    """What starts a server over `index` from Python's -m on."""
    return ["stepwell", "server", "run", "--index", str(index.resolve()), "--authority", authority, "--json",
            "--grpc", "127.0.0.1:0", *options]  # fmt: skip


@contextmanager
def started(arguments: Sequence[str]) -> Iterator[Running]:
    """A module that prints a server's ready line in JSON and ends on SIGTERM; its log goes to our standard error.

    Raises ServerFailed.
    """
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # ends at once if the server does
        if not line:
            raise ServerFailed(f"{' '.join(arguments)} exited with {process.wait(PATIENCE)}; its message is above")
        ready = orjson.loads(line)
        yield Running(ready["address"], ready.get("http", ""))
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
