"""Is a table fit to be used, and does its evidence hold?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from authority.entry import Entry, Evidence
from authority.errors import TableError
from authority.registers import Registers
from authority.table import read_bytes, read_lines


@dataclass(frozen=True, slots=True)
class Report:
    """What lint found in one table."""

    faults: tuple[str, ...]
    """``FILE:LINE: what is wrong and what to do``, in the order of the file."""
    entries: int
    """Entries that follow the format."""
    tiers: dict[str, int]
    """Tier -> entries."""
    evidence: dict[str, int]
    """Name of the register, or ``judgement`` -> entries."""
    checked: int
    """Entries whose row was found in its register; 0 where no registers were given."""


def lint(path: Path, registers: Registers | None = None) -> Report:
    """Every fault of a table file, not only the first.

    Raises OSError where the file cannot be read, TableError where it is too large, RegisterError where a register cannot
    be read.
    """
    faults, entries, checked = [], [], 0
    for number, line in enumerate(read_lines(read_bytes(path), str(path)), start=1):
        if isinstance(line, TableError):
            faults.append(str(line))
        elif isinstance(line, Entry):
            entries.append(line)
            if registers and (fault := registers.fault(line)):
                faults.append(f"{path}:{number}: {fault}")
            elif registers and Evidence.parse(line.evidence).kind == "register":
                checked += 1
    sources = Counter(Evidence.parse(entry.evidence).register or "judgement" for entry in entries)
    tiers = Counter(entry.tier for entry in entries)
    return Report(tuple(faults), len(entries), dict(tiers.most_common()), dict(sources.most_common()), checked)
