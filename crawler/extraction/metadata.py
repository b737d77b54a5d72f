"""Who says a page is what: title, authors, site, language?

Only what the page states in its metadata or marks as such: Open Graph (https://ogp.me), JSON-LD and microdata
(https://schema.org), Dublin Core, the ``citation_`` names of scholarly pages, `rel=author`. Nothing is guessed from the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.extraction.blocks import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_TITLE = 500
"""Characters of a title; the rest is cut at a word."""
MAX_AUTHORS = 200
MAX_NAME = 120
"""Characters of an author's or a site's name; longer ones are sentences."""
MAX_JSON = 500_000
"""Characters of one JSON-LD script."""
MAX_NODES = 5_000
"""Objects and lists of JSON-LD that are looked at on one page."""

_AUTHOR_NAMES = (
    "citation_author",
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
)
_SITE_NAMES = ("og:site_name", "application-name", "citation_journal_title")
_ARTICLE = re.compile(r"Article|Posting|Report|Page|CreativeWork|Review|Recipe|Dataset|Guide|Answer|Question|Book")
"""schema.org types that are, or are the container of, what the page says."""
_BYLINE = re.compile(r"^(?:by|von|par|por|di|door|av|af)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*;\s*|\s*\|\s*|\s+(?:and|und|et|y|&)\s+|,\s+(?=[^\s,]+\s+[^\s,])")
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|[<>{}]|\b(?:admin|administrator|editor|staff|unknown|anonymous|undefined|null)$", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s+[|–—·•»«:/-]{1,2}\s+|\s*(?:\||::|»|«)\s*")
_LANGUAGE = re.compile(r"^\s*([A-Za-z]{2})(?:[-_]|\s*$)")


@dataclass(frozen=True, slots=True)
class Statements:
    """What a page's metadata states, by name."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    """Contents of <meta>, by name, property or itemprop in lower case."""
    items: tuple[dict[str, object], ...] = ()
    """JSON-LD objects whose type is that of a page or article."""


def statements(root: HtmlElement) -> Statements:
    """All <meta> elements and JSON-LD objects."""
    meta: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = one_line(element.get("content") or "")
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if name and content:
            meta.setdefault(name.strip().lower(), []).append(content)
    return Statements(meta, tuple(_json_objects(root)))


def title_of(root: HtmlElement, stated: Statements, site: str) -> str:
    """og:title or <title> without the name of the site, else the first heading; empty where there is none."""
    headings = [text for h1 in root.iter("h1") if (text := one_line("".join(h1.itertext()).rstrip("¶# \n")))][:5]
    candidates = [*stated.meta.get("og:title", ()), *(one_line("".join(title.itertext())) for title in root.iter("title"))]
    title = next((text for candidate in candidates if (text := _without_site(candidate, site, headings))), "")
    if not title:
        seconds = (one_line("".join(h2.itertext())) for h2 in root.iter("h2"))
        title = headings[0] if headings else next(filter(None, seconds), "")
    return title if len(title) <= MAX_TITLE else title[:MAX_TITLE].rsplit(" ", 1)[0]


def site_of(stated: Statements) -> str:
    """The site's name as the page gives it, or empty."""
    named = [name for key in _SITE_NAMES for name in stated.meta.get(key, ())]
    named += [name for item in stated.items for name in _names(item.get("publisher"))]
    return next((name for name in named if len(name) <= MAX_NAME and not _NO_NAME.search(name)), "")


def authors_of(root: HtmlElement, stated: Statements, site: str) -> tuple[str, ...]:
    """Names from the first of: JSON-LD, <meta>, microdata, rel=author."""
    sources: Iterator[list[str]] = iter(
        [
            [name for item in stated.items for name in _names(item.get("author"))],
            *([stated.meta.get(name, []) for name in _AUTHOR_NAMES]),
            _texts(root.xpath('//*[@itemprop="author"]//*[@itemprop="name"]')) or _texts(root.xpath('//*[@itemprop="author"]')),
            _texts(root.xpath('//a[@rel="author"]')),
        ]
    )
    for source in sources:
        split = len(source) == 1
        names = (name for text in source for name in (_BETWEEN.split(_BYLINE.sub("", text)) if split else [text]))
        if people := [name for name in dict.fromkeys(map(_name, names)) if name and name.casefold() != site.casefold()]:
            return tuple(people[:MAX_AUTHORS])
    return ()


def language_of(root: HtmlElement, stated: Statements) -> str:
    """From <html lang>, else the metadata: `en-GB` is ``en``; three-letter codes are left out."""
    declared = [root.get("lang") or "", root.get("xml:lang") or ""]
    for name in ("content-language", "language", "dc.language", "og:locale"):
        declared += stated.meta.get(name, ())
    declared += [value for item in stated.items if isinstance(value := item.get("inLanguage"), str)]
    codes = (_LANGUAGE.match(value) for value in declared)
    return next((code.group(1).lower() for code in codes if code), "")


def _without_site(title: str, site: str, headings: list[str]) -> str:
    """The title; without the site's name at either end, and without what surrounds a heading of the page in it."""
    for heading in headings:
        if len(heading) >= 3 and heading in title and heading != title:
            before, _, after = title.partition(heading)
            if (not before or _SEPARATOR.search(before[-3:])) and (not after or _SEPARATOR.match(after)):
                return heading
    cuts = list(_SEPARATOR.finditer(title))
    if cuts and site:
        if title[cuts[-1].end() :].casefold() == site.casefold():
            return title[: cuts[-1].start()]
        if title[: cuts[0].start()].casefold() == site.casefold():
            return title[cuts[0].end() :]
    return title


def _name(text: str) -> str:
    name = _BYLINE.sub("", one_line(text)).strip(" ,.|·-")
    return "" if not 2 <= len(name) <= MAX_NAME or _NO_NAME.search(name) else name


def _texts(elements: Iterable[HtmlElement]) -> list[str]:
    texts = (one_line(element.get("content") or "".join(element.itertext())) for element in list(elements)[:MAX_AUTHORS])
    return [text for text in texts if text]


def _names(value: object) -> list[str]:
    """Names of people or organisations in JSON-LD: a string, an object with `name`, or a list of them."""
    values = value[:MAX_AUTHORS] if isinstance(value, list) else [value]
    names = (v.get("name") if isinstance(v, dict) else v for v in values)
    flat = (part for name in names for part in (name if isinstance(name, list) else [name]))
    return [line for name in flat if isinstance(name, str) and (line := one_line(name))]


def _json_objects(root: HtmlElement) -> Iterator[dict[str, object]]:
    import orjson

    waiting: list[object] = []
    for script in root.xpath('//script[contains(@type, "ld+json")]'):
        text = "".join(script.itertext())
        if len(text) <= MAX_JSON:
            try:
                waiting.append(orjson.loads(text.replace("\n", " ").replace("\r", " ").replace("\t", " ").strip().rstrip(";")))
            except orjson.JSONDecodeError:
                continue
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node[:MAX_NODES]
        elif isinstance(node, dict):
            if _ARTICLE.search(str(node.get("@type"))[:200]):
                yield node
            waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node]
