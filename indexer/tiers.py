"""Which segments should become one?

A search pays for every segment, a merge pays for every document it writes again. Segments of one collection are therefore put on
tiers by size, a factor FACTOR apart. Once FACTOR of them lie on one tier its smallest are merged, as many as LARGEST holds: a
document is written again once a tier, not once an update, and on the tiers near LARGEST a few times. Small segments, and those
that small collections share, are of one kin whatever they hold: a merge of them puts what has grown into segments of its own. A
segment is also rewritten when much of it was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from indexer.manifest import SegmentEntry
from indexer.mix import SMALL, Mix

FACTOR = 8
"""Segments of one tier that are merged, and how many times larger the segments of the next tier are."""
FLOOR = 1_000
"""Passages below which all segments lie on the lowest tier."""
LARGEST = 5_000_000
"""Live passages that no merge exceeds unless all is merged: what one process indexes in half an hour."""
HOLLOW = 0.2
"""Share of a segment's passages that may be deleted before it is rewritten."""


def due(entries: Sequence[SegmentEntry], mix: Mix = "small") -> list[int]:
    """The places of the next segments to merge, by the policy; empty if there is nothing to do."""
    kin: dict[frozenset[str], list[int]] = {}
    for place, entry in enumerate(entries):
        if entry.deleted_passages > HOLLOW * entry.passages:
            return [place]
        kin.setdefault(frozenset() if _shares(entry, mix) else _collections(entry), []).append(place)
    for places in kin.values():
        if chosen := _due([_live(entries[place]) for place in places]):
            return sorted(places[at] for at in chosen)
    return []


def _due(sizes: Sequence[int]) -> list[int]:
    """Which to merge next of segments of one kin, by live passages: the smallest of a full tier, up to LARGEST."""
    tiers: dict[int, list[int]] = {}
    for place in sorted(range(len(sizes)), key=sizes.__getitem__):
        tiers.setdefault(_tier(sizes[place]), []).append(place)
    for places in tiers.values():
        fitting = sum(total <= LARGEST for total in accumulate(sizes[place] for place in places))
        if len(places) >= FACTOR and fitting > 1:
            return places[:fitting]
    return []


def most(passages: int) -> int:
    """Segments that merging may leave of one collection, at most.

    Fewer than FACTOR lie on each tier of which two always fit into LARGEST. Above those, either fewer than FACTOR lie on a tier
    or no two of it fit, which are then half of LARGEST each in the mean.
    """
    tiers: int = sum(FLOOR * FACTOR**tier <= LARGEST // 2 for tier in range(_tier(passages) + 1))
    return (FACTOR - 1) * (tiers + 1) + passages // (LARGEST // 2)


def growth(passages: int, update: int) -> Iterator[list[int]]:
    """The sizes of the segments of one collection after each update of so many passages, until it has `passages`."""
    sizes: list[int] = []
    for before in range(0, passages, update):
        sizes = [*sizes, min(update, passages - before)]
        while chosen := _due(sizes):
            rest = [size for place, size in enumerate(sizes) if place not in chosen]
            sizes = [*rest, sum(sizes[place] for place in chosen)]
        yield sizes


def all_of_one(entries: Sequence[SegmentEntry], mix: Mix) -> list[int]:
    """The places of the next to write anew where all are merged: those that hold a collection, and those that share."""
    for first, entry in enumerate(entries):
        group, size = [first], 0
        while size != len(group):  # a segment of several collections ties theirs together
            size = len(group)
            names = frozenset[str]().union(*(_collections(entries[place]) for place in group))
            sharing = any(_shares(entries[place], mix) for place in group)
            group = [p for p, other in enumerate(entries) if names & _collections(other) or (sharing and _shares(other, mix))]
        if len(group) > 1 or entry.deleted or not _in_place(entry, mix):
            return group
    return []


def _shares(entry: SegmentEntry, mix: Mix) -> bool:
    """Whether other collections may come into this segment."""
    documents = entry.documents - entry.deleted_documents
    return mix == "all" or (mix == "small" and (len(entry.shares) > 1 or documents < SMALL))


def _in_place(entry: SegmentEntry, mix: Mix) -> bool:
    """Whether no collection in a segment, which has no other, should have one of its own."""
    return mix == "all" or len(entry.shares) < 2 or (mix == "small" and all(s.documents < SMALL for s in entry.shares))


def _collections(entry: SegmentEntry) -> frozenset[str]:
    return frozenset(share.collection for share in entry.shares)


def _live(entry: SegmentEntry) -> int:
    return entry.passages - entry.deleted_passages


def _tier(live: int) -> int:
    """0 up to FLOOR live passages, 1 up to FACTOR times as many, and so on."""
    tier = 0
    while live > FLOOR * FACTOR**tier:
        tier += 1
    return tier
