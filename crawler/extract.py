"""What does this HTML page say, and who says so?

Documentation is read whole from the part that the page marks as its main part; articles and threads through trafilatura, checked
against resiliparse; what neither finds is taken from the visible text. Nothing is fetched and no script is run.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.errors import ExtractionError
from crawler.extraction.article import MAX_ARTICLE_DEPTH, MAX_ARTICLE_ELEMENTS, MAX_ARTICLE_HTML, article_lines
from crawler.extraction.blocks import Line, lines_of, plain_lines
from crawler.extraction.dates import published_of
from crawler.extraction.marked import is_documentation, main_part, visible_lines
from crawler.extraction.metadata import MAX_TITLE, authors_of, language_of, site_of, statements, title_of
from crawler.extraction.page import PageTree, flat_text, parse
from crawler.extraction.sections import text_and_sections
from crawler.extraction.witness import Witness
from indexer.document import Section

__all__ = ["MAX_TITLE", "SHORT", "Extracted", "extract"]

SHORT = 250
"""Characters of main text below which trafilatura itself is unsure and strings fragments together (its MIN_EXTRACTED_SIZE);
the visible text reads better, and is taken unless it is much longer, which means that there is more than the text around."""

MAX_DATED = 3_000
"""Elements of a page up to which a date is looked for in its text. Articles have fewer (1,596 at most of 181); in a manual such a
date is that of an example or a build, and looking for it takes a third of the time."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The readable part of one HTML page."""

    title: str
    """Plain text on one line, without the site's name; empty where the page names none."""
    text: str
    """Main text, a line per paragraph, heading or table row; code as it stands. Never empty; begins below the title."""
    authors: tuple[str, ...] = ()
    """Names as the page gives them."""
    published: str = ""
    """ISO 8601 date of first publication at the precision that is known, or empty."""
    date_confidence: str = ""
    """Where the date was found: ``meta``, ``url`` or ``text``, from sure to doubtful; empty without a date."""
    language: str = ""
    """ISO 639-1 code that the page declares, or empty."""
    site_name: str = ""
    """Name of the site as the page gives it; empty where it gives none."""
    sections: tuple[Section, ...] = ()
    """Headed parts; ``text[start:end]`` begins with the heading, which is a line of its own."""


def extract(html: bytes, url: str, encoding: str | None = None) -> Extracted:
    """The main text and metadata of a page; `encoding` is the charset the server declared, if any.

    Raises ExtractionError where there is no text (an empty body, scripts only, binary data) or more than a page may have.
    """
    name = url or "page"
    page = parse(html, name, encoding)
    stated = statements(page.root)
    site = site_of(stated)
    title = title_of(page.root, stated, site)
    date, confidence = published_of(page.root, stated, url, search=page.elements <= MAX_DATED)
    authors, language = authors_of(page.root, stated, site), language_of(page.root, stated)
    text, sections = text_and_sections(_lines(page), title)
    if not text:
        raise ExtractionError(f"no text in {name}")
    return Extracted(title, text, authors, date, confidence, language, site, sections)


def _lines(page: PageTree) -> list[Line]:
    """The main part, by the first way that suits the page."""
    if page.cut:
        return plain_lines(flat_text(page.markup))
    part = main_part(page.root)
    visible_part = page.root if part is None else part
    if _heavy(page):
        return visible_lines(visible_part) or lines_of(page.root)
    if is_documentation(page.root) and (lines := visible_lines(visible_part)):
        return lines
    article, witness = article_lines(page.root), Witness(page.root)
    lines = witness.agreed(article if article and not witness.misses(article) else visible_lines(page.root))
    if (size := _size(lines)) < SHORT:
        visible = visible_lines(visible_part) or visible_lines(page.root)
        if not lines or _size(visible) <= 2 * size:
            lines = visible
    return lines or article


def _heavy(page: PageTree) -> bool:
    """Whether the page is too large for extractors that take time for every element several times."""
    return len(page.markup) > MAX_ARTICLE_HTML or page.elements > MAX_ARTICLE_ELEMENTS or page.depth > MAX_ARTICLE_DEPTH


def _size(lines: list[Line]) -> int:
    return sum(len(line.text) + 1 for line in lines)
