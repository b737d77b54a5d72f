"""How are contestants timed fairly?

Each round runs all of them once, in turn (A B A B ...), so that what slows a machine down for a while slows all of them down.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.result import Series
from indexer.progress import Progress

Contestant = Callable[[Path], object]
"""Does the work once; gets an empty folder of its own, which is removed after the clock has stopped."""


def alternate(what: str, contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Series]:
    """Seconds of every contestant per round, after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    with Progress(what, "runs", (rounds + 1) * len(contestants)) as progress:
        for number in range(rounds + 1):
            for name, work in contestants.items():
                taken = _timed(work)
                if number:
                    seconds[name].append(taken)
                progress.advance()
    return {name: Series(tuple(values)) for name, values in seconds.items()}


def _timed(work: Contestant) -> float:
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as folder:
        gc.collect()  # one contestant does not pay for the garbage of another
        began = time.perf_counter()
        work(Path(folder))
        return time.perf_counter() - began
