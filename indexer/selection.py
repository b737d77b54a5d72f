"""Which passages of a segment are left by a filter and by deletions, and how are they best searched?

Scoring every selected passage costs time with their number; asking the postings for more hits than are wanted, and dropping what
is not selected, costs time with one over their share. Both are exact; the cheaper one is taken.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.columns import Columns
from indexer.restriction import Restriction, allowed, none_passes
from indexer.wording import Wording

Score = Callable[[NDArray[np.int64]], NDArray[np.float64]]
"""Exact scores of passages by their numbers; 0 for one that shares no term with the query."""

HIT_COST = 1.5
"""Time of one hit of the postings in units of scoring one passage exactly."""
MARGIN = 1.25
"""How many more hits are asked for than would be enough if the filter and the query had nothing to do with each other."""
REMEMBERED = 64 * 2**20
"""Bytes of selections that one segment keeps for the next query with the same filter."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of a segment's passages."""

    mask: NDArray[np.bool_]
    """(passages,) bool."""
    count: int
    """How many are selected."""

    def deeper(self, depth: int) -> int:
        """How many hits to ask the postings for so that about `depth` of them are selected."""
        return min(len(self.mask), int(depth * MARGIN * len(self.mask) / self.count) + 1)

    def few_beside(self, hits: int) -> bool:
        """Whether scoring every selected passage costs no more than `hits` hits of the postings."""
        return self.count <= hits * HIT_COST


class Selector:
    """Turns restrictions into selections of one segment, the latest ones remembered; safe to use from several threads."""

    def __init__(self, columns: Columns, wording: Wording, live: NDArray[np.bool_] | None) -> None:
        """`live` is (documents,), or None where nothing was deleted."""
        self._columns, self._wording, self._live_documents = columns, wording, live
        self._documents = documents = wording.documents
        self._nothing = Selection(np.zeros(len(documents), np.bool_), 0)
        self._known: OrderedDict[Restriction, Selection] = OrderedDict()
        self._lock = Lock()

    @cached_property
    def live(self) -> Selection | None:
        """The passages of the live documents; None where nothing was deleted."""
        if self._live_documents is None:
            return None
        mask = self._live_documents[self._documents]
        return Selection(mask, int(mask.sum()))

    def select(self, restriction: Restriction | None) -> Selection | None:
        """The live passages that `restriction` lets through; None if that is every passage."""
        if restriction is None:
            return self.live
        with self._lock:
            if known := self._known.get(restriction):
                self._known.move_to_end(restriction)
                return known
        if none_passes(self._columns, restriction):
            return self._nothing
        passes = allowed(self._columns, restriction)
        for condition in self._wording.masks(restriction):
            passes &= condition
        if self._live_documents is not None:
            passes &= self._live_documents
        mask = passes[self._documents]
        selection = Selection(mask, int(mask.sum()))
        with self._lock:
            self._known[restriction] = selection
            while len(self._known) * len(mask) > REMEMBERED and len(self._known) > 1:
                self._known.popitem(last=False)
        return selection


def greatest(days: NDArray[np.int32], depth: int) -> NDArray[np.int64]:
    """Rows of the `depth` greatest of some days, ascending; of equal ones the earlier rows."""
    if len(days) <= depth:
        return np.arange(len(days))
    last = np.partition(days, -depth)[-depth]
    later, level = np.flatnonzero(days > last), np.flatnonzero(days == last)
    return np.sort(np.concatenate([later, level[: depth - len(later)]]))


def best(passages: NDArray[np.int64], score: Score, depth: int) -> NDArray[np.int64]:
    """The `depth` passages of the highest score above 0; of equal ones those of lower number."""
    scores = score(passages)
    rows = np.flatnonzero(scores)
    if len(rows) > depth:
        rows = rows[scores[rows] >= np.partition(scores[rows], -depth)[-depth]]
    return passages[rows[np.lexsort((passages[rows], -scores[rows]))[:depth]]]
