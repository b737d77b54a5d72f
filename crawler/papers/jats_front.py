"""Who wrote an article, where and when, and was it withdrawn?

The ``<front>`` of a JATS article. A retraction, correction or expression of concern is an article of its own that points at
another one; only the article that is pointed at is marked, where its publisher or PMC has added the link back
(``retraction-forward``). <https://jats.nlm.nih.gov/publishing/tag-library/1.4/attribute/related-article-type.html>
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.merging import identity
from crawler.papers.cited import cited
from crawler.papers.dates import checked_iso, iso_date
from crawler.papers.language import language_code
from crawler.papers.running_text import running_text

if TYPE_CHECKING:
    from lxml.etree import _Element

HREF = "{http://www.w3.org/1999/xlink}href"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_BEFELL = {
    "retraction-forward": "retraction",
    "retraction": "retraction",
    "removal-forward": "retraction",
    "withdrawal-forward": "retraction",
    "partial-retraction-forward": "partial-retraction",
    "correction-forward": "erratum",
    "correction": "erratum",
    "erratum": "erratum",
    "corrigendum": "erratum",
    "concern-forward": "concern",
    "expression-of-concern-forward": "concern",
    "expression-of-concern": "concern",
    "expression of concern": "concern",
}
"""related-article-type of what befell the article -> kind of notice; read on articles that are no notice themselves."""
_ABOUT = {
    "retracted-article": "retraction_of",
    "removed-article": "retraction_of",
    "withdrawn-article": "retraction_of",
    "partial-retraction": "retraction_of",
    "partially-retracted-article": "retraction_of",
    "corrected-article": "erratum_for",
    "object-of-concern": "concern_about",
    "commentary-article": "comment_on",
    "peer-reviewed-article": "review_of",
    "peer-reviewed-material": "review_of",
    "addended-article": "addendum_to",
    "updated-article": "update_of",
    "preprint": "preprint",
    "companion": "companion",
}
"""related-article-type of what the article is about -> name among the details."""
_NAMES = ("name", "string-name", "collab", "anonymous")
_EAST_ASIAN = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Kana, Han and Hangul: family names first, nothing between the two."""
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u2c00-\ua71f\ua840-\uabff\uac00-\ud7af\uf900-\ufaff]")
"""Letters that are not Latin."""
_NOTICE_TYPES = re.compile(r"retraction|correct|errat|corrigend|concern|addendum|withdrawal|removal", re.IGNORECASE)
_RETRACTED_TITLE = re.compile(r"^\W*(?:retracted|withdrawn|removed)(?: article| paper)?\W*[:\]\-–—.]", re.IGNORECASE)
_DATE_ORDER = ("epub", "pub", "epub-ppub", "epreprint", "preprint", "ppub", "collection", "epub-original", "")
_ISSUED = frozenset(_DATE_ORDER)


@dataclass(frozen=True, slots=True)
class Front:
    """What an article says of itself."""

    title: str
    """On one line; empty where the article has none."""
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    venue: str
    published: str
    """ISO 8601, or empty."""
    language: str
    identifiers: dict[str, str]
    retracted: bool | None
    notices: tuple[str, ...]
    details: dict[str, str]


def read_front(article: _Element) -> Front:
    """The front of an article whose names are simplified (no namespaces, lower case)."""
    meta = article.find("front/article-meta")
    meta = meta if meta is not None else article.find("front-stub")
    kind = article.get("article-type", "")
    if meta is None:  # a body without a front
        return Front(
            "", (), (), "", "", language_code(article.get(LANG, "")), {}, None, (), {"article_type": kind} if kind else {}
        )
    title = _title(meta)
    notice = bool(_NOTICE_TYPES.search(kind)) and kind != "corrected-article"
    befell, about = _related(meta, notice)
    marked = not notice and (kind in ("retracted-article", "retracted") or bool(_RETRACTED_TITLE.match(title)))
    return Front(
        title=title,
        authors=tuple(_people(meta, "author")),
        editors=tuple(_people(meta, "editor")),
        venue=_first(
            article,
            "front/journal-meta//journal-title",
            "front/journal-meta/journal-id",
            "front/journal-meta//abbrev-journal-title",
        ),
        published=_published(meta),
        language=language_code(article.get(LANG, "")),
        identifiers=_identifiers(article, meta),
        retracted=True if marked or any(n.startswith("retraction:") for n in befell) else None,
        notices=befell,
        details=_details(article, meta, kind) | about,
    )


def _title(meta: _Element) -> str:
    title = running_text(meta.find("title-group/article-title"), without=("fn", "xref"))
    subtitle = running_text(meta.find("title-group/subtitle"), without=("fn", "xref"))
    if not title:  # a review without a title has the title of what it reviews
        title = _first(meta, "product/article-title", "product/source", "title-group/trans-title-group/trans-title", "product")
    return f"{title.rstrip(':')}: {subtitle}" if title and subtitle else title or subtitle


def _people(meta: _Element, kind: str) -> Iterable[str]:
    """Authors or editors in the order of the byline; members of a group are not listed beside it."""
    for contrib in meta.iterfind(".//contrib"):
        if any(parent.tag in ("collab", "sub-article", "related-article") for parent in contrib.iterancestors()):
            continue
        group = contrib.getparent()
        role = contrib.get("contrib-type") or (group.get("content-type", "") if group is not None else "") or "author"
        if ("editor" in role if kind == "editor" else role.rstrip("s") in ("author", "collab", "group", "person")) and (
            name := person(contrib)
        ):
            yield name


def person(contrib: _Element) -> str:
    """``Given Family Suffix``, or the name of a group; of several spellings the one in the article's language, else in Latin."""
    found = [e for e in contrib.iter(*_NAMES) if e is not contrib]
    element = next(iter(found), None)
    if element is not None and (parent := element.getparent()) is not None and parent.tag == "name-alternatives":
        element = min((e for e in found if e.getparent() is parent), key=lambda e: _rank(e, _language_of(contrib)))
    if element is None:
        return running_text(contrib.find("name-alternatives/*"))
    if element.tag == "anonymous":
        return "Anonymous"
    if element.tag == "collab":
        return running_text(element, without=("contrib-group", "aff", "xref", "email", "ext-link", "fn"))
    return name_in(element)


def name_in(name: _Element) -> str:
    """A ``<name>`` or ``<string-name>``."""
    given, surname, suffix = (running_text(name.find(tag)) for tag in ("given-names", "surname", "suffix"))
    if name.get("name-style") == "eastern" and given and surname and _EAST_ASIAN.search(surname):
        return " ".join(filter(None, (f"{surname}{given}", suffix)))
    parts = [given, surname, suffix]
    return " ".join(filter(None, parts)) if any(parts[:2]) else running_text(name)


def _language_of(element: _Element) -> str:
    """The language of the article that the element belongs to, ``en``; empty where it tells none."""
    return next((language_code(e.get(LANG, "")) for e in element.iterancestors() if e.get(LANG)), "")


def _rank(name: _Element, language: str) -> int:
    """Smaller is better: the article's language, then Latin script, then the others as they stand."""
    own = language_code(name.get(LANG, ""))
    if own and own == language:
        return 0
    return 1 if not _OTHER_SCRIPT.search(running_text(name)) else 2


def _published(meta: _Element) -> str:
    """The earliest way of publication that has the most precise date; dates of review and of the archive do not count."""
    best = ""
    dates: dict[str, str] = {}
    for date in meta.iterfind("pub-date"):
        kind = date.get("pub-type") or date.get("date-type") or ""
        found = iso_date(_first(date, "year"), _first(date, "month"), _first(date, "day"))
        found = found or checked_iso(date.get("iso-8601-date", "")) or iso_date(_first(date, "string-date"))
        if kind in _ISSUED and found:
            dates.setdefault(kind, found)
    for kind in _DATE_ORDER:
        if (found := dates.get(kind, "")) and len(found) > len(best):
            best = found
    return best or iso_date(_first(meta, "permissions/copyright-year", "copyright-year"))


def _identifiers(article: _Element, meta: _Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in meta.iterfind("article-id"):
        kind, value = element.get("pub-id-type", ""), running_text(element)
        if kind == "doi" and (doi := identity.doi(value)):
            found.setdefault("doi", doi)
        elif kind in ("pmc", "pmcid") and (pmcid := identity.pmcid(value)):
            found.setdefault("pmcid", pmcid)
        elif kind == "pmid" and (pmid := identity.pmid(value)):
            found.setdefault("pmid", pmid)
        elif kind == "arxiv" and (arxiv := identity.arxiv(value)):
            found.setdefault("arxiv", str(arxiv))
    if issn := _first(article, "front/journal-meta/issn-l", "front/journal-meta/issn"):
        found["issn"] = issn
    if isbn := _first(meta, "isbn"):
        found["isbn"] = isbn
    return found


def _related(meta: _Element, notice: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    """Notices about this article, and the articles that it is about."""
    befell: list[str] = []
    about: dict[str, list[str]] = {}
    for link in [*meta.iterfind("related-article"), *meta.iterfind("related-object")]:
        kind = (link.get("related-article-type") or link.get("link-type") or "").lower()
        href, title = link.get(HREF, "").removeprefix("info:doi/"), running_text(link)
        is_pmid = link.get("ext-link-type") in ("pmid", "pubmed")
        target = cited(title, doi=href, pmid=href if is_pmid else "") if identity.doi(href) or is_pmid else cited(title) or href
        if kind in _BEFELL and not notice:
            befell.append(f"{_BEFELL[kind]}:{target}" if target else "")
        elif kind in _ABOUT and target:
            about.setdefault(_ABOUT[kind], []).append(target)
    return tuple(dict.fromkeys(filter(None, befell))), {name: "; ".join(targets) for name, targets in about.items()}


def _details(article: _Element, meta: _Element, kind: str) -> dict[str, str]:
    pages = "-".join(filter(None, (_first(meta, "fpage"), _first(meta, "lpage"))))
    license_ = meta.find("permissions/license")
    details = {
        "article_type": kind,
        "volume": _first(meta, "volume"),
        "issue": _first(meta, "issue"),
        "pages": pages or _first(meta, "elocation-id"),
        "publisher": _first(article, "front/journal-meta/publisher/publisher-name"),
        "publisher_id": _first(meta, "article-id[@pub-id-type='publisher-id']"),
        "subjects": "; ".join(dict.fromkeys(_texts(meta, "article-categories//subject"))),
        "keywords": "; ".join(dict.fromkeys(_texts(meta, "kwd-group//kwd"))),
        "license": (license_.get(HREF, "") or running_text(license_)[:300]) if license_ is not None else "",
        "funding": running_text(meta.find("funding-group/funding-statement")),
    }
    return {name: value for name, value in details.items() if value}


def _texts(element: _Element, path: str) -> list[str]:
    return [text for child in element.iterfind(path) if (text := running_text(child))]


def _first(element: _Element, *paths: str) -> str:
    """The first of the paths that holds text."""
    return next((text for path in paths for text in _texts(element, path)), "")
