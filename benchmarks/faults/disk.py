"""What if the disk of the table, the query log and the counts of the keys is full?

A small tmpfs holds them; only who may mount one can try it. Searches go on; an edit is refused in words and the table stays as it
was; once there is room, edits are taken again, and of what was acknowledged nothing is missing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import orjson

from authority.history import read_history
from authority.table import Table
from benchmarks.errors import ServerFailed
from benchmarks.faults.callers import asking
from benchmarks.faults.fault import Extent, Fault
from benchmarks.faults.site import Site, queries_of, site, table_in
from benchmarks.faults.truth import Truth
from protos.stepwell.v1 import authority_pb2 as pb
from protos.stepwell.v1.authority_pb2_grpc import AuthorityStub
from server.access.keys import SCOPES, KeyFile
from server.client import Access

SIZE = "16m"
"""Of the file system: the table, its history and some thousand lines of the log."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of a few megabytes; None where none may be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(options, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield disk if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(disk)], check=True)


def full(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:
    """Two workers, a key with a limit, the query log on."""
    with small_disk(folder) as disk:
        if disk is None:
            print("no tmpfs may be mounted here: a full disk is not tried", file=sys.stderr)
            return
        yield _full(index, extent, disk)


def _full(index: Path, extent: Extent, disk: Path) -> Fault:
    table, queries, log = table_in(disk), queries_of(index), disk / "queries.jsonl"
    _, token = KeyFile(disk / "keys.json").create("faults", SCOPES, per_day=10_000_000)
    options = ("--keys", str(disk / "keys.json"), "--query-log", str(log))
    with (
        Truth(index, table, queries) as truth,
        site(index, table, *options, workers=2, access=Access(key=token)) as server,
        asking(server, queries) as seen,
    ):
        before, acknowledged, refused = Table.read(table).version, list[str](), 0
        _fill(disk)
        for number in range(extent.edits):
            refused += _edit(server, f"full{number}.example") is None
        unchanged = Table.read(table).version == before
        (disk / "filler").unlink()
        for number in range(extent.edits):
            key = f"room{number}.example"
            if _edit(server, key):
                acknowledged.append(key)
                truth.learn()
    kept = {entry.key for entry in Table.read(table).entries} & {change.key for change in read_history(table)}
    return seen.fault(
        "disk full: edits, query log, counts",
        truth,
        refused=refused,
        torn=0 if unchanged else 1,
        acknowledged=len(acknowledged),
        lost=len(set(acknowledged) - kept),
        unreadable_lines=sum(not _readable(line) for line in log.read_bytes().splitlines() if line),
    )


def _fill(disk: Path) -> None:
    """Until nothing fits any more."""
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (65_536, 512, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def _edit(server: Site, key: str) -> pb.Change | None:
    """The change, where it was acknowledged."""
    entry = pb.AuthorityEntry(key=key, tier="established", evidence="judgement:a fault that is tried:2026-11-22")
    metadata = (("authorization", f"Bearer {server.access.key}"),)
    with grpc.insecure_channel(server.address) as channel:
        try:
            request = pb.SetAuthorityRequest(entry=entry, why="a fault that is tried")
            return AuthorityStub(channel).Set(request, timeout=30, metadata=metadata).change
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:  # refused in words, and not broken
                raise ServerFailed(f"an edit on a full disk ended with {error.code().name}: {error.details()}") from None
            return None


def _readable(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except ValueError:
        return False
