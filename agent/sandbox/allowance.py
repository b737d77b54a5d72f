"""How much may one command use?

The kernel holds each process to these; memory as a whole is bounded by their product, for no limit of the kernel but a control
group, which needs an administrator, counts a group of processes together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one command with everything it starts."""

    memory: int = 512 * MIB
    """Bytes of address space of one process: python3 with numpy needs about 300 MiB."""
    processes: int = 16
    """Processes and threads at one time."""
    file: int = 64 * MIB
    """Bytes of one file."""
    open_files: int = 64
    """Files that one process holds open."""
    disk: int = 256 * MIB
    """Bytes in the workspace and in /tmp together."""
    entries: int = 10_000
    """Files and folders there."""
    output: int = 256 * 1024
    """Bytes of output that are kept."""
    flood: int = 64 * MIB
    """Bytes of output after which the command is ended."""

    @property
    def total_memory(self) -> int:
        """Bytes that all processes together can take."""
        return self.memory * self.processes

    def beside(self, held: int, entries: int) -> Allowance:
        """The same where the workspace holds so many bytes and files already: what is too much can be looked at and removed."""
        return replace(self, disk=max(self.disk, held), entries=max(self.entries, entries))

    def rlimits(self, seconds: int) -> tuple[str, ...]:
        """The same as arguments of prlimit; a process may use the processor as long as the command may take."""
        return (
            f"--as={self.memory}",
            f"--nproc={self.processes}",
            f"--fsize={self.file}",
            f"--nofile={self.open_files}",
            f"--cpu={seconds}",
            "--core=0",
            "--memlock=0",
            "--msgqueue=0",
        )


def fitting(ram: int = 0) -> Allowance:
    """The default, or less on a small machine: all processes together take at most half of its `ram` bytes."""
    ram = ram or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    usual = Allowance()
    return Allowance(memory=min(usual.memory, ram // 2 // usual.processes))
