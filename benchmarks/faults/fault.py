"""What is noted of one fault?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.result import Result


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of each fault is tried."""

    reloads: int = 100
    kills: int = 10
    edits: int = 20
    """While the disk is full, and again once there is room."""
    slow: int = 50
    """Clients of each slow or half-open kind."""
    idle: int = 1000
    """Connections of each wire."""
    seconds: float = 20.0
    """That the others are asked while clients are slow, half-open or idle."""


FULL = Extent()
SMALL = Extent(reloads=10, kills=2, edits=3, slow=5, idle=50, seconds=2.0)
"""Does it run."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row."""

    name: str
    sent: int
    """Requests of the callers, over both wires."""
    failed: int
    """Of them, without an answer after the client's retries; 0 is wanted."""
    mixed: int
    """Answers that neither the snapshot and table they name give nor say what is missing; 0 is wanted."""
    counts: Mapping[str, float] = field(default_factory=dict)
    """What else was counted, by name with unit."""
    first: str = ""
    """The first failure, in words."""

    def result(self) -> Result:
        """The row for the ledger."""
        counted = {"sent": self.sent, "failed": self.failed, "mixed": self.mixed, **self.counts}
        return Result("faults", self.name, self.failed + self.mixed, "failed or mixed", parameters=counted)


def table(faults: list[Fault]) -> str:
    """The rows for a terminal."""
    lines = [f"{'fault':<44} {'sent':>7} {'failed':>7} {'mixed':>6}  beside"]
    for one in faults:
        beside = ", ".join(f"{name} {value:g}" for name, value in one.counts.items())
        lines.append(f"{one.name:<44} {one.sent:>7,} {one.failed:>7,} {one.mixed:>6,}  {beside}")
        if one.first:
            lines.append(f"    first failure: {one.first}")
    return "\n".join(lines)
