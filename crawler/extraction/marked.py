"""Which part of a page does the page itself mark as its main part?

Documentation does (`<main>`, ``role=main``, a single `<article>`), is long, and consists of what article extractors take for
clutter: signatures, tables, code, lists of links. It is therefore read whole, without the navigation around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from crawler.extraction.blocks import Line, lines_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TECHNICAL = 5
"""Elements of code from which a page counts as documentation. Of 181 news pages none has a single one."""

_GENERATOR = re.compile(
    r"docutils|sphinx|mkdocs|docusaurus|docbook|doxygen|javadoc|asciidoc|antora|vitepress|vuepress|gitbook|mdbook|rustdoc|readthedocs"
    r"|starlight|hugo-book|pdoc|yard|dokka|texinfo|makeinfo|latex2html|mediawiki|dokuwiki",
    re.IGNORECASE,
)
"""Programs that write documentation and wikis, as they name themselves in <meta name=generator>."""
_CHROME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|navheader|navfooter|sidebar|sphinxsidebar|breadcrumbs?|toc|tableofcontents|related|footer"
    r"|cookies?|share|sharing|social|skip|prevnext|pagination|pager|alt_docs|edit_on_github|printfooter|catlinks)(?:[\s_-]|$)",
    re.IGNORECASE,
)
"""Words in class and id of what surrounds a main part."""
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog"})
_LARGE = 0.5
"""Share of the text from which an element is no surrounding, whatever it is called."""
_WRAPPERS = 20
"""Elements with such a name whose share of the text is looked at; measuring each would take quadratic time on a hostile page."""


def is_documentation(root: HtmlElement) -> bool:
    """Whether the page comes from a documentation tool or holds code."""
    if any(_GENERATOR.search(str(name)[:200]) for name in root.xpath('//meta[@name="generator"]/@content')):
        return True
    return float(root.xpath("count(//pre) + count(//code) + count(//samp) + count(//kbd) + count(//tt)")) >= TECHNICAL


def main_part(root: HtmlElement) -> HtmlElement | None:
    """The element that the page marks as its main part, or None where it marks none or several."""
    for path in ('//main | //*[@role="main"]', '//*[@itemprop="articleBody"]', "//article"):
        found = [element for element in root.xpath(path) if element.get("hidden") is None]
        if found and (len(found) == 1 or all(found[0] is ancestor_of(element, found[0]) for element in found[1:])):
            return found[0]
    return None


def ancestor_of(element: HtmlElement, sought: HtmlElement) -> HtmlElement | None:
    """`sought` if it is an ancestor of the element."""
    return next((ancestor for ancestor in element.iterancestors(sought.tag) if ancestor is sought), None)


def visible_lines(root: HtmlElement) -> list[Line]:
    """What a reader sees of the page or part: navigation and the like left out."""
    return lines_of(root, _surroundings(root))


def _surroundings(root: HtmlElement) -> Callable[[HtmlElement], bool]:
    """A test for navigation, banners and footers inside `root`."""
    total, wrappers = sum(map(len, root.itertext())), 0

    def is_surrounding(element: HtmlElement) -> bool:
        nonlocal wrappers
        if element is root or element.tag in ("body", "html", "main", "article"):
            return False
        if element.get("role") in _ROLES:
            return True
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) == 1 or not _CHROME.search(names[:1000]):
            return False
        wrappers += 1
        return wrappers > _WRAPPERS or sum(map(len, element.itertext())) < _LARGE * total

    return is_surrounding
