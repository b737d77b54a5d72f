"""Which structure proposes candidates, and how is it set?

    exact      no structure: every row is read                          small segments; the reference
    hnsw       a graph over the rows (Malkov and Yashunin, TPAMI 2020, doi:10.1109/TPAMI.2018.2889473)
    ivf-rabitq cells of one-bit codes (Gao and Long, SIGMOD 2024, doi:10.1145/3654970)
    ivf-pq     cells of four-bit product codes in registers (Andre, Kermarrec and Le Scouarnec, TPAMI 2021,
               doi:10.1109/TPAMI.2019.2952606)

The candidates of the last three are scored again from the stored rows, so what is returned has the same score under each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Layout = Literal["exact", "hnsw", "ivf-rabitq", "ivf-pq"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

EXACT_UP_TO = 50_000
"""Passages that are scanned rather than asked for: that takes about as long as any structure needs. Where a filter leaves no more
than this, they are scanned too, and the result is exact."""
TRAINED_ON = 32
"""Vectors per cell that cells are learned from."""
LEAST_PASSAGES = 32
"""A segment with fewer has no structure: there is nothing to learn codes from."""
CANDIDATES = 4
"""Candidates scored again, for each one asked for ..."""
LEAST_CANDIDATES = 800
"""... but never fewer than this."""


@dataclass(frozen=True, slots=True)
class Cells:
    """How an inverted file is cut and how much of it is read."""

    count: int
    """Cells; about four times the square root of the number of vectors, so that both steps of a search grow alike."""
    probed: int
    """Cells read for a query without a filter."""


def choose_layout(passages: int, asked: Layout | None = None) -> Layout:
    """What a segment gets: what was asked for, or else a scan while it is as fast as anything, then the least memory."""
    if passages < LEAST_PASSAGES:
        return "exact"
    return asked or ("exact" if passages <= EXACT_UP_TO else "ivf-rabitq")


PROBED = 256
"""Cells read for a query; see the README for recall and latency at other numbers."""


LEAST_PROBED = 128
"""Cells read in each of many segments that are searched together."""


def probes(limits: Cells, together: int) -> int:
    """Cells read for a query without a filter, where so many segments are searched for it; two read as many as one."""
    return min(limits.probed, max(LEAST_PROBED, 2 * limits.probed // max(together, 2)))


def cells(passages: int) -> Cells:
    """The cells for so many vectors."""
    count = max(1, min(round(4 * passages**0.5), passages // 40))
    return Cells(count, min(count, PROBED))
