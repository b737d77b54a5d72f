"""What does one work of Crossref's REST interface say?

<https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md>. Nothing is sure to be there: a chosen few fields were asked
for, or the publisher gave none. Every DOI becomes a document, of whatever type (`details["type"]`), also where it has no title.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.merging import identity
from crawler.papers.cited import cited
from crawler.papers.crossref_updates import Update, fate
from crawler.papers.dates import iso_date
from crawler.papers.jats_abstract import marked_up, read_abstract
from crawler.papers.language import language_code
from crawler.papers.markup import tidy
from indexer.document import Document

_DATES = ("issued", "published", "published-print", "published-online", "posted", "content-created", "approved")
"""In the order in which they are believed; `created` and `deposited` are dates of the record."""
_DETAILS = (
    "type",
    "subtype",
    "publisher",
    "publisher-location",
    "volume",
    "issue",
    "article-number",
    "edition-number",
    "group-title",
)
_REFERENCE = (
    *("author", "year", "article-title", "volume-title", "series-title", "journal-title", "standard-designator"),
    *("standards-body", "edition", "volume", "issue", "first-page", "component", "ISBN", "ISSN"),
)
"""Fields of a reference in the order in which they are printed."""
_RELATIONS = {
    "is-preprint-of": "preprint_of",
    "has-preprint": "has_preprint",
    "is-version-of": "version_of",
    "has-version": "has_version",
    "is-same-as": "same_as",
    "is-identical-to": "same_as",
    "is-review-of": "review_of",
    "is-comment-on": "comment_on",
    "is-reply-to": "reply_to",
    "is-translation-of": "translation_of",
    "is-part-of": "part_of",
    "is-supplement-to": "supplement_to",
}


def work_document(work: dict[str, Any], collection: str) -> Document | None:
    """The document of a work, or None where it has no DOI."""
    printed = _text(work.get("DOI")) or _text(work.get("doi"))
    doi = identity.doi(printed) or printed.strip().lower()
    if not doi:
        return None
    title = title_of(_first(work.get("title")), _first(work.get("subtitle")))
    abstract = read_abstract(_text(work.get("abstract")))
    befell = fate(doi, title, _updates(work.get("updated-by")), _updates(work.get("update-to")))
    return Document(
        id=f"crossref:{doi}",
        title=title or marked_up(_first(work.get("original-title"))) or doi,
        text=abstract.text,
        kind="paper",
        url=f"https://doi.org/{printed.strip() if identity.doi(printed) == printed.strip().lower() else doi}",
        authors=_names(work.get("author")),
        editors=_names(work.get("editor")),
        venue=_venue(work),
        published=next((date for name in _DATES if (date := _date(work.get(name)))), ""),
        language=language_code(_text(work.get("language"))),
        collection=collection,
        identifiers=_identifiers(work, doi),
        sections=abstract.sections,
        retracted=befell.retracted,
        notices=befell.notices,
        references=tuple(name for entry in _dicts(work.get("reference")) if (name := _reference(entry))),
        details=_details(work) | befell.details,
    )


def title_of(title: str, subtitle: str) -> str:
    """``Title: subtitle``, without markup."""
    title, subtitle = marked_up(title), marked_up(subtitle)
    if not subtitle or subtitle.casefold() in title.casefold():
        return title
    return f"{title.rstrip(' :')}: {subtitle}" if title else subtitle


def printed_reference(parts: Iterator[str]) -> str:
    """Author, year, title, container and so on, those that are known, in one line."""
    return ", ".join(dict.fromkeys(text for part in parts if part and (text := marked_up(part))))


def _reference(entry: dict[str, Any]) -> str:
    """The best name of a cited work; empty where the entry is a key and nothing else."""
    if name := cited("", doi=_text(entry.get("DOI"))):
        return name
    printed = marked_up(_text(entry.get("unstructured")))
    return cited(printed or printed_reference(_text(entry[name]) for name in _REFERENCE if entry.get(name)))


def _names(people: object) -> tuple[str, ...]:
    return tuple(name for person in _dicts(people) if (name := _name(person)))


def _name(person: dict[str, Any]) -> str:
    """A person, or a body (`name`)."""
    parts = (_text(person.get(part)) for part in ("given", "family", "suffix"))
    return marked_up(" ".join(filter(None, parts))) or marked_up(_text(person.get("name")) or _text(person.get("literal")))


def _venue(work: dict[str, Any]) -> str:
    institutions = [marked_up(_text(body.get("name"))) for body in _dicts(work.get("institution"))]
    event = work.get("event")
    found = (
        marked_up(_first(work.get("container-title"))),
        next(filter(None, institutions), ""),
        marked_up(_text(event.get("name"))) if isinstance(event, dict) else "",
    )
    return next(filter(None, found), "")


def _identifiers(work: dict[str, Any], doi: str) -> dict[str, str]:
    links = [link for link in _dicts(work.get("link")) if _text(link.get("content-type")) == "application/pdf"]
    preprint = identity.arxiv(doi)
    found = {
        "doi": doi,
        "arxiv": str(preprint or ""),
        "issn": next(filter(None, map(identity.issn, _texts(work.get("ISSN")))), ""),
        "isbn": next(filter(None, (identity.isbn(name.rpartition("/")[2]) for name in _texts(work.get("ISBN")))), ""),
        "pdf": _text(links[0].get("URL")) if links else "",
    }
    return {scheme: name for scheme, name in found.items() if name}


def _details(work: dict[str, Any]) -> dict[str, str]:
    containers = [marked_up(name) for name in _texts(work.get("container-title"))]
    resource = work.get("resource")
    primary = resource.get("primary") if isinstance(resource, dict) else None
    details = {name: tidy(_text(work.get(name))) for name in _DETAILS}
    details |= {
        "pages": tidy(_text(work.get("page"))),
        "container titles": "; ".join(containers) if len(containers) > 1 else "",
        "original_title": "; ".join(map(marked_up, _texts(work.get("original-title")))),
        "subject": "; ".join(map(tidy, _texts(work.get("subject")))),
        "license": " ".join(dict.fromkeys(_text(entry.get("URL")) for entry in _dicts(work.get("license")))),
        "funder": "; ".join(dict.fromkeys(marked_up(_text(entry.get("name"))) for entry in _dicts(work.get("funder")))),
        "orcid": "; ".join(_orcids(work.get("author"))),
        "resource": _text(primary.get("URL")) if isinstance(primary, dict) else "",
    }
    return {name: value for name, value in details.items() if value} | _relations(work.get("relation"))


def _orcids(people: object) -> Iterator[str]:
    for person in _dicts(people):
        if number := _text(person.get("ORCID")).rpartition("/")[2]:
            yield f"{_name(person)} = {number}"


def _relations(relation: object) -> dict[str, str]:
    """Ties to other works, ``doi:…`` where they have a DOI."""
    found: dict[str, list[str]] = {}
    for kind, ends in relation.items() if isinstance(relation, dict) else ():
        for end in _dicts(ends if isinstance(ends, list) else [ends]):
            scheme, name = _text(end.get("id-type")).lower(), _text(end.get("id"))
            target = cited("", **{scheme: name}) if scheme in ("doi", "arxiv", "pmid") else name
            if kind in _RELATIONS and target:
                found.setdefault(_RELATIONS[kind], []).append(target)
    return {name: "; ".join(dict.fromkeys(targets)) for name, targets in found.items()}


def _updates(entries: object) -> list[Update]:
    return [Update(_text(entry.get("DOI")), _text(entry.get("type"))) for entry in _dicts(entries)]


def _date(value: object) -> str:
    """``{"date-parts": [[2018, 3, 1]]}``; parts may be missing, null or text."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    numbers = [_text(part) for part in first] if isinstance(first, list) else []
    return iso_date(*[*numbers, "", "", ""][:3])


def _first(value: object) -> str:
    """The first text of a list, or the text itself (CSL JSON has no lists)."""
    return next(iter(_texts(value)), "")


def _texts(value: object) -> list[str]:
    return [text for item in (value if isinstance(value, list) else [value]) if (text := _text(item).strip())]


def _text(value: object) -> str:
    return (
        value if isinstance(value, str) else str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
