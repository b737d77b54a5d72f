"""Where do the sections of a text begin and end?"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extraction.blocks import Line
from indexer.document import Section


def text_and_sections(lines: Sequence[Line], title: str = "") -> tuple[str, tuple[Section, ...]]:
    """One text with a line for each line, and its sections; a first line that only repeats the title is left out.

    A section runs from the first character of its heading to the last one before the next heading of its level or above.
    """
    if len(lines) > 1 and title and lines[0].text.casefold() == title.casefold():
        lines = lines[1:]
    text = "\n".join(line.text for line in lines)
    headings: list[tuple[int, Line]] = []
    at = 0
    for line in lines:
        if line.level:
            headings.append((at, line))
        at += len(line.text) + 1
    ends = [len(text)] * len(headings)
    waiting: list[int] = []  # indices of sections that are still open, levels ascending
    for i, (start, line) in enumerate(headings):
        while waiting and headings[waiting[-1]][1].level >= line.level:
            ends[waiting.pop()] = start - 1
        waiting.append(i)
    sections = (Section(line.text, line.level, start, end) for (start, line), end in zip(headings, ends, strict=True))
    return text, tuple(sections)
