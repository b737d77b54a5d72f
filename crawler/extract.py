"""What does this HTML page say, and who says so?

trafilatura finds the main text and the metadata; where it finds nothing (a list of links, a table, a stub) or the page
is very large, the visible text of the body is taken instead. Nothing is fetched and no script is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_TRAFILATURA = 4_000_000
"""Bytes of HTML above which only the plain text is taken: trafilatura takes about a second a megabyte."""
SHORT = 250
"""Characters of main text below which trafilatura itself is unsure and strings fragments together (its MIN_EXTRACTED_SIZE);
the visible text reads better, and is taken unless it is much longer, which means that there is more than the text around."""
MAX_TITLE = 500
"""Characters of a title; the rest is cut at a word."""

_UNSEEN = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "nav",
        "footer",
        "form",
        "button",
    }
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
    }
    | {"mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)
"""Elements that do not break a line; every other one does."""
_SPACES = re.compile(r"\s+")
_LANGUAGE = re.compile(r"^\s*([A-Za-z]{2})(?:[-_]|\s*$)")
_DATE = re.compile(r"^\d{4}(-\d\d(-\d\d)?)?$")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The readable part of one HTML page."""

    title: str
    """Plain text on one line; empty where the page names none."""
    text: str
    """Main text, a line per paragraph, never empty; the title is not repeated at its head."""
    authors: tuple[str, ...] = ()
    """Names as the page gives them."""
    published: str = ""
    """ISO 8601 date of first publication, or empty."""
    language: str = ""
    """ISO 639-1 code that the page declares, or empty."""
    site_name: str = ""
    """Name of the site as the page gives it, or its host; empty for a page without an address."""


def extract(html: bytes, url: str, encoding: str | None = None) -> Extracted:
    """The main text and metadata of a page; `encoding` is the charset the server declared, if any.

    Raises ExtractionError where there is no text: an empty body, scripts only, binary data.
    """
    try:
        markup = decode(html, encoding, markup=True)
    except DecodeError as error:
        raise ExtractionError(f"no text in {url or 'page'}: {error}") from error
    tree = _parse(markup)
    if tree is None:
        raise ExtractionError(f"no text in {url or 'page'}: empty document")
    title, language = _title(tree), _language(tree)
    found = _main_text(tree, url) if len(html) <= MAX_TRAFILATURA else None
    if found is None or len(found.text) < SHORT:
        whole = _parse(markup)  # again: trafilatura takes a tree apart
        visible = _visible_text(whole) if whole is not None else ""
        if found is None or len(visible) <= 2 * len(found.text):
            found = replace(found or Extracted("", ""), text=visible)
    title = found.title or title
    text = _without_title(found.text, title)
    if not text:
        raise ExtractionError(f"no text in {url or 'page'}")
    return replace(found, title=title, text=text, language=language)


def _parse(markup: str) -> HtmlElement | None:
    """The document's root, or None where there is no element at all."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(markup.replace("\0", "").encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _main_text(tree: HtmlElement, url: str) -> Extracted | None:
    """What trafilatura finds, or None."""
    import trafilatura

    dates = {"original_date": True, "extensive_search": False, "max_date": datetime.now(UTC).strftime("%Y-%m-%d")}
    try:
        found = trafilatura.bare_extraction(
            tree, url=url or None, with_metadata=True, include_comments=False, date_extraction_params=dates
        )
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):  # on odd pages; the plain text remains
        return None
    assert not isinstance(found, dict), "as_dict was not asked for"
    if found is None or not (text := _tidy(found.text or "")):
        return None
    return Extracted(
        title=_one_line(found.title or ""),
        text=text,
        authors=tuple(name for part in (found.author or "").split(";") if (name := _one_line(part))),
        published=found.date if found.date and _DATE.match(found.date) else "",
        site_name=_one_line(found.sitename or ""),
    )


def _title(tree: HtmlElement) -> str:
    """<title>, else the first heading, else empty."""
    for path in ("//head/title", "//title", "//h1", "//h2"):
        for element in tree.xpath(path):
            if title := _one_line("".join(element.itertext())):
                return title
    return ""


def _language(tree: HtmlElement) -> str:
    """From <html lang>, else <meta http-equiv=content-language>: `en-GB` is ``en``; three-letter codes are left out."""
    declared = [tree.get("lang") or "", tree.get("xml:lang") or ""]
    declared += [str(value) for value in tree.xpath('//meta[contains(@http-equiv, "anguage")]/@content')]
    codes = (_LANGUAGE.match(value) for value in declared)
    return next((code.group(1).lower() for code in codes if code), "")


def _visible_text(tree: HtmlElement) -> str:
    """All text a reader would see, block elements on lines of their own; navigation and forms left out."""
    for element in list(tree.iter(*_UNSEEN)):
        if element.getparent() is not None:
            element.drop_tree()
    parts: list[str] = []
    for event, element in _walk(tree):
        if element.tag not in _INLINE:
            parts.append("\n")
        parts.append(_SPACES.sub(" ", (element.text if event == "start" else element.tail) or ""))
    return _tidy("".join(parts))


def _walk(tree: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """Start and end of every element in document order."""
    from lxml import etree

    walk: Iterator[tuple[str, HtmlElement]] = etree.iterwalk(tree, events=("start", "end"))
    return walk


def _tidy(text: str) -> str:
    """Single spaces, no empty lines, no blanks at the ends of lines."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE else line[:MAX_TITLE].rsplit(" ", 1)[0]


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest if rest and title and first.casefold() == title.casefold() else text
