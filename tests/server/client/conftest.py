"""A server in a process of its own, which may be killed and started again on its port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return f"127.0.0.1:{holder.getsockname()[1]}"


class Mortal:
    """`stepwell server run` over an index, always on the same port."""

    def __init__(self, index: Path, log: Path) -> None:
        self.address = free_address()
        self._command = [sys.executable, "-m", "stepwell", "server", "run", "--index", str(index), "--grpc", self.address]
        self._command += ["--authority", "off", "--scrub", "0", "--open-admin"]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and do not wait."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def answer(self) -> None:
        """Wait until it answers."""
        host, port = self.address.split(":")
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection((host, int(port)), 1).close()
            except OSError:
                assert time.monotonic() < until, self._log.read_text()
                time.sleep(0.05)
            else:
                return

    def end(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        assert self._process
        return self._process.wait(30)

    def kill(self) -> None:
        """-9: nothing is drained, nothing is said."""
        if self._process:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def mortal(tiny_index: Path, tmp_path: Path) -> Iterator[Mortal]:
    server = Mortal(tiny_index, tmp_path / "log")
    server.start()
    server.answer()
    yield server
    server.kill()
