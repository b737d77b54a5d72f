"""`stepwell server run --workers N` as users run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import grpc
import pytest

from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1.admin_pb2_grpc import AdminStub


class Workers:
    """A supervisor and its workers, over an index."""

    def __init__(self, index: Path, log: Path, *args: object, workers: int = 2) -> None:
        self.log = log
        command = [sys.executable, "-m", "stepwell", "server", "run", "--index", index, "--workers", workers]
        command += ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--json", "--open-admin", "--scrub", "0", *args]
        with log.open("w") as file:
            self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=file, text=True)

    def ready(self) -> None:
        """Wait for the ready line."""
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.record = json.loads(line)
        self.address: str = self.record["address"]
        self.http = f"http://{self.record['http']}"

    def status(self) -> pb.AdminStatusResponse:
        """How the server is, as one of its workers says over a connection of its own."""
        with grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            return AdminStub(channel).Status(pb.AdminStatusRequest(), timeout=20, wait_for_ready=True)

    def until(self, seen: Callable[[pb.AdminStatusResponse], bool]) -> pb.AdminStatusResponse:
        """The first status that shows something."""
        end = time.monotonic() + 30
        while not seen(status := self.status()):
            assert time.monotonic() < end, f"{status}\n{self.log.read_text()}"
            time.sleep(0.05)
        return status

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        """Whatever is left of it; workers end by themselves once the supervisor is gone."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Workers]]:
    """Starts a server that ends with the test, and does not wait for it."""
    with ExitStack() as stack:

        def start(index: Path, *args: object, workers: int = 2) -> Workers:
            running = Workers(index, tmp_path / f"log-{len(list(tmp_path.iterdir()))}", *args, workers=workers)
            stack.callback(running.kill)
            return running

        yield start


@pytest.fixture
def supervised(started: Callable[..., Workers]) -> Callable[..., Workers]:
    """Starts one and waits until it answers."""

    def start(index: Path, *args: object, workers: int = 2) -> Workers:
        running = started(index, *args, workers=workers)
        running.ready()
        return running

    return start
