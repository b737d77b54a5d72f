"""Which part of a page is the article or the thread?

trafilatura decides, in its fast mode and in favour of recall: the best of what was measured (crawler/README.md, Extraction).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction.blocks import Line, lines_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ARTICLE_HTML = 3_000_000
"""Characters of markup above which trafilatura is not asked: it takes about a second for each million."""
MAX_ARTICLE_ELEMENTS = 20_000
MAX_ARTICLE_DEPTH = 100
"""Elements, and elements in each other, above which it is not asked: it looks at what lies deep once for each level."""

_HTML_NAMES = {
    "item": "li",
    "row": "tr",
    "cell": "td",
    "lb": "br",
    "quote": "blockquote",
    "hi": "span",
    "list": "ul",
    "ref": "span",
}
"""trafilatura's TEI-like names for what HTML has names for."""


def article_lines(root: HtmlElement) -> list[Line]:
    """The lines of the main part; empty where trafilatura finds none."""
    import trafilatura

    try:
        found = trafilatura.bare_extraction(root, fast=True, favor_recall=True, include_comments=False, with_metadata=False)
    except Exception:  # noqa: BLE001 - on odd pages it raises what comes; other ways to read them remain
        return []
    if found is None or isinstance(found, dict) or found.body is None:
        return []
    for element in found.body.iter():
        if (name := _html_name(element)) != element.tag:  # a name from broken markup cannot be set, not even to itself
            element.tag = name
    return lines_of(found.body)


def _html_name(element: HtmlElement) -> str:
    if element.tag == "head":
        rend = element.get("rend") or ""
        return rend if rend in ("h1", "h2", "h3", "h4", "h5", "h6") else "h2"
    if element.tag == "code" and "\n" in "".join(element.itertext()).strip():
        return "pre"
    tag = str(element.tag)
    return _HTML_NAMES.get(tag, tag)
