"""What does an article say from its abstract to its last note?

Abstracts first, then the body, then acknowledgements, appendices, glossaries, notes, floating figures and tables, and the letters
and replies that were published with it. Captions stand where their figure does, a table is a line for each row, a displayed
formula a line of its own. The reference list is left out: ``Document.references`` has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crawler.papers.jats_front import LANG
from crawler.papers.markup import tidy
from crawler.papers.mathml import name_of
from crawler.papers.outline import Outline
from crawler.papers.running_text import inline, running_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_ABSTRACTS = {
    "": "Abstract",
    "summary": "Summary",
    "toc": "In brief",
    "short": "In brief",
    "teaser": "In brief",
    "web-summary": "In brief",
    "precis": "In brief",
    "graphical": "Graphical abstract",
    "key-points": "Key points",
    "plain-language-summary": "Plain-language summary",
    "executive-summary": "Executive summary",
    "editor": "Editors' summary",
    "editors-summary": "Editors' summary",
    "synopsis": "Synopsis",
    "patient": "Patient summary",
}
"""abstract-type -> heading of an abstract that has no title of its own."""
_BACK = {
    "ack": "Acknowledgements",
    "glossary": "Glossary",
    "fn-group": "Notes",
    "notes": "Notes",
    "app": "Appendix",
    "bio": "Biography",
}
"""Parts of <back> -> their heading where they have none."""
_NOT_TEXT = frozenset(
    {"ref-list", "title", "label", "sec-meta", "object-id", "graphic", "media", "permissions", "attrib", "kwd-group"}
)
_CAPTIONED = (
    *("fig", "table-wrap", "supplementary-material", "chem-struct-wrap", "media-wrap"),
    *("fig-group", "table-wrap-group"),
)
_ROW_SEPARATOR = " | "


def read_body(article: _Element) -> Outline:
    """The text of an article whose names are simplified, with its sections."""
    outline = Outline()
    meta = article.find("front/article-meta")
    meta = meta if meta is not None else article.find("front-stub")
    if meta is not None:
        found = [*meta.iterfind("abstract"), *meta.iterfind("trans-abstract")]
        for abstract in sorted(found, key=lambda e: (e.tag != "abstract", bool(e.get("abstract-type")))):
            _abstract(abstract, outline)
    for part in ("body", "back", "floats-group", "floats-wrap"):
        for element in article.iterfind(part):
            _blocks(element, outline, 1)
    if meta is not None:
        with outline.section("Notes", 1):
            for note in meta.iterfind("author-notes/fn"):
                _blocks(note, outline, 2)
    for letter in [*article.iterfind("sub-article"), *article.iterfind("response")]:
        title = running_text(letter.find(".//article-title")) or letter.get("article-type", "").replace("-", " ").capitalize()
        with outline.section(title or "Reply", 1):
            for part in ("body", "back"):
                for element in letter.iterfind(part):
                    _blocks(element, outline, 2)
    return outline


def _abstract(abstract: _Element, outline: Outline) -> None:
    kind = abstract.get("abstract-type", "")
    name = running_text(abstract.find("title")) or _ABSTRACTS.get(kind, kind.replace("-", " ").capitalize() or "Abstract")
    if abstract.tag == "trans-abstract" and (language := abstract.get(LANG)):
        name = f"{name} ({language})"
    with outline.section(name, 1):
        _blocks(abstract, outline, 2)


def _blocks(parent: _Element, outline: Outline, level: int) -> None:
    """Every child in order; words between blocks make paragraphs of their own."""
    words = [parent.text or ""]
    for child in parent:
        name = name_of(child)
        block = _BLOCKS.get(name)
        if block is not None:
            _flush(words, outline)
            block(child, outline, level)
        elif name not in _NOT_TEXT:
            inline(child, words)
        words.append(child.tail or "")
    _flush(words, outline)


def _flush(words: list[str], outline: Outline) -> None:
    outline.paragraph(tidy("".join(words)))
    words.clear()


def _section(element: _Element, outline: Outline, level: int) -> None:
    """A <sec> or what has the same shape; its label is a part of the heading."""
    label, title = running_text(element.find("label")), running_text(element.find("title"), without=("fn", "xref"))
    title = title or running_text(element.find("caption/title"), without=("fn", "xref"))
    heading = " ".join(filter(None, (label, title))) or _BACK.get(name_of(element), "")
    with outline.section(heading, level, even_empty=bool(title or label)):
        for paragraph in element.iterfind("caption/p"):
            outline.paragraph(running_text(paragraph))
        _blocks(element, outline, level + 1 if heading else level)


def _captioned(element: _Element, outline: Outline, level: int) -> None:
    """A figure, table, box or file: label and caption on one line, then what is inside."""
    caption = element.find("caption")
    words = [running_text(element.find("label"))]
    if caption is not None:
        words += [running_text(caption.find("title")), *(running_text(p) for p in caption if name_of(p) != "title")]
    head = " ".join(filter(None, (_with_stop(word) for word in words)))
    outline.paragraph(head)
    for child in element:
        if (block := _BLOCKS.get(name_of(child))) is not None and child is not caption:
            block(child, outline, level)
        elif name_of(child) == "alternatives":
            _alternatives(child, outline, level)


def _alternatives(element: _Element, outline: Outline, level: int) -> None:
    for table in element.iter("table"):
        _table(table, outline, level)
        return


def _table(table: _Element, outline: Outline, _level: int) -> None:
    rows = [[running_text(cell) for cell in row if name_of(cell) in ("td", "th")] for row in table.iter("tr")]
    outline.paragraph("\n".join(_ROW_SEPARATOR.join(row) for row in rows if any(row)))


def _list(element: _Element, outline: Outline, level: int) -> None:
    """Items on lines of their own; an item that holds more than words is read as blocks."""
    lines = [running_text(element.find("title"))]
    for item in element.iterfind("list-item"):
        if any(
            child.tag in _BLOCKS and child.tag not in ("p", "list", "disp-formula") for child in item.iter() if child is not item
        ):
            outline.paragraph("\n".join(filter(None, lines)))
            lines = []
            _blocks(item, outline, level)
            continue
        label = running_text(item.find("label"))
        words = " ".join(filter(None, (running_text(child) for child in item if name_of(child) not in ("label", "list"))))
        lines.append(f"{label or '•'} {words}" if words else "")
        for nested in item.iterfind("list"):
            inner = Outline()
            _list(nested, inner, level)
            lines += [f"  {line}" for line in inner.text.splitlines() if line]
    outline.paragraph("\n".join(filter(None, lines)))


def _definitions(element: _Element, outline: Outline, _level: int) -> None:
    lines = [running_text(element.find("title"))]
    for item in element.iter("def-item"):
        term, meaning = running_text(item.find("term")), " ".join(running_text(d) for d in item.iterfind("def"))
        lines.append(": ".join(filter(None, (term, meaning))))
    outline.paragraph("\n".join(filter(None, lines)))


def _verbatim(element: _Element, outline: Outline, _level: int) -> None:
    outline.paragraph("".join(str(text) for text in element.itertext()).strip("\n"))


def _verses(element: _Element, outline: Outline, level: int) -> None:
    """A poem: title, a line for each verse, stanzas apart, and whose it is."""
    outline.paragraph(running_text(element.find("title")))
    outline.paragraph("\n".join(filter(None, map(running_text, element.iterfind("verse-line")))))
    for stanza in element.iterfind("verse-group"):
        _verses(stanza, outline, level)
    _attribution(element, outline)


def _quote(element: _Element, outline: Outline, level: int) -> None:
    """A quotation, then whose it is."""
    _blocks(element, outline, level)
    _attribution(element, outline)


def _attribution(element: _Element, outline: Outline) -> None:
    for attribution in element.iterfind("attrib"):
        outline.paragraph(running_text(attribution))


def _formula(element: _Element, outline: Outline, _level: int) -> None:
    """The formula, then its number."""
    label = running_text(element.find("label"))
    outline.paragraph(" ".join(filter(None, (running_text(element, without=("label",)), label))))


def _note(element: _Element, outline: Outline, level: int) -> None:
    """A footnote: its mark, then its text."""
    label, inner = running_text(element.find("label")), Outline()
    _blocks(element, inner, level)
    outline.paragraph(" ".join(filter(None, (label, inner.text))))


def _plain(element: _Element, outline: Outline, level: int) -> None:
    _blocks(element, outline, level)


def _nothing(_element: _Element, _outline: Outline, _level: int) -> None:
    return


def _with_stop(words: str) -> str:
    return words if not words or words[-1] in ".:;?!。" else f"{words}."


_Block = Callable[["_Element", Outline, int], None]
_BLOCKS: dict[str, _Block] = {
    **dict.fromkeys(("sec", "ack", "app", "glossary", "notes", "fn-group", "bio", "boxed-text", "statement"), _section),
    **dict.fromkeys(_CAPTIONED, _captioned),
    **dict.fromkeys(("p", "app-group", "table-wrap-foot", "speech"), _plain),
    **dict.fromkeys(("sec-group", "list-item", "disp-formula-group", "question-wrap", "answer", "question"), _plain),
    **dict.fromkeys(("fn", "def"), _note),
    **dict.fromkeys(("preformat", "code"), _verbatim),
    **dict.fromkeys(("ref-list", "sig-block", "permissions", "caption"), _nothing),
    "disp-formula": _formula,
    "disp-quote": _quote,
    "verse-group": _verses,
    "def-list": _definitions,
    "list": _list,
    "table": _table,
}
"""Element name -> how it is read; what is not here is running text."""
