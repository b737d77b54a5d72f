"""Which source wins, field by field, where several records are one document?

The order of sources is the same for every field, from those that edit their records to those that gather them: FIRST. Then:

    id, title, url, collection, kind     of the first source
    authors, editors, venue, language    of the first source that has any
    text with its sections               of the first source that has any, unless another's is FULLER times as long
    published                            of the first source that has one; a more precise date inside it refines it
    identifiers, details                 all; where two differ, the first source's (another DOI is shown as ``other doi``)
    references                           of the record that identifies the most, then what others identify besides
    retracted                            true before false before unknown
    notices, sources                     all

So an article takes the place of its abstract, and an abstract that of one cut short. Records are folded one after the other: two
of them are in memory, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.merging.identity import arxiv, identity, normal_identifiers, normal_key
from crawler.merging.titles import family_name
from indexer.document import Document

FIRST = ("acl", "pmc", "jats", "pubmed", "crossref", "arxiv", "dblp", "openalex", "s2")
"""Sources by the part of the id before the colon; others come after these, in the order of their names.

The Anthology is edited by hand; PMC and PubMed are tagged by publishers and checked by a library; Crossref holds what publishers
deposit, unchecked; arXiv what authors type; DBLP edits names and titles but has no text; OpenAlex (whose abstracts are rebuilt
from an index) and Semantic Scholar gather from the rest."""
FULLER = 3
"""How many times as long a text must be to be preferred to that of an earlier source."""


def order_of(document: Document) -> tuple[int, str, str]:
    """Sort key: the first source first; between two records of one source, the smaller id."""
    source = document.id.partition(":")[0]
    return (FIRST.index(source) if source in FIRST else len(FIRST), source, document.id)


def with_normal_names(document: Document) -> Document:
    """The same record, every valid identifier in its one spelling."""
    return replace(document, identifiers=normal_identifiers(document.identifiers))


def one_of(records: Iterable[Document]) -> Document:
    """The document that these records are, given in the order of `order_of`; at least one. Its `sources` are their ids."""
    found = iter(records)
    merged = with_normal_names(next(found))
    own_arxiv = _owns_arxiv(merged)
    sources = set(merged.sources or (merged.id,))
    for record in map(with_normal_names, found):
        sources |= set(record.sources or (record.id,))
        merged = _folded(merged, record, own_arxiv)
    return replace(merged, sources=tuple(sorted(sources)) if len(sources) > 1 else merged.sources)


def _folded(first: Document, later: Document, own_arxiv: bool) -> Document:
    names = {**later.identifiers, **first.identifiers}
    if own_arxiv:
        names["arxiv"] = max(first.identifiers["arxiv"], later.identifiers.get("arxiv", ""), key=_version)
    text_from = later if len(later.text) > FULLER * len(first.text) else first
    return replace(
        first,
        text=text_from.text,
        sections=text_from.sections,
        url=first.url or later.url,
        authors=_authors(first.authors, later.authors),
        editors=first.editors or later.editors,
        venue=first.venue or later.venue,
        published=_date(first.published, later.published),
        language=first.language or later.language,
        collection=first.collection or later.collection,
        identifiers=names,
        retracted=_retracted(first.retracted, later.retracted),
        notices=tuple(dict.fromkeys((*first.notices, *later.notices))),
        references=_references(first.references, later.references),
        details={**later.details, **first.details, **_other_names(first, later)},
    )


def _other_names(first: Document, later: Document) -> dict[str, str]:
    """Names in a scheme where the first source has another one; addresses of PDFs and arXiv versions are no names."""
    others = {}
    for scheme, name in later.identifiers.items():
        if scheme not in ("pdf", "arxiv") and first.identifiers.get(scheme, name) != name:
            known = first.details.get(f"other {scheme}", "").split("; ")
            others[f"other {scheme}"] = "; ".join(sorted({name, *known} - {""}))
    return others


def _authors(first: tuple[str, ...], later: tuple[str, ...]) -> tuple[str, ...]:
    """The fuller byline: more names, where the other's are among them in order; or the same names, less often cut to initials."""
    if not first or not later:
        return first or later
    names, others = [family_name(author) for author in first], [family_name(author) for author in later]
    rest = iter(others)
    if len(later) > len(first) and all(name in rest for name in names):
        return later
    return later if names == others and _cut(first) > _cut(later) else first


def _cut(authors: tuple[str, ...]) -> int:
    """Names without a given name written out."""
    return sum(not re.search(r"\w{2,}\.?(?:\s|$)", author.rpartition(" ")[0]) for author in authors)


def _owns_arxiv(document: Document) -> bool:
    return "arxiv" in document.identifiers and any(key.startswith("arxiv:") for key in identity(document).own)


def _version(name: str) -> int:
    found = arxiv(name)
    return found.version if found else -1


def _date(first: str, later: str) -> str:
    """`2019` and `2019-06` are 2019-06; `2019` and `2018-12` are 2019."""
    return later if later.startswith(first) else first


def _retracted(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None and other is None else False


def _references(first: tuple[str, ...], later: tuple[str, ...]) -> tuple[str, ...]:
    """Printed references cannot be compared, so they are taken from one list only."""
    base, more = (later, first) if _identified(later) > _identified(first) or not first else (first, later)
    kept = {normal_key(reference) or reference: None for reference in base}
    return tuple(kept | dict.fromkeys(_keys(more)))


def _identified(references: tuple[str, ...]) -> int:
    return sum(1 for _ in _keys(references))


def _keys(references: tuple[str, ...]) -> Iterator[str]:
    return (key for reference in references if (key := normal_key(reference)))
