"""Where is a document cut into passages?

At paragraph ends where there are some, at sentence ends otherwise, near TARGET characters; an abstract stays whole. Passages
do not overlap and together hold every character of the text but white space, so a span in one is a span in the document.
"""

from __future__ import annotations

import re

from indexer.document import Document

WHOLE = 2_000
"""Characters up to which a text is one passage: about 300 words, a little more than the default encoder reads (256 tokens)."""
TARGET = 1_200
"""Characters that a passage of a longer text aims at."""
LONGEST = 1_600
"""Characters that no passage of a longer text exceeds."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"[.!?。！？]['\")\]]*\s+|[。！？]")
_SPACE = re.compile(r"\s+")


def cut(text: str) -> list[tuple[int, int]]:
    """Spans ``[start, end)`` of `text` in order, stripped of white space at both ends; one empty span for an empty text."""
    spans = []
    start, length = 0, len(text)
    while start < length:
        end = length if length - start <= WHOLE else _best_break(text, start)
        stripped = text[start:end]
        left = start + len(stripped) - len(stripped.lstrip())
        right = start + len(stripped.rstrip())
        if left < right:
            spans.append((left, right))
        start = end
    return spans or [(0, 0)]


def passage_text(document: Document, start: int, end: int) -> str:
    """What is indexed and encoded for a passage: the document's title, then the span."""
    return f"{document.title}\n{document.text[start:end]}" if end > start else document.title


def _best_break(text: str, start: int) -> int:
    """The break nearest to TARGET, paragraphs before sentences before words; a text without any is cut hard."""
    window = text[start : start + LONGEST]
    for pattern in (_PARAGRAPH, _SENTENCE, _SPACE):
        ends = [m.end() for m in pattern.finditer(window) if m.end() >= TARGET // 2]
        if ends:
            return start + min(ends, key=lambda end: (abs(end - TARGET), end))
    return start + LONGEST
