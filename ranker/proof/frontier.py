"""How much may trust weigh?

Effects over a grid of delta, and from them the largest delta that does no harm: non-inferior in nDCG@10 on every collection for
the real table, for those that know nothing (shuffled) and for those that list only what answers nothing (adversarial).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranker.proof.effect import Effect, effect
from ranker.proof.pool import Pools
from ranker.proof.tables import tables_for

GRID = (0.0, 0.002, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2)
"""Deltas from which one is chosen; 0.2 is the most that a near tie may ever be."""
FRONTIER = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Deltas that a page plots."""
DECIDING = ("real", "shuffled", "adversarial")
"""Tables that a delta must not do harm with."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One table on one collection at one delta."""

    collection: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Choice:
    """The delta that the evidence allows, and the evidence."""

    delta: float
    """The largest of the grid up to which every trial is non-inferior."""
    trials: tuple[Trial, ...]
    """All of them, by collection, table, delta."""

    @property
    def by_table(self) -> dict[str, float]:
        """The largest delta up to which each table alone does no harm on any collection."""
        tables = dict.fromkeys(t.effect.table for t in self.trials)
        return {table: _largest([t for t in self.trials if t.effect.table == table]) for table in tables}

    @property
    def broken_by(self) -> tuple[Trial, ...]:
        """The trials at the next larger delta that are not non-inferior; empty where the grid ends first."""
        larger = sorted({t.effect.delta for t in self.trials if t.effect.delta > self.delta})
        return tuple(t for t in self.trials if larger and t.effect.delta == larger[0] and not t.effect.non_inferior)


def choose_delta(collections: Sequence[Pools], grid: Sequence[float] = GRID) -> Choice:
    """Try every deciding table at every delta on every collection; 0 is always in the grid and never does harm."""
    trials = []
    for pools in collections:
        tables = {name: family for name, family in tables_for(pools).items() if name in DECIDING}
        trials += [Trial(pools.name, effect(name, pools, tables[name], delta)) for name in tables for delta in grid]
    return Choice(_largest(trials), tuple(trials))


def _largest(trials: Sequence[Trial]) -> float:
    """The largest delta at which, and below which, every trial is non-inferior; 0 where there is none."""
    harmful = min((t.effect.delta for t in trials if not t.effect.non_inferior), default=float("inf"))
    return max((t.effect.delta for t in trials if t.effect.delta < harmful), default=0.0)
