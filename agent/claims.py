"""Which sentences of a report claim something?

A claim is a sentence with the spans it cites, or one without a citation that states a fact (`agent.stating`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agent.evidence import CITATION, Evidence, names
from agent.language import language_of
from agent.models.digest import named
from agent.models.text import without_thinking
from agent.sentences import sentences
from agent.stating import states

LONGEST = 4_000
"""Characters of a quotation that is one claim; the sentences of a longer one are claims each."""

_HEADING = re.compile(r"[ \t]*(?:#{1,6}\s|```\S*[ \t]*$|-{3,}[ \t]*$|\*\*[^*\n]+(?<![.!。！])\*\*[ \t]*$)", re.MULTILINE)
_ROW = re.compile(r"[ \t]*\|")
_RULE = re.compile(r"[ \t]*\|(?=[^\n]*-)[-|: \t]++$", re.MULTILINE)
"""Under the header of a table."""
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d+[.)])[ \t]")
_CLOSED = re.compile(r"(?:[ \t]|<br\s*/?>)*(?:\Z|\n\s*(?:\n|\Z))", re.IGNORECASE)
MIN_TITLE = 8
"""Characters of a title whose stops are passed over; a shorter one might be the end of many a sentence."""
_STOPS = re.compile(r"[.!?…。！？]")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the draft."""

    start: int
    """Character offset into the draft; the sentence with its citations is ``[start, end)``."""
    end: int
    text: str
    """The sentence on one line, without its citations."""
    spans: tuple[str, ...]
    """Ids that it cites, in order, once each; some may not exist."""


def claims_of(draft: str, evidence: Evidence | None = None) -> list[Claim]:
    """Every sentence that cites something, and every uncited one that seems to state a fact.

    A title of the evidence's sources that begins a line is a part of its sentence, whatever stops are in it.
    """
    titles = {named(source.title) for source in evidence.sources.values()} if evidence else set()
    return list(_claims(without_thinking(draft, " "), titles))


def _claims(draft: str, titles: Collection[str]) -> Iterator[Claim]:
    language = language_of(CITATION.sub("", draft))
    for start, end in _with_citations(draft, titles):
        sentence = draft[start:end]
        cited = tuple(dict.fromkeys(name for match in CITATION.finditer(sentence) for name in names(match)))
        text = re.sub(r"\s+([.,;:!?。])", r"\1", " ".join(CITATION.sub("", sentence).split()))
        text = re.sub(r"^(?:[-*+•]|\d+[.)])\s+", "", text)
        line = draft.rfind("\n", 0, start) + 1
        if row := bool(_ROW.match(draft, line)):
            text = text.strip("| ")
        stop = start + len(sentence.rstrip("| \t")) if row else end  # a mark stands in the last cell
        listed, closed = row or bool(_ITEM.match(draft, line)), bool(_CLOSED.match(draft, end))
        if cited or (states(text, listed, closed, language) and not _heads(draft, start, end, row)):
            yield Claim(start, stop, text, cited)


def _heads(draft: str, start: int, end: int, row: bool) -> bool:
    """Whether it heads what follows: a heading, the first row of a table and the rule under it."""
    below = draft.find("\n", end) + 1
    return (
        bool(below and _RULE.match(draft, below))
        if row
        else bool(_HEADING.match(draft[start:end])) and "\n" not in draft[start:end]
    )


def _with_titles(draft: str, titles: Collection[str]) -> str:
    """The draft with a letter for each stop of a title at the beginning of a line, which may be bold."""
    stopped = [title for title in titles if len(title) >= MIN_TITLE and _STOPS.search(title) and title in draft]
    either = "|".join(re.escape(title) for title in sorted(stopped, key=len, reverse=True))
    at = rf"^[ \t]*(?:\*\*)?(?:{either})"
    return re.sub(at, lambda match: _STOPS.sub("x", match[0]), draft, flags=re.MULTILINE) if stopped else draft


def _with_citations(draft: str, titles: Collection[str]) -> Iterator[tuple[int, int]]:
    """Sentences as if no citation were there, each with the citations behind it, or before it at a paragraph's beginning."""
    bare = list(_quotations_whole(CITATION.sub(lambda match: " " * len(match[0]), _with_titles(draft, titles))))
    marks = [(match.start(), match.end()) for match in CITATION.finditer(draft)]
    begins = [a for a, _ in marks]
    before = 0
    for i, (start, end) in enumerate(bare):
        following = bare[i + 1][0] if i + 1 < len(bare) else len(draft)
        paragraph = draft.rfind("\n\n", before, start) + 1
        first = bisect_left(begins, max(before, paragraph))
        over = draft.find("\n\n", end, following)
        last = bisect_left(begins, following if over < 0 else min(following, over + 2)) - 1
        before = marks[last][1] if last >= 0 and marks[last][0] >= end else end
        yield min([start, *begins[first : first + 1]]), before


def _quotations_whole(text: str) -> Iterator[tuple[int, int]]:
    """Sentences; several in one pair of quotation marks on one line are one, for one citation stands behind them."""
    begun, depth, read, line, closing = -1, 0, 0, -1, -1
    for start, end in sentences(text):
        if begun < 0:
            first, depth, read = start, 0, start
        depth += text.count("“", read, end) - text.count("”", read, end)
        line = line if line >= end else _next("\n", text, end)
        closing = closing if closing >= end else _next("”", text, end)
        broken = "\n" in text[read:end]
        begun, read = first, end
        if depth > 0 and not broken and closing < line and end - first < LONGEST:
            continue
        begun = -1
        yield first, end


def _next(sign: str, text: str, start: int) -> int:
    found = text.find(sign, start)
    return found if found >= 0 else len(text)
