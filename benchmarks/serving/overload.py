"""What is answered in time when more is asked than can be done?

Calls arrive at random, at shares of the capacity that a closed loop found just before, whatever becomes of the earlier ones. The
peak is the best of these shares, by the same load; what the load itself takes of the cores stands beside each.
Goodput is what was answered whole within the deadline; a query that was answered without its dense part counts, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.errors import ServerFailed
from benchmarks.latency import AUTHORITY
from benchmarks.result import Result
from benchmarks.served import command, started
from benchmarks.serving.asked import Asked
from benchmarks.serving.figures import percentile
from benchmarks.serving.load import Load, Outcomes
from indexer.progress import Progress

BATCHES = (1, 8)
FACTORS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Of the capacity."""
DEADLINE = 1.0
"""Seconds that a call is given."""
CALLS = 8
"""At once, where the capacity is found."""


def of_one(index: Path, seconds: float) -> Iterator[Result]:
    """A server of one process."""
    return _overload(index, seconds, 1)


def of_two(index: Path, seconds: float) -> Iterator[Result]:
    """A server of two processes."""
    return _overload(index, seconds, 2)


def _overload(index: Path, seconds: float, workers: int) -> Iterator[Result]:
    """Goodput, latency of what was answered, and what became of the rest, at every share of the capacity."""
    options, beside = (("--workers", str(workers)), f", {workers} workers") if workers > 1 else ((), "")
    asked = Asked(index)
    seen: dict[int, dict[float, tuple[Load, Outcomes]]] = {}
    capacity: dict[int, float] = {}
    with (
        started(command(index, AUTHORITY, *options)) as running,
        Progress(f"overload{beside}", "runs", len(BATCHES) * (1 + len(FACTORS))) as progress,
    ):
        for batch in BATCHES:
            full = Load(batch, max(1, CALLS // batch * 2), seconds=seconds)
            ended = asked.by(full, running.address)
            if not ended.took:
                raise ServerFailed(f"{full.calls} calls at once were all refused: {dict(ended.codes)}")
            capacity[batch] = len(ended.took) * batch / ended.seconds
            progress.advance()
            for factor in FACTORS:
                load = Load(batch, rate=factor * capacity[batch], seconds=seconds, deadline=DEADLINE)
                seen.setdefault(batch, {})[factor] = load, asked.by(load, running.address)
                progress.advance()
    for batch, loads in seen.items():
        peak = max(_goodput(*one) for one in loads.values())
        for factor, (load, outcomes) in loads.items():
            about = {**asked.about, "batch": batch, "factor": factor, "capacity": capacity[batch], "offered": load.rate,
                     "deadline": DEADLINE, "seconds": seconds, "workers": workers}  # fmt: skip
            for unit, value, against, peer in _measured(load, outcomes, peak):
                yield Result(
                    "server", f"overload{beside}, batch {batch}, {factor:g} x capacity", value, unit,
                    ratio_to=against, ratio=value / peer if peer else None, parameters=about,
                )  # fmt: skip


def _measured(load: Load, seen: Outcomes, peak: float) -> Iterator[tuple[str, float, str, float | None]]:
    """Unit, value, and what it is beside."""
    ended = max(1, len(seen.took) + sum(seen.codes.values()))
    yield "queries/s in time", _goodput(load, seen), "peak", peak
    if seen.took:
        yield "p99 ms/call answered", percentile(seen, 99), "the deadline", DEADLINE * 1000
    yield "share refused", seen.codes["RESOURCE_EXHAUSTED"] / ended, "", None
    yield "share late", (seen.codes["DEADLINE_EXCEEDED"] + seen.codes["LATE"]) / ended, "", None
    yield "share of answers degraded", seen.degraded / max(1, len(seen.took) * load.batch), "", None
    yield "cores/load", seen.cores, "", None


def _goodput(load: Load, seen: Outcomes) -> float:
    return sum(seconds <= load.deadline for seconds in seen.took) * load.batch / seen.seconds
