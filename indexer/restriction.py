"""Which documents may appear?

A Restriction is a filter as the segments understand it: dates as days, phrases as terms, names as the segment spells them. It is
evaluated once a segment, and both retrievers obey the same mask; that is why a filter means the same to both. The columns answer
here; what is asked of the text and of bylines, `wording` answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.columns import RETRACTED, UNDATED, Columns, cluster_key, language_of

UNKNOWN = "unknown"
"""How a filter names the language of a document that says none, and a retraction that nobody has looked into."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A filter with its dates turned into days. Empty or None does not restrict; several fields restrict together."""

    kinds: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    """Names as people write them, here and below: ``x.org`` for it and all under it, ``=x.org`` for this very host, ``.x.org``
    for what is under it."""
    exclude_sites: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """Two more sets of sites; of each set that is not empty one must fit."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes; UNKNOWN for documents without a language."""
    retracted: tuple[str, ...] = ()
    """Of ``true``, ``false`` and UNKNOWN."""
    clusters: tuple[str, ...] = ()
    """Versions of these works."""
    first_day: int | None = None
    """Days since 1970-01-01, inclusive."""
    end_day: int | None = None
    """Days since 1970-01-01, exclusive."""
    undated: bool = False
    """Whether a range of days lets undated documents through."""
    typed_sites: tuple[str, ...] = ()
    """One more set of sites, of which one must fit."""
    phrases: tuple[tuple[str, ...], ...] = ()
    """Terms that must follow each other in some passage."""
    without: tuple[tuple[str, ...], ...] = ()
    """Terms and phrases that no passage may hold."""
    authors: tuple[str, ...] = ()
    """Names that must be in the byline."""


def allowed(columns: Columns, restriction: Restriction) -> NDArray[np.bool_]:
    """(documents,) bool: which documents of a segment pass."""
    passes = np.ones(columns.documents, np.bool_)
    for mask in _masks(columns, restriction):
        passes &= mask
    return passes


def none_passes(columns: Columns, restriction: Restriction) -> bool:
    """Whether the segment's tables of names tell already that nothing passes: its documents need not be looked at."""
    return any(
        wanted and not set(wanted).intersection(there)
        for wanted, there in ((restriction.collections, columns.collections), (restriction.kinds, columns.kinds))
    )


def _masks(columns: Columns, restriction: Restriction) -> Iterator[NDArray[np.bool_]]:
    for name, wanted, there in (
        ("kind", restriction.kinds, columns.kinds),
        ("collection", restriction.collections, columns.collections),
        ("language", tuple("" if c == UNKNOWN else language_of(c) for c in restriction.languages), columns.languages),
        ("retracted", restriction.retracted, RETRACTED),
    ):
        if wanted:
            yield _member([value in wanted for value in there], columns[name])
    sources = columns["source"]
    for sites in (restriction.sites, restriction.hosts, restriction.only, restriction.typed_sites):
        if sites:
            yield columns.hosts.under(sites)[sources]
    if restriction.exclude_sites:
        yield ~columns.hosts.under(restriction.exclude_sites)[sources]
    if restriction.clusters:
        keys = [cluster_key(name) for name in restriction.clusters]
        yield np.isin(columns["cluster"], np.asarray(keys, np.uint64))
    if restriction.first_day is not None or restriction.end_day is not None:
        yield _days(columns["day"], restriction)


def _days(days: NDArray[np.int32], restriction: Restriction) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = days != UNDATED
    if restriction.first_day is not None:
        inside &= days >= restriction.first_day
    if restriction.end_day is not None:
        inside &= days < restriction.end_day
    if restriction.undated:
        inside |= days == UNDATED
    return inside


def _member(table: Sequence[bool], codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Look each row's code up in a table of verdicts."""
    verdicts: NDArray[np.bool_] = np.asarray(table, dtype=np.bool_)[codes]
    return verdicts
