"""What does the system let a server have?

Linux is read from /proc and /sys; where they are not, a check says so and does not guess.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.generation import current
from server.doctor.files import mapped_bytes
from server.doctor.finding import Finding, fail, ok, size, warn

if TYPE_CHECKING:
    from server.deployment import Deployment

OWN = 400_000_000
"""Bytes that a server needs beside its index: interpreter, libraries, encoder."""
IDLE = 1_024
"""Connections that may stand idle beside the calls in flight."""
SPARE = 256
"""Descriptors and maps for libraries, logs and threads."""


def descriptors(deployment: Deployment) -> Iterator[Finding]:
    """Open files and connections against RLIMIT_NOFILE."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)  # a server takes all it may have
    files = _files(deployment)
    least, wanted = files + SPARE, files + SPARE + IDLE + 2 * deployment.settings.max_calls
    found = f"{_limit(hard)} may be open in a process; {files} files of the index, {wanted - files} connections and others"
    advice = f"ulimit -n {max(65_536, wanted)}, or LimitNOFILE= in the unit"
    if hard != resource.RLIM_INFINITY and hard < least:
        yield fail("open files", found, advice)
    elif hard != resource.RLIM_INFINITY and hard < wanted:
        yield warn("open files", found, advice)
    else:
        yield ok("open files", found)


def maps(deployment: Deployment) -> Iterator[Finding]:
    """Mapped files against vm.max_map_count."""
    try:
        limit = int(Path("/proc/sys/vm/max_map_count").read_text())
    except OSError:
        yield ok("mapped files", "this system names no limit")
        return
    wanted = 4 * _files(deployment) + SPARE  # an old and a new generation side by side, and a map may be split in two
    found = f"{limit:,} maps a process, the index needs up to {wanted:,}"
    if limit < wanted:
        yield fail("mapped files", found, f"sysctl -w vm.max_map_count={max(262_144, 2 * wanted)}, or: stepwell indexer merge")
    else:
        yield ok("mapped files", found)


def memory(deployment: Deployment) -> Iterator[Finding]:
    """Memory that may be had against the index that is mapped into it."""
    needed = mapped_bytes(current(deployment.index))
    own = OWN * deployment.settings.workers
    free, why = available()
    if free is None:
        yield ok("memory", f"this system does not say how much is free; the index maps {size(needed)}")
        return
    found = f"{size(free)} may be had ({why}); the index maps {size(needed)}, the rest of the server takes about {size(own)}"
    if free < own:
        yield fail("memory", found, "give it more memory, or run it elsewhere")
    elif free < needed + own:
        yield warn("memory", found, "searches will read from the disk; a smaller layout (stepwell indexer plan) or more memory")
    else:
        yield ok("memory", found)
    space, _ = resource.getrlimit(resource.RLIMIT_AS)
    if space != resource.RLIM_INFINITY and space < 2 * needed + OWN:
        yield fail("address space", f"limited to {size(space)}, less than the index mapped twice", "ulimit -v unlimited")


def workers(deployment: Deployment) -> Iterator[Finding]:
    """Processes against cores: one holds the interpreter's lock, so it uses little more than one core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{deployment.settings.workers} on {cores} cores"
    if deployment.settings.workers > cores:
        yield warn("workers", found, f"workers = {cores}: more only wait for each other")
    elif deployment.settings.workers < cores:
        yield ok("workers", f"{found}; each more answers more callers at once, --workers {cores} at most")
    else:
        yield ok("workers", found)


def available() -> tuple[int | None, str]:
    """Bytes that a process may still take, and who says so: the machine, or the group (container, unit) it runs in."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None, ""
    for folder in _groups():
        try:
            limit, used = (int((folder / f"memory.{name}").read_text()) for name in ("max", "current"))
            cached = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines()).get("file", "0")
        except (OSError, ValueError):  # `max`: no limit
            continue
        if (left := max(limit - used + int(cached), 0)) < free:
            return left, f"the limit of {folder} is {size(limit)}"
    return free, "MemAvailable"


def _groups() -> list[Path]:
    """Folders of this process's control group and of those above it."""
    root = Path("/sys/fs/cgroup")
    try:
        own = Path("/proc/self/cgroup").read_text().splitlines()[-1].rpartition(":")[2].lstrip("/")
    except (OSError, IndexError):
        return []
    folder = root / own
    return [folder, *(one for one in folder.parents if one == root or root in one.parents)]


def _files(deployment: Deployment) -> int:
    return sum(len(entry.files) for entry in current(deployment.index).segments)


def _limit(number: int) -> str:
    return "any number" if number == resource.RLIM_INFINITY else f"{number:,}"
