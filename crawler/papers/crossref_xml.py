"""What do the works of a unixref document say?

`unixref` and `unixsd` replies, OAI-PMH records of Crossref and deposit files hold the same elements: a journal, book, conference
and so on, with the works in them. A reply names one work: the innermost. A deposit names the book beside its chapters.
<https://www.crossref.org/documentation/schema-library/xsd-schema-quick-reference/>, <https://data.crossref.org/reports/help/schema_doc/>.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.merging import identity
from crawler.papers.cited import cited
from crawler.papers.crossref_json import printed_reference, title_of
from crawler.papers.crossref_updates import Update, fate
from crawler.papers.dates import iso_date
from crawler.papers.jats_abstract import read_abstract
from crawler.papers.language import language_code
from crawler.papers.markup import tidy
from crawler.papers.outline import Outline
from crawler.papers.running_text import running_text
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTAINERS = (
    *("journal", "book", "conference", "dissertation", "report-paper", "standard", "database", "posted_content"),
    *("peer_review", "sa_component", "pending_publication", "grant"),
)
"""The elements that a record of Crossref consists of."""
_WORKS = {"journal": "journal_article", "book": "content_item", "conference": "conference_paper", "database": "dataset"}
_WORKS |= {"report-paper": "content_item", "standard": "content_item", "sa_component": "component_list/component"}
_TYPES = {
    "journal_article": "journal-article",
    "journal_metadata": "journal",
    "journal_issue": "journal-issue",
    "content_item": "book-chapter",
    "book_metadata": "book",
    "book_series_metadata": "book",
    "book_set_metadata": "book-set",
    "conference_paper": "proceedings-article",
    "proceedings_metadata": "proceedings",
    "proceedings_series_metadata": "proceedings",
    "database_metadata": "database",
    "report-paper_metadata": "report",
    "standard_metadata": "standard",
}
"""Element -> type in the words of the REST interface."""
_DATES = ("publication_date", "posted_date", "approval_date", "review_date", "database_date/publication_date", "acceptance_date")
_REFERENCE = (
    *("author", "cYear", "article_title", "volume_title", "series_title", "journal_title", "std_designator", "edition_number"),
    *("volume", "issue", "first_page", "elocation_id", "isbn", "issn"),
)


def documents(container: _Element, collection: str) -> Iterator[tuple[_Element, Document | None]]:
    """Every work of a container whose names have no namespace; None for one without a DOI."""
    works = container.findall(_WORKS.get(str(container.tag), "."))
    parent = container.getparent()
    deposit = parent is not None and str(parent.tag).rpartition("}")[2] == "body"
    levels = [level for level in container if level.tag in _TYPES and level.find("doi_data/doi") is not None]
    if not works or works == [container]:
        works = levels[-1:] or [container]
    elif deposit:
        works = [*levels, *works]
    for work in works:
        yield work, _document(work, container, collection)


def _document(work: _Element, container: _Element, collection: str) -> Document | None:
    levels = [level for level in container if level is not work and str(level.tag).endswith(("_metadata", "_issue"))]
    printed = _text([work], "doi_data/doi", "doi")
    doi = identity.doi(printed) or printed.lower()
    if not doi:
        return None
    everything = [work, *reversed(levels)]  # the narrower level is asked first
    title = _title(work)
    abstract = _abstract(work)
    befell = fate(doi, title, (), _updates(work))
    return Document(
        id=f"crossref:{doi}",
        title=title or doi,
        text=abstract.text,
        kind="paper",
        url=f"https://doi.org/{printed if identity.doi(printed) == printed.lower() else doi}",
        authors=_names(work, editors=False)
        or (_names(levels[0], editors=False) if levels and work.tag == "content_item" else ()),
        editors=tuple(dict.fromkeys(name for level in everything for name in _names(level, editors=True))),
        venue=_venue(work, container),
        published=next((date for level in everything if (date := _published(level))), ""),
        language=next((code for e in [*everything, container] if (code := language_code(e.get("language") or ""))), ""),
        collection=collection,
        identifiers=_identifiers(work, everything, doi),
        sections=abstract.sections,
        retracted=befell.retracted,
        notices=befell.notices,
        references=tuple(name for entry in work.iterfind("citation_list/citation") if (name := _reference(entry))),
        details=_details(work, everything) | befell.details,
    )


def _title(work: _Element) -> str:
    for path in ("titles", "project/project-title", "full_title", "proceedings_title", "title", "description"):
        if (element := work.find(path)) is not None:
            if path != "titles":
                return running_text(element)
            return title_of(running_text(element.find("title")), running_text(element.find("subtitle")))
    return ""


def _abstract(work: _Element) -> Outline:
    """The abstract, in the work's own language where there are several, and no picture or teaser if it can be helped."""
    found = sorted(
        work.iterfind("abstract"),
        key=lambda e: (bool(e.get("abstract-type")), (_language(e) or work.get("language")) != work.get("language")),
    )
    return read_abstract(found[0]) if found else Outline()


def _language(abstract: _Element) -> str | None:
    return abstract.get("{http://www.w3.org/XML/1998/namespace}lang") or abstract.get("lang")


def _venue(work: _Element, container: _Element) -> str:
    paths = (
        *(
            "journal_metadata/full_title",
            "proceedings_metadata/proceedings_title",
            "proceedings_series_metadata/proceedings_title",
        ),
        *("book_metadata/titles/title", "book_series_metadata/titles/title", "book_set_metadata/titles/title"),
        *("event_metadata/conference_name", "database_metadata/titles/title"),
    )
    found = [element for path in paths for element in container.iterfind(path)]
    titles = [element for element in found if work not in element.iterancestors()]
    series = container.find("*/series_metadata/titles/title")
    body = work.find("institution/institution_name")
    return next(filter(None, map(running_text, [*titles, series, body])), "")


def _names(level: _Element, editors: bool) -> tuple[str, ...]:
    """Authors: whoever is no editor, translator, chair or reader."""
    found = []
    for person in [*level.iterfind("contributors/*"), *level.iterfind("person_name")]:
        role = person.get("contributor_role", "author")
        if (role == "editor") if editors else (role in ("author", "reviewer", "") or role.startswith("review-")):
            found.append(_name(person))
    return tuple(filter(None, found))


def _name(person: _Element) -> str:
    if person.tag == "person_name":
        return " ".join(filter(None, (running_text(person.find(part)) for part in ("given_name", "surname", "suffix"))))
    return running_text(person) if person.tag in ("organization", "collab") else ""


def _published(level: _Element) -> str:
    """The earliest date of a level."""
    dates = []
    for path in _DATES:
        for element in level.iterfind(path):
            date = iso_date(*(running_text(element.find(part)) for part in ("year", "month", "day")))
            if date:
                dates.append(date)
        if dates:
            break
    return min(dates, default="")


def _identifiers(work: _Element, levels: list[_Element], doi: str) -> dict[str, str]:
    links = [item for item in work.iterfind("doi_data/collection/item/resource") if item.get("mime_type") == "application/pdf"]
    found = {
        "doi": doi,
        "arxiv": str(identity.arxiv(doi) or ""),
        "issn": next((n for level in levels for e in level.iter("issn") if (n := _outside(e, identity.issn(e.text or "")))), ""),
        "isbn": next((n for level in levels for e in level.iter("isbn") if (n := _outside(e, identity.isbn(e.text or "")))), ""),
        "pdf": (links[0].text or "").strip() if links else "",
    }
    return {scheme: name for scheme, name in found.items() if name}


def _outside(element: _Element, name: str) -> str:
    """`name`, unless it is that of a cited work."""
    parent = element.getparent()
    return "" if parent is not None and parent.tag == "citation" else name


def _details(work: _Element, levels: list[_Element]) -> dict[str, str]:
    first, last = _text([work], "pages/first_page"), _text([work], "pages/last_page")
    licences = [e for level in levels for path in (".//license_ref",) for e in level.iterfind(path)]
    funders = [e for e in work.iter("assertion") if e.get("name") == "funder_name"]
    orcids = [
        f"{_name(p)} = {(p.findtext('ORCID') or '').strip().rpartition('/')[2]}"
        for p in work.iter("person_name")
        if p.find("ORCID") is not None
    ]
    number = work.find("publisher_item/item_number[@item_number_type='article-number']")
    details = {
        "type": _TYPES.get(str(work.tag), str(work.tag).replace("_", "-")),
        "subtype": work.get("type", ""),
        "publisher": _text(levels, "publisher/publisher_name"),
        "volume": _text(levels, "journal_volume/volume", "volume"),
        "issue": _text(levels, "issue"),
        "pages": "-".join(filter(None, (first, last))),
        "article-number": running_text(number),
        "degree": _text([work], "degree"),
        "license": " ".join(dict.fromkeys((e.text or "").strip() for e in licences)),
        "funder": "; ".join(dict.fromkeys(tidy(e.text or "") for e in funders)),
        "orcid": "; ".join(orcids),
        "resource": _text([work], "doi_data/resource"),
    }
    return {name: value for name, value in details.items() if value}


def _updates(work: _Element) -> list[Update]:
    return [Update(running_text(update), update.get("type", "")) for update in work.iterfind("crossmark/updates/update")]


def _reference(citation: _Element) -> str:
    """The best name of a cited work; empty where the entry is a key and nothing else."""
    if name := cited("", doi=running_text(citation.find("doi"))):
        return name
    printed = running_text(citation.find("unstructured_citation"))
    return cited(printed or printed_reference(running_text(citation.find(name)) for name in _REFERENCE))


def _text(levels: list[_Element], *paths: str) -> str:
    """The first text at one of the paths, in the first level that has it."""
    return next((text for level in levels for path in paths if (text := running_text(level.find(path)))), "")
