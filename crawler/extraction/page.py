"""Which tree do these bytes hold, and is it small enough to work on?

Nothing is fetched, no entity is loaded, comments and processing instructions are dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_HTML = 20_000_000
"""Bytes of one page; a longer one is a dump. The largest page of the documentation measured has 1.9 MB."""
MAX_ELEMENTS = 500_000
"""Elements of one page."""
MAX_DEPTH = 255
"""Nested elements; libxml2 stops reading a page at 256."""
MAX_ATTRIBUTES = 1_000
"""Attributes of one element; with more it is read without any, for libxml2 takes time quadratic in their number."""
_FEW = 20_000
"""Characters of markup in which attributes cannot be many enough to matter."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NO_CHARACTER = re.compile(
    r"&#(?:x0*+(?:[0-8bcef]|1[0-9a-f]|7f|d[89a-f][0-9a-f]{2}|fff[ef])|0*+(?:[0-8]|1[124-9]|2\d|3[01]|127))(?![0-9a-f])",
    re.IGNORECASE,
)
"""References to what no text may hold: controls and halves of surrogate pairs."""
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_CROWDED = re.compile(rf"<([a-zA-Z][^\s/>]*+)(?:{_ATTRIBUTE}){{{MAX_ATTRIBUTES},}}+")

_SILENT = re.compile(r"<(script|style|noscript|template|head|svg)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(
    r"</?(?:p|div|br|li|tr|td|th|h[1-6]|section|article|blockquote|pre|ul|ol|dl|dt|dd|table)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


@dataclass(frozen=True, slots=True)
class PageTree:
    """A parsed page."""

    root: HtmlElement
    """The <html> element; functions that change it take a copy."""
    markup: str
    elements: int
    """Elements in the tree."""
    depth: int
    """Elements that lie in each other, at most."""

    @property
    def cut(self) -> bool:
        """Whether the page nests deeper than MAX_DEPTH, so that the tree ends early; flat_text has it all."""
        return self.depth > MAX_DEPTH


def parse(html: bytes, name: str, encoding: str | None = None) -> PageTree:
    """The tree of a page; `encoding` is the charset that the server declared, if any, and `name` is for messages.

    Raises ExtractionError on what is too large, binary or empty.
    """
    from lxml import etree
    from lxml import html as lxml_html

    if len(html) > MAX_HTML:
        raise ExtractionError(f"no text in {name}: page has {len(html):,} bytes, the limit is {MAX_HTML:,}")
    try:
        markup = decode(html, encoding, markup=True)
    except DecodeError as error:
        raise ExtractionError(f"no text in {name}: {error}") from error
    markup = _NO_CHARACTER.sub(" ", _CONTROLS.sub(" ", markup))
    if (tags := markup.count("<")) > 3 * MAX_ELEMENTS:  # before they cost memory; half of them are end tags, some are in scripts
        raise ExtractionError(f"no text in {name}: page has {tags:,} tags, {MAX_ELEMENTS:,} elements are the limit")
    if len(markup) > _FEW:
        markup = _CROWDED.sub(r"<\1", markup)
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(markup.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ExtractionError(f"no text in {name}: empty document") from error
    elements, depth = _measure(root)
    if elements > MAX_ELEMENTS:
        raise ExtractionError(f"no text in {name}: page has {elements:,} elements, the limit is {MAX_ELEMENTS:,}")
    return PageTree(root, markup, elements, depth)


def flat_text(markup: str) -> str:
    """All text between the tags of a page whatever their nesting; a new line where a block begins or ends."""
    seen = _BREAK.sub("\n", _SILENT.sub("\n", markup))
    return unescape(_TAG.sub("", seen))


def _measure(root: HtmlElement) -> tuple[int, int]:
    """Elements and depth, without recursion."""
    from lxml import etree

    elements = depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            elements += 1
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return elements, deepest
