"""What does an operator see of a running server?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ranker.ranking import Status
from server.state import Scrubbing, Worker


@dataclass(frozen=True, slots=True)
class MethodCalls:
    """Calls of one method that have ended, in all workers."""

    method: str
    """``BatchSearch``, ``Fetch`` …; for HTTP the path."""
    calls: int
    failed: int
    """Ended with another status than OK."""
    refused: int
    """Of those, told to come back later."""
    times: tuple[tuple[float, int], ...]
    """Growing bounds in seconds, the last one infinite, each with the calls that took no longer."""

    def quantile(self, share: float) -> float | None:
        """Milliseconds within which this share of the calls ended, in [0, 1]; None where there were none.

        Interpolated within its bounds, as Prometheus' histogram_quantile does; beyond the last bound it is that bound.
        """
        wanted, low, below = share * self.calls, 0.0, 0
        if not self.calls:
            return None
        for bound, calls in self.times:
            if calls >= wanted and calls > below:
                if math.isinf(bound):
                    return low * 1000
                return 1000 * (low + (bound - low) * (wanted - below) / (calls - below))
            low, below = (bound if math.isfinite(bound) else low), calls
        return low * 1000

    def since(self, before: MethodCalls) -> MethodCalls:
        """Those that ended after an earlier look at the same server; all where it has begun anew since."""
        if before.calls > self.calls or len(before.times) != len(self.times):
            return self
        times = tuple((bound, now - then) for (bound, now), (_, then) in zip(self.times, before.times, strict=True))
        calls, failed, refused = self.calls - before.calls, self.failed - before.failed, self.refused - before.refused
        return replace(self, calls=calls, failed=failed, refused=refused, times=times)


@dataclass(frozen=True, slots=True)
class Generation:
    """One that the index keeps."""

    name: str
    created: str
    """ISO 8601, UTC."""
    documents: int
    passages: int
    segments: int
    served: bool
    held: str
    """Since when and why it is kept; empty where it is not held."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The worker that answered, and in short the others."""

    started: str
    """ISO 8601, UTC."""
    pid: int
    calls: int
    """Being answered by it, this one among them."""
    cost: int
    """Admitted by it and not yet answered."""
    max_cost: int
    """The most that it admits."""
    memory: int
    """Resident, bytes."""
    shed: tuple[str, ...]
    """What is left out at present, in words."""
    troubles: tuple[str, ...]
    """What is wrong, in words."""
    workers: tuple[Worker, ...]
    """All of them, by number."""
    methods: tuple[MethodCalls, ...]
    """By name."""
    scrubbing: Scrubbing | None
    """None where the index is not read again."""
    generations: tuple[Generation, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything, as far as the key goes."""

    served: Status
    release: str
    """Of the server."""
    standing: Standing | None
    """None where the key does not open it."""
    withheld: str = ""
    """Why not."""
    categories: tuple[str, ...] = ()
    """Names that `Asking.category` may have."""
    profiles: tuple[str, ...] = ()
    """Names that a query's `profile` may have."""


def between(before: Sequence[MethodCalls], now: Sequence[MethodCalls]) -> tuple[MethodCalls, ...]:
    """What ended between two looks, by method."""
    earlier = {one.method: one for one in before}
    return tuple(one.since(earlier[one.method]) if one.method in earlier else one for one in now)
