"""Which lines would a reader see in this part of a page?

One line a paragraph, list item, table row or heading; code keeps its own lines and indentation. The tree is not changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml import etree
    from lxml.html import HtmlElement

MAX_HEADING = 300
"""Characters of a heading; a longer one is a paragraph in disguise."""
MAX_ROW = 2_000
"""Characters of a table row that is put on one line; a longer one is layout and not data."""

UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "button",
        "select",
        "input",
        "textarea",
        "option",
        "nav",
        "footer",
        "frameset",
        "dialog",
        "menu",
        "map",
    ]
)
"""Elements whose text is not the page's."""
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
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
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "math",
        "nobr",
        "q",
        "rb",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
"""Elements that do not break a line; every other one does."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRUCTURE = ("table", "pre", "ul", "ol", "dl", "blockquote", "article", *_HEADINGS)
"""What no row of data holds."""
_DECORATION = frozenset(
    {"headerlink", "hash-link", "anchor-link", "anchorjs-link", "mw-editsection", "linenos", "lineno", "copybtn"}
)
"""Classes of links to a heading, of line numbers and of buttons beside code."""
_MARKS = frozenset({"", "#", "¶", "§", "🔗", "∞", "link", "[edit]", "permalink"})
"""Texts of a link from a heading to itself."""
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF])
"""Soft hyphen, zero-width space, word joiner, byte order mark."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


class Line(NamedTuple):
    """One line of text."""

    text: str
    """No line break in it; empty only between lines of code."""
    level: int = 0
    """1 to 6 for a heading, 0 for everything else."""


def lines_of(root: HtmlElement, skip: Callable[[HtmlElement], bool] | None = None) -> list[Line]:
    """The lines of a part; elements for which `skip` holds are left out with all they contain."""
    reader = _Reader()
    walk = _walk(root)
    for event, element in walk:
        if event == "end":
            reader.end(element, tail=element is not root)
        elif _unseen(element) or (skip is not None and skip(element)):
            walk.skip_subtree()
            reader.replace(element, "")
        elif element.tag == "math" and (formula := _tex(element)):
            walk.skip_subtree()
            reader.replace(element, formula)
        else:
            reader.start(element)
    reader.flush()
    return reader.lines


def plain_lines(text: str) -> list[Line]:
    """Text without any markup, line by line."""
    return [Line(line) for part in text.splitlines() if (line := one_line(part))]


def one_line(text: str) -> str:
    """Composed characters, single spaces, nothing invisible."""
    return unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))


class _Reader:
    """Collects lines from the starts and ends of elements in document order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._parts: list[str] = []  # of the line that is being read
        self._row: HtmlElement | None = None  # of data: on one line, whatever it holds
        self._heading: HtmlElement | None = None
        self._code: HtmlElement | None = None
        self._item = False  # the next line begins a list item

    def replace(self, element: HtmlElement, text: str) -> None:
        """Read the text and nothing of the element."""
        self._break(element)
        self._parts.append(text)

    def start(self, element: HtmlElement) -> None:
        tag = element.tag
        self._break(element)
        if tag in _HEADINGS and self._open():
            self._heading = element
        elif tag == "pre" and self._open():
            self._code = element
        elif tag == "tr" and self._open() and _is_data(element):
            self._row = element
        elif tag in ("td", "th") and self._row is not None and any(part.strip() for part in self._parts):
            self._parts.append(" | ")
        elif tag == "li":
            self._item = True
        self._parts.append(element.text or "")

    def end(self, element: HtmlElement, *, tail: bool) -> None:
        if element is self._code:
            self._end_code()
        elif self._heading is not None and element is self._heading:
            self._end_heading(_HEADINGS[self._heading.tag])
        elif element is self._row:
            self._row = None
        self._break(element)
        if element.tag == "li":
            self._item = False
        if tail:
            self._parts.append(element.tail or "")

    def flush(self) -> None:
        """End the line, if it has any text."""
        line = one_line("".join(self._parts))
        self._parts.clear()
        if line:
            self.lines.append(Line("- " + line if self._item else line))
            self._item = False

    def _open(self) -> bool:
        return self._heading is None and self._code is None and self._row is None

    def _break(self, element: HtmlElement) -> None:
        if element.tag in INLINE:
            return
        if self._open():
            self.flush()
        elif self._code is None:
            self._parts.append(" ")
        elif element.tag == "br" or (element.tag in ("div", "p", "tr", "li") and not "".join(self._parts[-1:]).endswith("\n")):
            self._parts.append("\n")

    def _end_heading(self, level: int) -> None:
        self._heading = None
        line = one_line("".join(self._parts))
        self._parts.clear()
        if line:
            self._item = False
            self.lines.append(Line(line, level if len(line) <= MAX_HEADING else 0))

    def _end_code(self) -> None:
        self._code, self._item = None, False
        code = "".join(self._parts).translate(_INVISIBLE).replace("\xa0", " ").expandtabs(4)
        self._parts.clear()
        lines = [unicodedata.normalize("NFC", line.rstrip()) for line in code.splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        first = next((i for i, line in enumerate(lines) if line), 0)
        self.lines += [Line(line) for line in lines[first:]]


def _walk(root: HtmlElement) -> etree.iterwalk:
    """Start and end of every element in document order."""
    from lxml import etree

    return etree.iterwalk(root, events=("start", "end"))


def _unseen(element: HtmlElement) -> bool:
    if element.tag in UNSEEN or element.get("hidden") is not None:
        return True
    if (classes := element.get("class")) and not _DECORATION.isdisjoint(classes.split()):
        return True
    if (style := element.get("style")) and _HIDDEN.search(style[:1000]):
        return True
    if element.get("aria-hidden") == "true" and element.tag in INLINE:
        return True  # icons, and the second copy of a formula
    return element.tag == "a" and _leads_to_its_heading(element)


def _leads_to_its_heading(link: HtmlElement) -> bool:
    """Whether this is the mark beside a heading or term that links to it."""
    parent = link.getparent()
    if parent is None or not (link.get("href") or "").startswith("#"):
        return False
    if parent.tag not in _HEADINGS and parent.tag not in ("dt", "span", "caption"):
        return False
    return len(link) == 0 and (link.text or "").strip().lower() in _MARKS


def _is_data(row: HtmlElement) -> bool:
    if next(row.iter(*_STRUCTURE), None) is not None:
        return False
    return sum(map(len, row.itertext())) <= MAX_ROW


def _tex(math: HtmlElement) -> str:
    """The TeX that most pages carry along with a formula in MathML; empty where there is none."""
    notes = (note.text or "" for note in math.iter("annotation") if "tex" in (note.get("encoding") or "").lower())
    return math.get("alttext") or next(notes, "")
