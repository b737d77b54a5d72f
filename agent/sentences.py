"""Where does a sentence begin and end?

Spans are sentences, so that a citation shows the reader one statement. Boundaries are found by rule, from the text alone:
the same text always gives the same spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_SENTENCE = 800
"""Characters; what is longer (tables, code, text without stops) is cut at a space."""
WRAPPED = 60
"""A line at least this long that does not end a sentence goes on in the next line."""

CLOSERS = r"\"'”“’»)\]」』"
"""What may stand behind the stop of a sentence, as a class of characters."""

_STOP = re.compile(r"(?:(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[]*[A-ZÀ-ÞΑ-ΩА-Я0-9])|[。！？]+[」』”]?)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:al|e\.g|i\.e|cf|vs|etc|approx|resp|ca|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|Refs|No|Nos|Vol|pp|Dr|Mr|Mrs|Ms|Prof|St|Jr|Inc|Ltd|Co"
    r"|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec|viz|ex|spp?|bzw|vgl|bspw|sog|ggf|evtl|inkl|Nr|Abb|Sra?|Dra|núm|ej|[a-z]\.\s?[A-Za-z])"
    r"|\b[A-Z]|\b(?:[A-Za-z]\.)+[A-Za-z])\.$"
)
_DAY = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_MONTH = re.compile(r"\s+(?:Jan|Jän|Feb|März|April|Mai|Juni|Juli|Aug|Sept|Okt|Nov|Dez)[a-z]{0,6}\b")
"""Of German, behind a day: *am 3. März* goes on."""
_ENDS = (".", "!", "?", ":", ";", "。", "！", "？")
_BULLET = re.compile(r"\s*(?:(?:[-*•–]|\d+[.)])\s|\|)")
"""What begins a line of its own: an item of a list, a row of a table."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The ``[start, end)`` of every sentence, heading and list item, ascending, without surrounding white space."""
    for start, end in _paragraphs(text):
        for a, b in _stops(text, start, end):
            yield from _cut(text, a, b)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that belong together."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    first = 0
    for i, (start, end) in enumerate(lines):
        line = text[start:end].rstrip()
        following = text[slice(*lines[i + 1])] if i + 1 < len(lines) else ""
        adjacent = i + 1 < len(lines) and lines[i + 1][0] == end + 1
        wrapped = adjacent and len(line) >= WRAPPED and not line.endswith(_ENDS)
        if not wrapped or not following.strip() or _BULLET.match(following):
            yield lines[first][0], end
            first = i + 1


def _stops(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _STOP.finditer(text, start, end):
        if is_end(text, max(start, match.start() - 12), match.start() + 1):
            yield start, match.end()
            start = match.end()
    yield start, end


def is_end(text: str, begin: int, stop: int) -> bool:
    """Whether the stop before `stop` ends a sentence, and no abbreviation or day; `begin` is where to look from."""
    dated = _DAY.search(text, begin, stop) and _MONTH.match(text, stop)
    return not dated and not _ABBREVIATION.search(text, begin, stop)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without white space around it, in pieces of at most MAX_SENTENCE characters."""
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = min(end, start + MAX_SENTENCE)
        if stop < end and (space := text.rfind(" ", start + 1, stop)) > 0:
            stop = space
        trimmed = start + len(text[start:stop].rstrip())
        if trimmed > start:
            yield start, trimmed
        start = stop
