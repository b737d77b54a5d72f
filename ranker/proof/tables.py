"""Which tables is trust tried with, beside the real one?

A good table's effect means little unless it is held against tables that know nothing. All placebos are made from the documents at
hand: `shuffled` deals the same values to other sources, `inverted` trusts what the table does not, `random_listing` lists three
documents in ten at random, and `adversarial` lists as many of those that answer nothing and none that answers anything: the worst
that a table can be. `clairvoyant` is worse than any table: it knows each query, and trusts whatever does not answer that one.
What is left to chance is drawn ten times, so that an effect is that of the kind of table and not of one draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from authority.tiers import TIERS
from ranker.proof.pool import Pools, Values

Listing = Sequence[Values]
"""What one table says of every pool's documents, in the order of the pools."""
Family = tuple[Listing, ...]
"""Draws of one kind of table; one listing where nothing is left to chance."""

SEEDS = tuple(range(1, 11))
"""Of the random, the shuffled and the adversarial tables."""
LISTED = 0.3
"""Share of documents that a random table lists, and of documents without an answer that an adversarial one lists."""


def off(pools: Pools) -> Listing:
    """Trusts nobody."""
    return [np.zeros(len(pool.ids)) for pool in pools]


def real(pools: Pools) -> Listing:
    """The table that the searcher has."""
    return [pool.authority for pool in pools]


def inverted(listing: Listing) -> Listing:
    """Trusts a source as much as the table does not."""
    return [1.0 - values for values in listing]


def shuffled(pools: Pools, listing: Listing, seed: int) -> Listing:
    """The same values in other hands: permuted over the sources that were reached, or over documents where there are no hosts.

    Copies are one document then: what breaks the tie of a judged document and its unjudged copy is no evidence.
    """
    units = [pool.sources if pools.hosts else pool.reads_as for pool in pools]
    members, first = np.unique(np.concatenate(units), return_index=True)
    dealt = np.random.default_rng(seed).permutation(np.concatenate(listing)[first])
    return [dealt[np.searchsorted(members, mine)] for mine in units]


def random_listing(pools: Pools, seed: int) -> Listing:
    """Lists LISTED of all documents, each at a tier drawn with equal chance, copies alike; the same tiers for every query."""
    tiers = np.array(sorted(TIERS.values()))
    return [
        np.where(drawn < LISTED, tiers[(drawn / LISTED * len(tiers)).astype(int) % len(tiers)], 0.0)
        for drawn in _lots(pools, seed)
    ]


def adversarial(pools: Pools, seed: int) -> Listing:
    """Full authority for LISTED of the documents that are relevant to no query, none for the others and for what reads like them.

    A table is made before the queries are asked, so this is the worst that one can be which lists as much as ours does.
    """
    answers = {document for grades in pools.qrels.values() for document, grade in grades.items() if grade > 0}
    idle = [np.array([document not in answers for document in pool.ids], bool) & ~pool.copies for pool in pools]
    return [np.where(drawn < LISTED, 1.0, 0.0) * mine for drawn, mine in zip(_lots(pools, seed), idle, strict=True)]


def clairvoyant(pools: Pools) -> Listing:
    """Full authority for every document that is not relevant to the query at hand, none for those that are and their copies.

    No table can do this, because it would have to know the query; what does no harm under it does none under any table.
    """
    return [((pool.grades <= 0) & ~pool.copies).astype(np.float64) for pool in pools]


def _lots(pools: Pools, seed: int) -> Listing:
    """A number in [0, 1) for every document, the same for every query and for copies."""
    known: dict[str, float] = {}

    def lot(document: str) -> float:
        if document not in known:
            known[document] = int.from_bytes(blake2b(f"{seed}:{document}".encode(), digest_size=8).digest(), "big") / 2**64
        return known[document]

    return [np.array([lot(pool.ids[row]) for row in np.searchsorted(pool.documents, pool.reads_as)]) for pool in pools]


def speaks(listing: Listing) -> bool:
    """Whether a table tells the documents of any query apart."""
    return any(len(values) and np.ptp(values) > 0 for values in listing)


def synthetic(pools: Pools) -> bool:
    """Whether placebos are made from random tables: the real one tells nothing apart, or the hosts are too few."""
    return not (pools.hosts and speaks(real(pools)))


def tables_for(pools: Pools) -> dict[str, Family]:
    """Every kind of table that a collection can be tried with, by name."""
    base = random_listing(pools, SEEDS[0]) if synthetic(pools) else real(pools)
    tables: dict[str, Family] = {"real": (real(pools),)} if speaks(real(pools)) else {}
    tables["shuffled"] = tuple(shuffled(pools, base, seed) for seed in SEEDS)
    tables["inverted"] = (inverted(base),)
    tables["random"] = tuple(random_listing(pools, seed) for seed in SEEDS)
    if pools.qrels:
        tables |= {"adversarial": tuple(adversarial(pools, seed) for seed in SEEDS), "clairvoyant": (clairvoyant(pools),)}
    return tables
