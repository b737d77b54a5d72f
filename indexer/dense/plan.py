"""What would each layout cost, and which one suits?

Formulas of size and work, and the few rates that turn work into time. The rates were measured (RATES says where); another machine
has others, but the order of the layouts rarely changes. `stepwell bench dense` prints measured beside predicted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.dense.approximate import BUILD_WIDTH, NEIGHBOURS, ROUNDS, SEARCH_WIDTH
from indexer.dense.layout import (
    EXACT_UP_TO,
    GRAPH_FROM,
    LAYOUTS,
    TRAINED_ON,
    Layout,
    cells,
    choose_layout,
    probes,
    rescored,
)
from indexer.proposing import share

DEPTH = 100
"""Passages that the query of an estimate wants."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast a machine is at what searching and building are made of."""

    scan: float
    """Bytes of float16 rows scanned a second, one query, out of memory; up to 24e9 where a cache holds them."""
    matrix: float = 0.0
    """Multiplications and additions a second while cells are learned and filled."""
    cell_row: float = 0.0
    """Seconds to compare a query with one cell's middle, per dimension."""
    cell_walk: float = 0.0
    """Seconds until a graph has found one of the cells to read, per dimension."""
    bit: float = 0.0
    """Seconds to compare a query with one code of ``ivf-rabitq``, per dimension."""
    quarter: float = 0.0
    """... and with one of ``ivf-pq``."""
    row: float = 0.0
    """Seconds to score one candidate again, whose row lies anywhere."""
    visit: float = 0.0
    """Seconds for one node of the graph, per dimension."""
    call: float = 0.0
    """Seconds that asking one inverted file costs beside that."""

    def __str__(self) -> str:
        """As a person reads them, a line each."""
        nanoseconds = {
            "a cell's middle, per dimension": self.cell_row,
            "a cell found by a graph, per dimension": self.cell_walk,
            "a code of one bit, per dimension": self.bit,
            "a code of four bits, per dimension": self.quarter,
            "a node of the graph, per dimension": self.visit,
            "a row scored again": self.row,
            "asking an inverted file at all": self.call,
        }
        whole = [f"  {self.scan / 1e9:,g} GB of rows a second"]
        if self.matrix:
            whole.append(f"  {self.matrix / 1e9:,g} billion operations a second on matrices")
        return "\n".join([*whole, *(f"  {seconds * 1e9:,.4g} ns for {what}" for what, seconds in nanoseconds.items() if seconds)])


RATES = {
    "cpu": Rates(10e9, 52e9, 0.55e-9, 10e-9, 0.057e-9, 0.025e-9, 0.85e-6, 0.66e-9, 0.15e-3),
    "cuda": Rates(2e12),
}
SOURCES = {
    "cpu": "rates of one core (building: two) of an Intel Xeon of the Sapphire Rapids generation, measured in November 2026",
    "cuda": "a rate not measured by us: 60 % of an H100's memory bandwidth (3.35 TB/s) by its data sheet; "
    "benchmarks/gpu_check.py measures a card",
}
LAYOUTS_ON: dict[str, tuple[Layout, ...]] = {"cpu": LAYOUTS, "cuda": ("exact",)}
"""A search on cards scans the rows, whatever layout lies on disk (indexer/dense/device.py)."""
RECALL: dict[Layout, float] = {"exact": 1.0, "hnsw": 0.98, "ivf-rabitq": 0.96, "ivf-pq": 0.96}
"""Of the 100 nearest of an unfiltered query, in the benchmark at 0.1 million passages (ivf-rabitq: at 1 million)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one layout would cost for a number of vectors, in one segment or divided evenly among several."""

    layout: Layout
    resident: int
    """Bytes that must be in memory for the latency given; of ``hnsw`` and ``exact`` the rows too."""
    disk: int
    """Bytes of rows and structure."""
    build_seconds: float
    """Time to lay the rows out once they are there; encoding is not in it."""
    recall: float
    """Expected share of the 100 nearest that is found, in [0, 1]."""
    milliseconds: float
    """Expected time of one query of depth DEPTH on one core, all segments after each other, or on the card."""
    how: str
    """The formula with its numbers."""


def estimate(layout: Layout, passages: int, dim: int, device: str = "cpu", segments: int = 1) -> Estimate:
    """The cost of one of the layouts on a device."""
    rates, rows = RATES[device], 2 * dim * passages
    each = -(-passages // segments)
    cut = cells(each)
    seconds = segments * _seconds(layout, each, dim, rates, segments)
    times = f" in each of {segments:,} segments" if segments > 1 else ""
    if layout == "exact":
        build, structure, resident = 0.0, 0, rows
        how = f"rows {passages:,} x {dim} x 2 bytes, each read once at {rates.scan / 1e9:g} GB/s"
    elif layout == "hnsw":
        structure = passages * (2 * NEIGHBOURS * 4 + 16)
        visits = SEARCH_WIDTH * NEIGHBOURS / 2
        build = passages * BUILD_WIDTH * NEIGHBOURS / 2 * dim * rates.visit / 2
        resident = rows + structure
        how = f"rows as in exact, and {2 * NEIGHBOURS} edges of 4 bytes; about {visits:,.0f} rows visited{times}"
    else:
        factors = 8 if layout == "ivf-rabitq" else 0
        walks = cut.count >= GRAPH_FROM
        middle = 4 * dim + (2 * NEIGHBOURS * 4 + 16 if walks else 0)
        structure = passages * (dim // 8 + factors + 8) + segments * cut.count * middle
        probed = min(cut.count, probes(cut, segments))
        read = each / cut.count * probed
        scored = rescored(share(DEPTH, segments), segments)
        learned = min(each, cut.count * TRAINED_ON)
        build = segments * 2 * dim * cut.count * (ROUNDS * learned + each) / rates.matrix
        resident = structure
        how = (
            f"{dim // 8} bytes of code{f', {factors} of factors' if factors else ''} and 8 of id a passage; "
            f"{cut.count:,} cells{' with a graph' if walks else ''}, {probed} probed = {read:,.0f} codes, "
            f"{scored} rows scored again{times}"
        )
    return Estimate(layout, resident, rows + structure, build, RECALL[layout], 1000 * seconds, how)


def _seconds(layout: Layout, passages: int, dim: int, rates: Rates, together: int) -> float:
    """Time of one query in one segment of so many passages, where so many segments are searched for it."""
    if layout == "exact":
        return 2 * dim * passages / rates.scan
    if layout == "hnsw":
        return SEARCH_WIDTH * NEIGHBOURS / 2 * dim * rates.visit
    cut = cells(passages)
    probed = min(cut.count, probes(cut, together))
    found = probed * rates.cell_walk if cut.count >= GRAPH_FROM else cut.count * rates.cell_row
    read = passages / cut.count * probed * (rates.bit if layout == "ivf-rabitq" else rates.quarter)
    wanted = share(DEPTH, together)
    again = wanted if together > 1 else 0  # what all of them propose is cut together
    return rates.call + dim * (found + read) + (rescored(wanted, together) + again) * rates.row


def milliseconds(sizes: Sequence[int], dim: int, device: str = "cpu") -> float:
    """Expected time of one query over segments of these sizes, each in the layout that `--layout auto` gives it."""
    taken = [choose_layout(size) if device == "cpu" else "exact" for size in sizes]
    return 1000 * sum(_seconds(at, size, dim, RATES[device], len(sizes)) for at, size in zip(taken, sizes, strict=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """What `indexer plan` answers."""

    estimates: list[Estimate]
    """One per layout."""
    chosen: Layout | None
    """None if no layout fits into the memory."""
    why: str
    rates: str
    """Where the constants come from, with their values."""


def plan(passages: int, dim: int, memory: int, device: str = "cpu", segments: int = 1) -> Plan:
    """Every layout's cost, and the one to choose if it may have `memory` bytes: what `--layout auto` takes, where that fits."""
    estimates = [estimate(layout, passages, dim, device, segments) for layout in LAYOUTS_ON[device]]
    return Plan(estimates, *_choice(estimates, passages / segments, memory), f"{SOURCES[device]}:\n{RATES[device]}")


def _choice(estimates: list[Estimate], each: float, memory: int) -> tuple[Layout | None, str]:
    fitting = [e for e in estimates if e.resident <= memory]
    if not fitting:
        least = min(estimates, key=lambda e: e.resident)
        return None, f"even {least.layout} needs {least.resident / 1e9:,.1f} GB; give more memory or split the passages"
    usual = choose_layout(math.ceil(each))
    fastest = min(fitting, key=lambda e: (e.milliseconds, e.resident))
    taken = next((e for e in fitting if e.layout == usual), None)
    if len(estimates) == 1:
        return fastest.layout, "cards scan every row, whatever layout lies on disk"
    if taken is None:
        return fastest.layout, f"the fastest that fits into {memory / 1e9:,.1f} GB; {usual}, which --layout auto takes, does not"
    if usual == "exact":
        return usual, f"up to {EXACT_UP_TO:,} passages a segment a scan is as fast as any structure, and exact"
    faster = f"; {fastest.layout} fits too and is faster, --layout {fastest.layout} asks for it" if fastest is not taken else ""
    return usual, f"what --layout auto takes above {EXACT_UP_TO:,} passages a segment{faster}"
