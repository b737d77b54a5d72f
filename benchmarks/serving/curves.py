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

BATCHES = (1, 8, 32)
CALLS = (1, 2, 4, 8)
"""At once: a closed loop each."""


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
        Progress(f"curves, {workers} workers", "runs", len(BATCHES) * len(CALLS)) as progress,
    ):
        for batch in BATCHES:
            for calls in CALLS:
                load = Load(batch, calls, seconds=seconds)
                seen[load] = asked.by(load, running.address)
                progress.advance()
    processes = "1 worker" if workers == 1 else f"{workers} workers"
    for load, outcomes in seen.items():
        one = seen[Load(load.batch, 1, seconds=seconds)]
        name = f"{processes}, batch {load.batch}, {load.calls} at once"
        yield from figures(name, load, [outcomes], {**asked.about, "workers": workers}, ("one at a time", [one]))
