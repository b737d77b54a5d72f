"""Does anybody notice that a worker is killed?

The calls in flight on it break; the clients' retries find another worker.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.callers import asking
from benchmarks.faults.fault import Extent, Fault
from benchmarks.faults.site import all_serve, queries_of, site
from benchmarks.faults.truth import Truth


def killed(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:  # noqa: ARG001 - nothing is changed, so nothing is copied
    """kill -9, again and again, each time when both serve."""
    queries, chance = queries_of(index), random.Random(20_261_122)
    with (
        Truth(index, "shipped", queries) as truth,
        site(index, "shipped", workers=2) as server,
        asking(server, queries) as seen,
    ):
        gone: set[int] = set()
        for _ in range(extent.kills):
            status = server.until(lambda now: all_serve(now) and not gone & {worker.pid for worker in now.processes})
            victim = chance.choice([worker.pid for worker in status.processes])
            gone.add(victim)
            os.kill(victim, signal.SIGKILL)
        status = server.until(lambda now: all_serve(now) and not gone & {worker.pid for worker in now.processes})
    restarts = sum(worker.restarts for worker in status.processes)
    yield seen.fault(f"{extent.kills} kills of one of 2 workers", truth, kills=extent.kills, restarts=restarts)
