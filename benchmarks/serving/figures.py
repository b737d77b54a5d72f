"""What do calls that ended become?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.errors import ServerFailed
from benchmarks.result import Parameters, Result, Series, of_series
from benchmarks.serving.load import Load, Outcomes

Peer = tuple[str, Sequence[Outcomes]]
"""What it is beside: its name, and its rounds."""


def figures(name: str, load: Load, rounds: Sequence[Outcomes], about: Parameters, peer: Peer | None = None) -> Iterator[Result]:
    """Queries per second, p50 and p99 of a call, over rounds in which every call was answered. Raises ServerFailed."""
    parameters = {**about, "batch": load.batch, "calls": load.calls, "seconds": load.seconds}
    theirs = measures(load, peer[1]) if peer else {}
    for unit, series in measures(load, rounds).items():
        yield of_series("server", name, unit, series, parameters, (peer[0], theirs[unit]) if peer else None)


def measures(load: Load, rounds: Sequence[Outcomes]) -> dict[str, Series]:
    """By unit, a value per round."""
    for seen in rounds:
        if seen.codes or not seen.took:
            raise ServerFailed(f"{load.calls} calls at once were not all answered: {dict(seen.codes) or 'none ended'}")
    return {
        "queries/s": Series(tuple(len(seen.took) * load.batch / seen.seconds for seen in rounds)),
        "p50 ms/call": Series(tuple(percentile(seen, 50) for seen in rounds)),
        "p99 ms/call": Series(tuple(percentile(seen, 99) for seen in rounds)),
    }


def percentile(seen: Outcomes, percent: int) -> float:
    """Milliseconds of the calls that were answered."""
    return float(np.percentile(seen.took, percent)) * 1000
