"""What is the server under test, and how is it told and asked?"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from authority.tables import shipped_path
from benchmarks.errors import ServerFailed
from benchmarks.latency.queries import queries_from
from benchmarks.served import command, started
from indexer.index import Index
from protos.stepwell.v1 import admin_pb2 as pb
from protos.stepwell.v1.admin_pb2_grpc import AdminStub
from server.client import Access

QUERIES = 12
PATIENCE = 60.0
"""Seconds to wait for what must happen."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server that answers over both wires."""

    address: str
    http: str
    """``http://HOST:PORT``."""
    access: Access = field(default_factory=lambda: Access(key=""))

    def reload(self) -> None:
        """Have all workers take up what is on disk."""
        with self._admin() as admin:
            admin.Reload(pb.ReloadRequest(), timeout=PATIENCE, wait_for_ready=True)

    def status(self) -> pb.AdminStatusResponse:
        """As one worker says."""
        with self._admin() as admin:
            return admin.Status(pb.AdminStatusRequest(), timeout=PATIENCE, wait_for_ready=True)

    def until(self, seen: Callable[[pb.AdminStatusResponse], bool]) -> pb.AdminStatusResponse:
        """The first status that shows something. Raises ServerFailed."""
        end = time.monotonic() + PATIENCE
        while not seen(status := self.status()):
            if time.monotonic() > end:
                raise ServerFailed(f"the server does not become what it should be: {status}")
            time.sleep(0.05)
        return status

    @contextmanager
    def _admin(self) -> Iterator[AdminStub]:
        with grpc.insecure_channel(self.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            yield AdminStub(channel)


def all_serve(status: pb.AdminStatusResponse) -> bool:
    """Whether every worker does."""
    return all(worker.phase == pb.WORKER_PHASE_SERVING for worker in status.processes)


@contextmanager
def site(index: Path, authority: Path | str, *options: str, workers: int = 1, access: Access | None = None) -> Iterator[Site]:
    """A server over `index` that whoever reaches it may administer. Raises ServerFailed."""
    line = command(index, str(authority), "--http", "127.0.0.1:0", "--workers", str(workers), *options)
    if access is None:
        line.append("--open-admin")
    with started(line) as running:
        yield Site(running.address, f"http://{running.http}", access or Access(key=""))


def linked(index: Path, folder: Path) -> Path:
    """A copy that shares the files, which are never changed, only replaced."""
    return Path(shutil.copytree(index, folder / "index", copy_function=os.link))


def table_in(folder: Path) -> Path:
    """A table that may be edited."""
    return Path(shutil.copyfile(shipped_path(), folder / "authority.tsv"))


def queries_of(index: Path) -> list[str]:
    """What the callers ask."""
    with Index.open(index) as opened:
        return queries_from(opened, "short", QUERIES)
