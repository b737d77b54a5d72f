"""Is the time what it should be?

Snapshots are asked for by date (`as_of`), keys have a day, certificates end: a wrong clock makes all of it wrong in silence.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.generation import current
from server.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from server.deployment import Deployment

YEARS = (2026, 2100)
"""A clock before the first release, or long after it, is not set."""
SLACK = timedelta(minutes=5)
"""By which two machines' clocks may differ."""
SAMPLE = 0.1
"""Seconds for which both clocks are watched."""
DRIFT = 0.02
"""Seconds by which they may part in that time: more means that somebody is setting the time."""
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Touched by systemd-timesyncd."""


def clock(deployment: Deployment) -> Iterator[Finding]:
    """Its year, its pace, and whether the index comes from the future."""
    now = datetime.now(UTC)
    if not YEARS[0] <= now.year < YEARS[1]:
        yield fail("clock", f"it is {now:%Y-%m-%d}, says this machine", "set the time: timedatectl set-ntp true")
        return
    parted = drift()
    if parted > DRIFT:
        found = f"wall clock and steady clock part by {parted * 1000:.0f} ms in {SAMPLE:g} s"
        yield warn("clock", found, "find out who sets the time")
    created = datetime.fromisoformat(current(deployment.index).created)
    if created > now + SLACK:
        yield fail(
            "clock",
            f"the index was committed at {created:%Y-%m-%d %H:%M} UTC, which is in the future",
            "set the time here, or where it was built and build again: as_of goes by it",
        )
    elif parted <= DRIFT:
        kept = ", kept by systemd-timesyncd" if SYNCHRONISED.exists() else ""
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC{kept}; the index was committed at {created:%Y-%m-%d %H:%M}")


def drift() -> float:
    """Seconds by which the wall clock and the steady one part while both are watched."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(SAMPLE)
    return abs((time.time() - wall) - (time.monotonic() - steady))
