"""What did one check find?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's answer."""

    level: Level
    """``fail``: the server would not start or not answer well; ``warn``: it would, with a cost that is named."""
    about: str
    """What was looked at, one or two words."""
    found: str
    """What there is, in words, with its numbers and units."""
    advice: str = ""
    """What to change; empty where nothing is to be changed."""


def ok(about: str, found: str) -> Finding:
    """Nothing to change."""
    return Finding("ok", about, found)


def warn(about: str, found: str, advice: str) -> Finding:
    """It works, at a cost."""
    return Finding("warn", about, found, advice)


def fail(about: str, found: str, advice: str) -> Finding:
    """It does not work."""
    return Finding("fail", about, found, advice)


def size(count: float) -> str:
    """Bytes as people read them: ``2.1 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
