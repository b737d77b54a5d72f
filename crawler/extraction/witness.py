"""Does a second extractor agree about what the main part is?

resiliparse takes a sixth of trafilatura's time. A line that both keep belongs to the page's main part; where trafilatura has less
than half of what resiliparse has, it has lost the page, and resiliparse's choice is taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extraction.blocks import Line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

AGREED = 0.5
"""Share of a line's three-word shingles that must be in the other text."""
LOST = 0.5
"""Share of the other text's words below which the article is taken for lost."""

_WORD = re.compile(r"\w+")


class Witness:
    """resiliparse's main text of a page."""

    def __init__(self, root: HtmlElement) -> None:
        from lxml import etree
        from resiliparse.extract.html2text import extract_plain_text

        # The tree and not the page: on tags that cross each other a parser by the HTML standard may take quadratic time.
        markup = etree.tostring(root, encoding="unicode", method="html")

        text = extract_plain_text(markup, main_content=True, comments=False, post_meta=False, list_bullets=False, alt_texts=False)
        words = _WORD.findall(text)
        self.words = len(words)
        self._shingles = {shingle for n in (1, 2, 3) for shingle in _shingles(words, n)}

    def agreed(self, lines: list[Line]) -> list[Line]:
        """The lines that are in its text too; lines without words stay."""
        return [line for line in lines if self._has(line)]

    def misses(self, lines: list[Line]) -> bool:
        """Whether the lines are too little of its text."""
        return sum(len(_WORD.findall(line.text)) for line in lines) < LOST * self.words

    def _has(self, line: Line) -> bool:
        words = _WORD.findall(line.text)
        shingles = _shingles(words, min(3, len(words)))
        return sum(shingle in self._shingles for shingle in shingles) >= AGREED * len(shingles)


def _shingles(words: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)] if n else []
