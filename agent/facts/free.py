"""Which numbers of a sentence say nothing of the world?

An enumeration (1), (2); a pointer to a part of the report; how many sources the sentence cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.facts.counted import all_small
from agent.facts.numbers import numbers

_ENUMERATOR = re.compile(r"(?:(?<=\s)|(?<=\A))\(?(\d{1,2})\)(?=\s)")
POINTER = re.compile(
    r"\b(?:see|cf\.|siehe|vgl\.|voir|véase|ver)\s+(?:also\s+|auch\s+|aussi\s+)?(?:the\s+|die\s+|la\s+|el\s+)?"
    r"(?:section|part|chapter|table|figure|step|abschnitt|teil|kapitel|tabelle|abbildung|partie|chapitre|tableau|sección|parte"
    r"|capítulo|tabla|figura)s?\s+(\d+(?:\.\d+)*)|[见参]第?\s?(\d+)\s?[节章部表图]",
    re.IGNORECASE,
)
_SOURCES = re.compile(
    r"\s(?:cited\s|angeführten?\s)?(?:of the\s|der\s|des\s|de las\s|de los\s)?"
    r"(?:sources?|documents?|papers?|stud(?:y|ies)|articles?|works|passages?|quellen?|studien?|arbeiten|artikeln?|études?|travaux"
    r"|fuentes?|estudios?|artículos?|trabajos)\b|[个篇项份]?(?:来源|文献|论文|研究|文章)",
    re.IGNORECASE,
)


def of_the_report(text: str, sources: int) -> Iterator[int]:
    """Where such numbers begin; `sources` is how many different ones the sentence cites."""
    listed = list(_ENUMERATOR.finditer(text))
    if len(listed) > 1 and [int(match[1]) for match in listed] == [*range(1, len(listed) + 1)]:
        yield from (match.start(1) for match in listed)
    for match in POINTER.finditer(text):
        yield match.start(1) if match[1] else match.start(2)
    for number in (*numbers(text), *all_small(text)):
        if str(sources) in number.values and _SOURCES.match(text, number.end):
            yield number.start
