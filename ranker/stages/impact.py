"""Should papers that are cited a lot come earlier?

Log-odds for what is known of a document whatever the query, here from citations (Craswell, Robertson, Zaragoza and Taylor,
Relevance Weighting for Query Independent Evidence, SIGIR 2005, doi:10.1145/1076034.1076106):

    added = weight * (ln(1 + citations) - ln(1 + TYPICAL))        0 where the count is unknown

It pays where people look for what a field builds on, and not where they ask for a fact: the caller says how much it weighs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ranker.stages.standing import Standing

TYPICAL = 20
"""Citations of a paper that counts like one of which nobody knows them: about the median of 84,000 papers on computer science."""


@dataclass(frozen=True, slots=True)
class Impact:
    """Add what citations say, as the term `impact`."""

    weight: float
    """Log-odds for each factor of e in citations, above 0."""

    def __call__(self, standing: Standing) -> Standing:
        """With every known count."""
        counts = standing.pinned.citations
        if counts is None:
            return standing.noting("impact left out: no counts of citations are loaded")
        known = (counts.get(document) for document in standing.ids)
        ratios = [0.0 if count is None else math.log((1 + count) / (1 + TYPICAL)) for count in known]
        return standing.plus("impact", self.weight * np.array(ratios))
