"""On what was it measured, and what else was running?

A figure without its commit and its machine is a rumour. A figure taken while other programs used the processor is one too, so
their share is measured and kept in the row.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""
RESULTS = "benchmarks/results.jsonl"
"""Where rows go; a checkout that differs in nothing else is not dirty."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What somebody else would need to find similar figures."""

    cpu: str
    """Model of the processor as it calls itself."""
    cores: int
    """Cores this process may use."""
    memory_gb: float
    """Main memory in 10^9 bytes."""
    python: str
    platform: str
    """Operating system and architecture."""


def this_machine() -> Machine:
    """The machine we run on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return Machine(
        _cpu_model(), cores(), round(memory, 1), platform.python_version(), f"{platform.system()} {platform.machine()}"
    )


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def commit() -> str:
    """The commit of the checkout, with ``-dirty`` where any other file than the results differs; ``unknown`` without git."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("--no-optional-locks", "status", "--porcelain", "--", ".", f":!{RESULTS}")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("-dirty" if changed else "")


class Neighbours:
    """Measures the share of the machine's processor time that other processes took since this object was made."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), _busy_seconds(), _own_seconds()

    def share(self) -> float | None:
        """In [0, 1], time stolen by a hypervisor among it; None where the system does not tell.

        A child process counts as ours once it has ended and was waited for.
        """
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return None
        others = (busy - self._busy) - (_own_seconds() - self._own)
        available = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return round(min(1.0, max(0.0, others / max(available, 1e-9))), 3)


def _own_seconds() -> float:
    return sum(os.times()[:4])


def _busy_seconds() -> float | None:
    """Processor time used by anybody since boot, over all cores. https://man7.org/linux/man-pages/man5/proc_stat.5.html"""
    try:
        with Path("/proc/stat").open() as file:
            user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, file.readline().split()[1:])
    except (OSError, ValueError):
        return None
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()
