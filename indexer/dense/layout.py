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
"""Candidates scored again, for each one that is wanted of a segment ..."""
TIMES = 2
"""How much more than its even part each of several segments is asked for."""
LEAST_CANDIDATES = 800
"""... but never fewer than this in all."""
GRAPH_FROM = 4_096
"""Cells of a segment (a million passages) from which a graph over their middles finds those to read: comparing a query with every
middle takes longer from there on, since they are more than a cache holds."""
WIDER = 1.5
"""Width of the walk over that graph, for each cell that is read: .985 of them are the right ones, of the nearest quarter .995."""


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
"""Cells read for a query in one segment, and in each of two; see the README for recall and latency at other numbers."""
PROBED_TOGETHER, LEAST_PROBED = 384, 96
"""Cells read in more segments that are searched together, and in each of them at least."""


def probes(limits: Cells, together: int) -> int:
    """Cells read for a query without a filter, where so many segments are searched for it."""
    return min(limits.probed, PROBED if together <= 2 else max(LEAST_PROBED, PROBED_TOGETHER // together))


def rescored(depth: int, together: int) -> int:
    """Candidates whose rows decide where `depth` are asked of each of so many segments: several are asked twice their part."""
    return max(LEAST_CANDIDATES // together, CANDIDATES * depth // min(together, TIMES))


def cells(passages: int) -> Cells:
    """The cells for so many vectors."""
    count = max(1, min(round(4 * passages**0.5), passages // 40))
    return Cells(count, min(count, PROBED))
