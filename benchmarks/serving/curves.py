"""How does a server answer as more and more calls come at once?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.latency import AUTHORITY
from benchmarks.result import Result
from benchmarks.served import command, started
from benchmarks.serving.asked import Asked
from benchmarks.serving.figures import figures
from benchmarks.serving.load import Load, Outcomes
from indexer.progress import Progress

CALLS = {1: (1, 2, 4, 8, 16), 8: (1, 2, 4), 32: (1, 2, 4)}
"""Calls at once by queries in each: a closed loop, as long as what waits leaves the dense part in."""


def of_one(index: Path, seconds: float) -> Iterator[Result]:
    """A server of one process."""
    return _curves(index, seconds, 1)


def of_two(index: Path, seconds: float) -> Iterator[Result]:
    """A server of two processes."""
    return _curves(index, seconds, 2)


def _curves(index: Path, seconds: float, workers: int) -> Iterator[Result]:
    """Every batch with every number of calls."""
    asked = Asked(index)
    seen: dict[Load, Outcomes] = {}
    options = ("--workers", str(workers)) if workers > 1 else ()
    with (
        started(command(index, AUTHORITY, *options)) as running,
        Progress(f"curves, {workers} workers", "runs", sum(map(len, CALLS.values()))) as progress,
    ):
        for batch, several in CALLS.items():
            for calls in several:
                load = Load(batch, calls, seconds=seconds)
                seen[load] = asked.by(load, running.address)
                progress.advance()
    processes = "1 worker" if workers == 1 else f"{workers} workers"
    for load, outcomes in seen.items():
        one = seen[Load(load.batch, 1, seconds=seconds)]
        name = f"{processes}, batch {load.batch}, {load.calls} at once"
        about = {**asked.about, "workers": workers, "degraded": outcomes.degraded / max(1, len(outcomes.took) * load.batch)}
        yield from figures(name, load, [outcomes], about, ("one at a time", [one]))
