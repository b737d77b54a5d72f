"""Which queries of a collection have the weights already seen?

A calibration names the collections it was fitted on; what it does on their queries flatters it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ranker.collection import Collection
from ranker.errors import EvaluationError


def fitted_queries(collection: Collection, data: Sequence[str]) -> frozenset[str]:
    """Ids of its queries that are in a part of `data`, as `Calibration.data` names them: ``scifact/train``, ``made/test#1/2``."""
    seen: set[str] = set()
    for part in _parts(collection, data):
        try:
            seen |= Collection.named(f"{collection.path}:{part}").queries.keys()
        except EvaluationError:
            continue  # another collection of the same name, which has no such split
    return frozenset(seen & collection.queries.keys())


def caution(collection: Collection, data: Sequence[str]) -> str:
    """What must be said of figures on these queries, with the way out; empty where the weights have seen none of them."""
    fitted = fitted_queries(collection, data)
    if not fitted:
        return ""
    parts = _parts(collection, data)
    split, number, of = parts[0].replace("#", " ").replace("/", " ").split() if "#" in parts[0] else (parts[0], "1", "1")
    other = f"{collection.name}:{split}#{int(number) % int(of) + 1}/{of}" if len(parts) == 1 and of != "1" else "other queries"
    known = f"{len(fitted)} of {len(collection.queries)} queries of {collection.name}/{collection.split}"
    return f"{known} are among those the weights were fitted on; take {other}"


def _parts(collection: Collection, data: Sequence[str]) -> list[str]:
    """Splits, or parts of them, of this collection."""
    return [part for name, _, part in (each.partition("/") for each in data) if name == collection.name]
