"""Which numbers, dates and shares of a sentence stand in no spelling in its source?

Compared by value: another spelling, another word of size, exactly the same share or amount in another unit stand there. A sum, a
difference, a ratio, a rounding or a bound does not, however right it may be.
"""

from __future__ import annotations

import re

from agent.facts.counted import said_small
from agent.facts.free import of_the_report
from agent.facts.glyphs import folded
from agent.facts.months import is_month, month_of
from agent.facts.numbers import numbers
from agent.facts.source import held_by
from agent.facts.spelled import grouped
from agent.facts.standing import CODE, coded, composed, stands
from agent.facts.weekdays import weekdays, weekdays_held

_WORD = re.compile(r"[^\W\d_]+")
_IN = re.compile(
    r"\b(?:en|de|du|d['’]|début|fin|mi-?|desde|hasta|depuis|jusqu['’]en|avant|après|dès|vers|pour|courant|entre|hacia|para)\s?\Z",
    re.IGNORECASE,
)
"""Before a month that is written small."""
_NO_MONTH = frozenset({"may", "march", "mar", "mai", "jan", "dec", "dez"})
"""Words that begin a sentence, and names, more often than they name a month."""


def absent(text: str, about: str, language: str = "en", sources: int = 0) -> list[str]:
    """What of `text`, in `language`, stands in no spelling in `about`, as it is written there, once each.

    `sources` is how many different sources the sentence cites.
    """
    text = folded(text)
    source, seen = held_by(about, language), {*of_the_report(text, sources)}
    months = {date.month for date in source.dates}
    missing: list[tuple[int, str]] = []
    for code in CODE.finditer(text):
        seen |= {*range(*code.span())}
        missing += [(code.start(), code[0])] * (not coded(code[0], source))
    for start, end, written, there in composed(text, source, language):
        seen |= {*range(start, end)}
        missing += [(start, written)] * (not there)
    for number in (*grouped(text), *numbers(text, language), *said_small(text, about, language)):
        if number.start not in seen:
            seen |= {*range(number.start, number.end)}
            missing += [(number.start, number.written)] * (not stands(number, text, source))
    for word in _WORD.finditer(text):
        if word.start() not in seen and _names_month(word, text, language) and month_of(word[0]) not in months:
            missing.append((word.start(), word[0]))
    days = weekdays_held(about)
    missing += [(start, written) for start, written, what in weekdays(text) if start not in seen and what not in days]
    return list(dict.fromkeys(written for _, written in sorted(missing)))


def _names_month(word: re.Match[str], text: str, language: str) -> bool:
    """Whether it names a month, for certain: May may begin a sentence, and French and Spanish write them small."""
    if language in ("fr", "es") and word[0].islower():
        return is_month(word[0]) and word[0] != "sept" and bool(_IN.search(text, max(0, word.start() - 12), word.start()))
    return is_month(word[0]) and word[0][0].isupper() and bool(word.start() or word[0].casefold() not in _NO_MONTH)
