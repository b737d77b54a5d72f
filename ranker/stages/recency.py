"""Should newer documents come earlier?

Log-odds for age, whatever the query, as those for citations (`impact`):

    added = weight * (ln(1 + TYPICAL) - ln(1 + years))        0 where the date is unknown

Years are counted from the day on which the snapshot was made, so that an answer can be reproduced. A filter (`after`) is the way
to leave old documents out; this one only leans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.columns import UNDATED
from indexer.day import day_of
from ranker.stages.standing import Standing

TYPICAL = 5
"""Years of a document that counts like one without a date. A choice, not a measurement."""
YEAR = 365.25
"""Days."""


@dataclass(frozen=True, slots=True)
class Recency:
    """Add what the date says, as the term `recency`."""

    weight: float
    """Log-odds for each factor of e in years since publication, above 0."""

    def __call__(self, standing: Standing) -> Standing:
        """With every known date; what is dated ahead of the snapshot counts as new."""
        index = standing.pinned.index
        days, today = index.days(standing.documents.documents), day_of(index.manifest.created)
        dated = days != UNDATED
        if today is None or not dated.any():
            return standing.noting("recency left out: no candidate has a date")
        years = np.maximum(today - days[dated], 0) / YEAR
        added = np.zeros(len(days))
        added[dated] = self.weight * (np.log1p(TYPICAL) - np.log1p(years))
        return standing.plus("recency", added)
