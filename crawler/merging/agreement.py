"""Do two records speak of the same document, or of the same work?

A shared identifier only raises the question. It is answered here, from titles, authors, years and the names that registers give
once. The order of the two never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.merging.identity import Identity, arxiv
from crawler.merging.titles import SHORTEST_START, alike, family_name, normal_title, says_enough, says_something
from indexer.document import Document

YEARS_BY_TITLE = 2
"""Years between two documents that share title and first author and nothing else."""
YEARS_BY_AUTHOR = 5
"""Years between a preprint and the published version under another title by the same first author."""

_ONCE = ("doi", "pmid", "pmcid", "acl", "arxiv")
"""Schemes that give a work, or a version of it, one name: two different ones are two documents."""
_WITH_AUTHOR = 3
"""Letters of a title that may be the other's beginning where the first author is the same: registers often lack the subtitle."""
_MAX_TITLE = 500
"""Characters of a title that are compared."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a record when it is compared with others."""

    number: int
    """Position in the order in which the inputs are read."""
    place: bytes
    """Hash of id and content: an order that does not depend on the inputs'."""
    id: str
    kind: str
    """As in Document."""
    title: str
    """Normalised; empty where the title is only the id or the address again."""
    original: str
    """The title in the language of the work, normalised, where `title` is a translation of it; else empty."""
    family: str
    """Family name of the first author, normalised, or empty."""
    year: int
    """0 if unknown."""
    names: dict[str, str]
    """Own names by scheme, of those that are given once; arXiv's with its version."""

    def owns(self, key: str) -> bool:
        """Whether ``scheme:name`` is one of its own names."""
        scheme, _, name = key.partition(":")
        return self.names.get(scheme) == name


def record_of(document: Document, number: int, place: bytes, keys: Identity) -> Record:
    """What is compared of a document."""
    own = dict(key.split(":", 1) for key in sorted(keys.own))
    title = normal_title(document.title[:_MAX_TITLE])
    return Record(
        number,
        place,
        document.id,
        document.kind,
        "" if document.title in (document.url, document.id, document.id.partition(":")[2]) else title,
        normal_title(document.details.get("original_title", "")[:_MAX_TITLE]),
        family_name(document.authors[0]) if document.authors else "",
        int(document.published[:4]) if document.published[:4].isdecimal() else 0,
        {scheme: own[scheme] for scheme in _ONCE if scheme in own},
    )


def title_claim(record: Record, authors: Sequence[str]) -> str:
    """The key by which papers without a common identifier may be found to be one work; empty where the title says too little.

    A short title says enough beside the family names of all authors, if there are several.
    """
    if record.kind != "paper" or not record.family or not record.year:
        return ""
    if says_enough(record.title):
        return f"{record.title}\n{record.family}"
    families = [family_name(author) for author in authors]
    return f"{record.title}\n{' '.join(families)}" if len(families) > 1 and says_something(record.title) else ""


def one_document(one: Record, other: Record) -> bool:
    """The same version, under one title: no register has two different names for them."""
    return one_title(one, other) and not any(
        _differ(scheme, name, other.names[scheme]) for scheme, name in one.names.items() if scheme in other.names
    )


def one_title(one: Record, other: Record) -> bool:
    """Printings of one title; PubMed has the English one of an article in French, and the French beside it."""
    shortest = _WITH_AUTHOR if one.family and one.family == other.family else SHORTEST_START
    return alike(one.title, other.title, shortest) or any(
        a and b and alike(a, b)
        for a, b in ((one.title, other.original), (one.original, other.title), (one.original, other.original))
    )


def one_work(one: Record, other: Record) -> bool:
    """A preprint and its published version: the title may change on the way, the first author rarely does."""
    by_author = bool(one.family) and one.family == other.family and _within(one, other, YEARS_BY_AUTHOR)
    return one_title(one, other) or by_author


def one_work_by(key: str) -> Callable[[Record, Record], bool]:
    """As `one_work`, where `key` raised the question: two that both own it and have different titles are two works."""

    def same(one: Record, other: Record) -> bool:
        return one_title(one, other) or (one_work(one, other) and not (one.owns(key) and other.owns(key)))

    return same


def one_work_by_title(one: Record, other: Record) -> bool:
    """Two documents that only their title and first author hold together."""
    return one_work(one, other) and bool(one.year and other.year) and _within(one, other, YEARS_BY_TITLE)


def _within(one: Record, other: Record, years: int) -> bool:
    return not (one.year and other.year) or abs(one.year - other.year) <= years


def _differ(scheme: str, name: str, other: str) -> bool:
    if scheme == "arxiv" and (mine := arxiv(name)) and (theirs := arxiv(other)):  # no version said contradicts none
        return mine.number != theirs.number or (mine.version != theirs.version and bool(mine.version and theirs.version))
    return name != other
