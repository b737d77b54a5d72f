"""How do the lines of a PDF's pages become paragraphs?

A page is lines without structure. Page numbers and lines that come back at the edge of several pages go; words that were divided
at a line's end are joined; lines are joined until one ends short of the others, or a list or heading begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

EDGE = 3
"""Lines at the top and bottom of a page that may be running headers and footers."""
RECURS = 3
"""Pages on which a line must come back to be one, and at least a sixth of all pages (headers change with the chapter)."""

_NUMBER = re.compile(
    r"^(?:page|p\.|seite)?\s*[-–—|]?\s*(\d{1,5}|[ivxlc]{1,8})\s*[-–—|]?(?:\s*(?:of|/|von)\s*\d{1,5})?()$", re.IGNORECASE
)
_EDGE_NUMBER = re.compile(r"^(\d{1,5}|[ivxlc]{1,6})\s+(?=\D)|(?<=\D)\s+(\d{1,5}|[ivxlc]{1,6})$", re.IGNORECASE)
_LISTED = re.compile(r"^(?:[•‣◦▪●■–—*-]\s|\(?(?:\d{1,3}|[a-z])[.)]\s|\[\d{1,4}\]\s)")
_NUMBERED_HEADING = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[A-Z]\.\d*)\s+[A-Z]")
_END = re.compile(r"[.!?:;。！？][\"'”’)\]]*$")
_DIVIDED = re.compile(r"(\w+)[-\u2010]$")
_WORD = re.compile(r"\w+(?:[-\u2010]\w+)*")
_LIGATURES = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0xFB00, 0xFB07)}
_LIGATURE_TABLE = str.maketrans(_LIGATURES)


@dataclass(frozen=True, slots=True)
class Layout:
    """A text, and where its pages begin in it."""

    text: str
    """Paragraphs set apart by empty lines; empty where no page has any text."""
    starts: tuple[int, ...]
    """Character offset of each page's first line, in page order."""

    def find(self, heading: str, page: int, after: int) -> int | None:
        """Offset of a heading at the start of a line on its page, not before `after`; None if it is not there."""
        if page >= len(self.starts):
            return None
        begin = max(after, self.starts[page])
        end = self.starts[page + 1] if page + 1 < len(self.starts) else len(self.text)
        words = r"\s+".join(map(re.escape, heading.split()))
        found = re.compile(rf"^(?:[\dA-Z][\d.]*\s+)?{words}", re.IGNORECASE | re.MULTILINE).search(
            self.text, begin, max(begin, end)
        )
        return found.start() if found else None


def lay_out(pages: list[str]) -> Layout:
    """The text of pages whose lines end in ``\\n``; a soft hyphen at a line's end divides a word."""
    lines = [[_tidy(line) for line in page.split("\n")] for page in pages]
    lines = [[line for line in page if line] for page in lines]
    lines = without_running_lines(lines)
    vocabulary = Counter(word for page in lines for line in page for word in _WORD.findall(line))
    text, starts = "", []
    parts: list[str] = []
    length, last, width = 0, "", 0
    for page in lines:
        width = _width(page) or width
        for at, line in enumerate(page):
            glue = _glue(last, line, width, vocabulary) if last else ""
            if glue.startswith("<"):
                cut = len(parts[-1]) - int(glue[1:])
                length -= int(glue[1:])
                parts[-1], glue = parts[-1][:cut], ""
            parts.append(glue)
            length += len(glue)
            if at == 0:
                starts.append(length)
            parts.append(line)
            length += len(line)
            last = line
        if not page:
            starts.append(length)
    text = "".join(parts)
    return Layout(text.rstrip("\xad").strip("\n"), tuple(starts))


def without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Pages without their numbers, and without lines that come back at the edges of several pages."""
    numbers = _page_numbers(pages)
    seen: Counter[str] = Counter()
    for page in pages:
        edges = page[:EDGE] + page[max(EDGE, len(page) - EDGE) :]
        seen.update({key for line in edges if (key := _running_key(line))})
    least = max(RECURS, len(pages) / 6)
    kept = []
    for number, page in enumerate(pages):
        inner = len(page) - EDGE
        kept.append(
            [
                line
                for at, line in enumerate(page)
                if EDGE <= at < inner or ((number, at) not in numbers and seen[_running_key(line)] < least)
            ]
        )
    return kept


def _page_numbers(pages: list[list[str]]) -> set[tuple[int, int]]:
    """Places (page, line) at the edges of pages that hold a number which counts up with them, alone or beside a running title."""
    found: dict[int, set[tuple[int, int]]] = {}
    for number, page in enumerate(pages):
        for at in {0, 1, len(page) - 2, len(page) - 1} & set(range(len(page))):
            match = _NUMBER.match(page[at]) or (_EDGE_NUMBER.search(page[at]) if at in (0, len(page) - 1) else None)
            if match:
                digits = match[1] or match[2]
                found.setdefault((int(digits) if digits.isdecimal() else _roman(digits)) - number, set()).add((number, at))
    return {place for places in found.values() if len({page for page, _ in places}) >= RECURS for place in places}


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[c] for c in text.lower()]
    return sum(-a if b > a else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _running_key(line: str) -> str:
    """The line without a page number at its ends; empty where nothing but numbers is left."""
    key = _EDGE_NUMBER.sub("", line).casefold()
    return key if any(c.isalpha() for c in key) else ""


def _tidy(line: str) -> str:
    soft = line.endswith("\xad")
    line = " ".join(unicodedata.normalize("NFC", line.replace("\xad", "").translate(_LIGATURE_TABLE)).split())
    return f"{line}\xad" if soft and line else line


def _width(page: list[str]) -> int:
    """Characters of a full line: nine in ten are not longer."""
    lengths = sorted(map(len, page))
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _glue(last: str, line: str, width: int, vocabulary: Counter[str]) -> str:
    """What goes between two lines: an empty line, a space, nothing; ``<1`` takes the last character away first."""
    if last.endswith("\xad"):
        return "<1"
    if _LISTED.match(line) or _NUMBERED_HEADING.match(line):
        return "\n\n"
    if (divided := _DIVIDED.search(last)) and line[0].isalpha():
        return _joined(divided[1], line, vocabulary)
    ended, short = bool(_END.search(last)), len(last)
    if (ended and short < 0.8 * width) or (short < 0.6 * width and not line[0].islower()):
        return "\n\n"
    if not ended and len(line) < 0.6 * width and line[0].isupper() and short < 0.8 * width:
        return "\n\n"
    return " "


def _joined(before: str, line: str, vocabulary: Counter[str]) -> str:
    """A divided word loses its hyphen, unless the document writes it with one elsewhere, or a name begins after it."""
    after = _WORD.match(line)
    assert after is not None, "the line begins with a letter"
    if vocabulary[f"{before}-{after[0]}"] > vocabulary[f"{before}{after[0]}"]:
        return ""
    return "<1" if line[0].islower() and before[-1].isalpha() else ""
