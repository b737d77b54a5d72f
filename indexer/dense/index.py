"""How is one segment searched by vector?

Where a structure would not pay, because the segment or what a filter leaves of it is small, the rows are scanned: the result is
exact. Elsewhere a structure proposes candidates, more than were asked for, and the rows decide among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.dense.approximate import Approximate
from indexer.dense.device import OnDevices
from indexer.dense.layout import EXACT_UP_TO, Layout, rescored
from indexer.dense.stored import Allowed, Numbers, StoredVectors
from indexer.encoders import Vectors

BLOCK = 65_536
"""Vectors read at once by who wants them all."""


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """One segment's vectors, open for search; safe to use from several threads."""

    stored: StoredVectors
    proposer: Approximate | OnDevices | None
    """What proposes candidates; None in the exact layout."""
    scan_up_to: int = EXACT_UP_TO
    """Passages that are scanned though there is a structure."""

    @classmethod
    def open(cls, folder: Path, layout: Layout = "exact", devices: Sequence[str] = ()) -> DenseIndex:
        """Map what write_dense wrote; nothing is read before it is needed, or all of it onto the `devices` given.

        Raises DeviceError where that cannot be done.
        """
        stored = StoredVectors.open(folder)
        if devices and len(stored.rows) > EXACT_UP_TO:
            return cls(stored, OnDevices.load(stored, devices))
        return cls(stored, Approximate.open(folder, layout, stored) if layout != "exact" and len(stored.rows) else None)

    @property
    def layout(self) -> Layout:
        """What proposes candidates."""
        return self.proposer.layout if isinstance(self.proposer, Approximate) else "exact"

    def search(self, queries: Vectors, depth: int, allowed: Allowed = None, together: int = 1) -> list[Numbers]:
        """Per query the passage numbers of its `depth` nearest, best first; `allowed` is (passages,) bool.

        Where many segments are searched `together`, each has few of the nearest and need not look so far. There are fewer only
        where fewer are allowed: what a structure does not find in time, a scan does.
        """
        passages = len(self.stored.rows)
        selected = passages if allowed is None else int(np.count_nonzero(allowed))
        depth = min(depth, selected)
        if not depth or not len(queries):
            return [np.empty(0, np.int64) for _ in queries]
        if self.proposer is None or selected <= self.scan_up_to:
            return self.stored.nearest(queries, depth, allowed)
        count = min(selected, rescored(depth, together))
        proposed = self.proposer.candidates(queries, count, allowed, selected / passages, together)
        for row in [row for row, found in enumerate(proposed) if len(found) < depth]:
            proposed[row : row + 1] = self.stored.nearest(queries[row : row + 1], depth, allowed)
        return [self._best(found, query, depth) for found, query in zip(proposed, queries, strict=True)]

    def cosines(self, passages: Numbers, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Cosine of each passage with one query, (n,), or several, (queries, n), from the stored rows, whatever the layout."""
        return self.stored.cosines(passages, query)

    def blocks(self, chosen: Allowed = None) -> Iterator[Vectors]:
        """The vectors of the chosen passages, in order, (n, dim) float32."""
        numbers = np.arange(len(self.stored.rows)) if chosen is None else np.flatnonzero(chosen)
        for start in range(0, len(numbers), BLOCK):
            yield self.stored.floats(numbers[start : start + BLOCK])

    def _best(self, candidates: Numbers, query: NDArray[np.float32], depth: int) -> Numbers:
        cosines = self.cosines(candidates, query)
        return candidates[np.lexsort((candidates, -cosines))[:depth]]
