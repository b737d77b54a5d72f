"""Does anybody notice a reload?

A document is deleted (a new generation) and an entry of the table is set (a new version), in turn; each time all workers take it
up while callers ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from authority.edit import set_entry
from authority.entry import Entry
from authority.hosts import host_of, registrable_domain
from benchmarks.faults.callers import asking
from benchmarks.faults.fault import Extent, Fault
from benchmarks.faults.site import linked, queries_of, site, table_in
from benchmarks.faults.truth import Truth
from indexer.deletion import delete
from indexer.index import Index

TIERS = ("primary", "established")


def one_worker(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:
    """A server of one process."""
    yield _reloads(index, extent, folder, 1)


def two_workers(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:
    """Two workers, which take up changes one after the other."""
    yield _reloads(index, extent, folder, 2)


def _reloads(index: Path, extent: Extent, folder: Path, workers: int) -> Fault:
    index, table, queries = linked(index, folder), table_in(folder), queries_of(index)
    with (
        Truth(index, table, queries) as truth,
        site(index, table, workers=workers) as server,
        asking(server, queries) as seen,
    ):
        tiers, asked = cycle(TIERS), cycle(queries)
        for number in range(extent.reloads):
            best = truth.best(next(asked))
            if number % 2:
                entry = Entry.make(_domain(index, best), next(tiers), "", "judgement:a fault that is tried:2026-11-22", "")
                set_entry(entry, "a fault that is tried", "benchmark", table)
            else:
                delete(index, [best])
            truth.learn()
            server.reload()
    return seen.fault(f"{extent.reloads} reloads, {workers} worker{'s' * (workers > 1)}", truth, reloads=extent.reloads)


def _domain(index: Path, name: str) -> str:
    """The domain of a document."""
    with Index.open(index) as opened:
        document = opened.find(name)
    assert document is not None
    return registrable_domain(host_of(document.url))
