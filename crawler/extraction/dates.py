"""When was a page published, and how sure is that?"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from crawler.extraction.metadata import Statements

if TYPE_CHECKING:
    from lxml.html import HtmlElement

EARLIEST = 1990
"""Year of the first web page; scholarly pages name the year of the work, which may be earlier (``citation_``)."""

_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "publishdate",
    "publication_date",
    "date",
)
"""Names of <meta> that state the first publication, most reliable first."""
_ISO = re.compile(r"^\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)")
_COMPACT = re.compile(r"^\s*(\d{4})(\d\d)(\d\d)(?!\d)")
_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])(?:[/-](0?[1-9]|[12]\d|3[01]))?(?=[/_-]|$)")
_WRITTEN = re.compile(r"\b(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})\b|\b([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})\b")
_MONTHS = {
    name: i for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}


class Published(NamedTuple):
    """A date and where it was found."""

    date: str = ""
    """ISO 8601 at the precision that is known; empty where no date was found."""
    confidence: str = ""
    """``meta``: the page's metadata states it; ``url``: it is in the address; ``text``: it is printed on the page, perhaps as the
    date of something else; empty where there is no date."""


def published_of(root: HtmlElement, stated: Statements, url: str, *, search: bool = True) -> Published:
    """The date of first publication; with `search` off, the page's text is not looked at."""
    for value in _stated(root, stated):
        if found := _iso(value):
            return Published(found, "meta")
    if in_path := _IN_PATH.search(urlsplit(url).path if url else ""):
        year, month, day = in_path.groups()
        if found := _checked(int(year), int(month), int(day or 0)):
            return Published(found, "url")
    if search and (found := _iso(_printed(root))):
        return Published(found, "text")
    return Published()


def _stated(root: HtmlElement, stated: Statements) -> list[str]:
    values = [value for item in stated.items if isinstance(value := item.get("datePublished"), str)]
    values += [value for name in _META for value in stated.meta.get(name, ())]
    marked = root.xpath('//*[@itemprop="datePublished"] | //time[@pubdate and @datetime]')
    return values + [element.get("datetime") or element.get("content") or "" for element in marked[:10]]


def _printed(root: HtmlElement) -> str:
    """What htmldate finds in <time>, bylines and the like; empty where it finds nothing or fails."""
    from htmldate import find_date

    try:
        return find_date(deepcopy(root), original_date=True, extensive_search=False, max_date=_latest().isoformat()) or ""
    except Exception:  # noqa: BLE001 - on odd pages it raises what comes; a page may be without a date
        return ""


def _iso(text: str) -> str:
    """The date at the head of a text: ISO 8601, year first with other separators, or written in English."""
    text = text[:100]
    if found := _COMPACT.match(text) or _ISO.match(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return _checked(year, month, day)
    if found := _WRITTEN.search(text):
        month_name = str(found[2] or found[4])
        return _checked(int(found[3] or found[6]), _MONTHS.get(month_name.lower(), 99), int(found[1] or found[5]))
    return ""


def _checked(year: int, month: int, day: int) -> str:
    """The date if there was such a day, the web was there, and it is not in the future; else empty."""
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return ""
    if year < EARLIEST or first > _latest():
        return ""
    return first.isoformat()[: 10 if day else 7 if month else 4]


def _latest() -> date:
    """Tomorrow: somewhere on Earth it is already."""
    return (datetime.now(UTC) + timedelta(days=1)).date()
