"""How many hits may one site, or one work, have?

A walk down the order that passes over what exceeds its cap; the rest keeps its order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from authority.hosts import registrable_domain
from indexer.index import Index
from indexer.numbering import Numbers
from ranker.stages.standing import Standing


@dataclass(frozen=True, slots=True)
class PerDomain:
    """At most `most` hits of one registrable domain; documents without a host are not counted."""

    most: int

    def __call__(self, standing: Standing) -> Standing:
        """Without those that exceed the cap."""
        keys = domains_of(standing.pinned.index, standing.documents.documents)
        return standing.showing(capped(standing.shown, keys, self.most))


@dataclass(frozen=True, slots=True)
class PerPaper:
    """At most `most` hits of one work in several versions (`Document.cluster`); documents without a cluster are not counted."""

    most: int

    def __call__(self, standing: Standing) -> Standing:
        """Without those that exceed the cap."""
        clusters = standing.pinned.index.clusters(standing.documents.documents).tolist()
        return standing.showing(capped(standing.shown, [cluster or None for cluster in clusters], self.most))


def capped(order: NDArray[np.intp], keys: Sequence[Hashable], most: int) -> NDArray[np.intp]:
    """The rows of an order that stay, in their order, where each key, one a row, may come `most` times; None is not counted."""
    seen: Counter[Hashable] = Counter()
    kept = []
    for row in order.tolist():
        key = keys[row]
        seen[key] += 1
        if key is None or seen[key] <= most:
            kept.append(row)
    return np.array(kept, np.intp)


def domains_of(index: Index, documents: Numbers) -> list[str | None]:
    """The registrable domain of each document, or its host where there is none."""
    domains: dict[int, str | None] = {}
    for number in index.source_numbers(documents).tolist():
        if number not in domains:
            host = index.source(number).host
            domains[number] = (registrable_domain(host) or host) if host else None
    return [domains[number] for number in index.source_numbers(documents).tolist()]
