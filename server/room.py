"""How many connections may there be?

Each takes a descriptor, and so does what a search reads. Where connections could take the last one, nothing could be opened any
more: no new generation, no log, no key file. So each wire may have its share of what the system allows, beside what is kept.
"""

from __future__ import annotations

import resource

MOST = 4096
"""Of each wire in one worker, however much the system allows: they take memory, too."""
KEPT = 1024
"""Descriptors for the index in two generations, its readers, logs, keys and threads."""
FEWEST = 64
"""Of each wire, however little the system allows; `stepwell server doctor` says what to change."""


def connections() -> int:
    """At once, of each wire in this process; one more is hung up on."""
    may, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if may == resource.RLIM_INFINITY:
        return MOST
    return min(MOST, max(FEWEST, (may - KEPT) // 2))
