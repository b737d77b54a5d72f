"""How is a worker?"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Phase = Literal["starting", "serving", "draining", "down", "silent"]
"""Where a worker stands in its life; ``silent`` runs and did not say in time how it is."""


@dataclass(frozen=True, slots=True)
class Scrubbing:
    """How far the index is read again."""

    rate: float
    """Million bytes a second."""
    read: int
    """Bytes of the round under way."""
    bytes: int
    """Of a whole round."""
    rounds: int
    """That have ended."""
    damaged: int
    """Files that were not what they should be; they are no longer searched."""


@dataclass(frozen=True, slots=True)
class State:
    """What a worker knows of itself."""

    phase: Phase
    started: str
    """ISO 8601, UTC."""
    calls: int
    """Being answered."""
    cost: int
    """Admitted and not yet answered: hits times passages."""
    max_cost: int
    """The most that is admitted."""
    shed: tuple[str, ...] = ()
    """What is left out at present, in words."""
    troubles: tuple[str, ...] = ()
    """What is wrong, in words."""
    scrubbing: Scrubbing | None = None
    """None where the index is not read again."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that share the port, in short."""

    number: int
    """From 1; it keeps its number when it is started again."""
    pid: int
    """0 while it is down."""
    phase: Phase
    started: str = ""
    """ISO 8601, UTC; empty unless it serves or drains."""
    calls: int = 0
    """Being answered."""
    cost: int = 0
    """Admitted and not yet answered."""
    memory: int = 0
    """Resident, bytes."""
    restarts: int = 0
    """Times that it was started again since the server began."""


def worker_of(state: State, number: int = 1) -> Worker:
    """This process in short."""
    return Worker(number, os.getpid(), state.phase, state.started, state.calls, state.cost, resident())


def resident() -> int:
    """Resident memory of this process, bytes; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


@dataclass(slots=True)
class Life:
    """Where this process stands; whoever answers for its health looks here."""

    phase: Phase = "starting"
    troubles: tuple[str, ...] = ()
    """What on disk cannot be taken up, in words."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What whoever runs a worker may do with it. The last two block."""

    state: Callable[[], State]
    """How it is."""
    reload: Callable[[], tuple[str, ...]]
    """Take up what changed on disk; what that was, and what could not be taken up, in words."""
    withdraw: Callable[[Path], None]
    """Serve nothing that reads this damaged file."""
