"""What does an abstract in JATS markup say, and which headed parts has it?

Publishers give Crossref abstracts with or without namespace, structured by <sec> or by titles between paragraphs, formulae as
MathML, TeX or both. <https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/abstracts/>.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.papers.markup import tidy
from crawler.papers.mathml import name_of
from crawler.papers.outline import Outline
from crawler.papers.running_text import inline, running_text
from crawler.papers.xml_repair import fragment

if TYPE_CHECKING:
    from lxml.etree import _Element

_OWN_TITLE = re.compile(
    r"^\W*(?:abstract|summary|synopsis|résumé|zusammenfassung|resumen|resumo|abstrakt|аннотация)\W*$", re.IGNORECASE
)
"""What is only the name of the whole."""
_BLOCKS = frozenset(
    {"p", "sec", "title", "list", "list-item", "def-list", "disp-formula", "disp-quote", "boxed-text", "fig", "label"}
)
_HELD = frozenset({"list", "def-list", "boxed-text", "disp-quote", "fig", "records", "abstract", "sec"})
"""Elements whose children are blocks themselves."""
_MAX_DEPTH = 20


def read_abstract(source: str | _Element) -> Outline:
    """The abstract as text with sections; `source` is markup or its element."""
    outline = Outline()
    if isinstance(source, str):
        if "<" not in source:
            outline.paragraph(tidy(source))
            return outline
        source = fragment(source)
    _read(source, outline, 0)
    return outline


def marked_up(text: str) -> str:
    """A title or name that may hold markup, as plain text."""
    return running_text(fragment(text)) if "<" in text else tidy(text)


def _read(element: _Element, outline: Outline, level: int) -> None:
    """The blocks of an element; what follows a title belongs to it, up to the next title or section."""
    groups: list[tuple[str, list[_Element]]] = [("", [])]
    run: list[str] = [element.text or ""]

    for child in element:
        if name_of(child) == "title":
            _flush(run, groups)
            title = running_text(child)
            groups.append(("" if _OWN_TITLE.match(title) else title, []))
        elif name_of(child) in _BLOCKS or (name_of(child) == "abstract"):
            _flush(run, groups)
            if name_of(child) == "sec" and groups[-1][0]:
                groups.append(("", []))
            groups[-1][1].append(child)
        else:
            inline(child, run)
        run.append(child.tail or "")
    _flush(run, groups)
    for heading, blocks in groups:
        if heading and blocks:
            with outline.section(heading, level + 1):
                _write(blocks, outline, level + 1)
        else:
            outline.paragraph(heading)
            _write(blocks, outline, level)


def _flush(run: list[str], groups: list[tuple[str, list[_Element]]]) -> None:
    """Text between blocks becomes a block."""
    from lxml import etree

    if text := tidy("".join(run)):
        paragraph = etree.Element("p")
        paragraph.text = text
        groups[-1][1].append(paragraph)
    run.clear()


def _write(blocks: list[_Element], outline: Outline, level: int) -> None:
    for block in blocks:
        if name_of(block) in _HELD and level < _MAX_DEPTH:
            _read(block, outline, level)
        else:
            outline.paragraph(running_text(block))
