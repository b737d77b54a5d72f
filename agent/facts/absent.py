"""Which numbers, dates and shares of a sentence stand in no spelling in its source?

Compared by value: another spelling, another word of size, exactly the same share or amount in another unit stand there. A sum, a
difference, a ratio, a rounding or a bound does not, however right it may be.
"""

from __future__ import annotations

import re

from agent.facts.counted import said_small
from agent.facts.free import of_the_report
from agent.facts.months import is_month, month_of
from agent.facts.numbers import numbers
from agent.facts.source import held_by
from agent.facts.spelled import grouped
from agent.facts.standing import CODE, coded, composed, stands

_WORD = re.compile(r"[^\W\d_]+")
_NO_MONTH = frozenset({"may", "march", "mar", "mai", "jan", "dec", "dez"})
"""Words that begin a sentence, and names, more often than they name a month."""


def absent(text: str, about: str, language: str = "en", sources: int = 0) -> list[str]:
    """What of `text`, in `language`, stands in no spelling in `about`, as it is written there, once each.

    `sources` is how many different sources the sentence cites.
    """
    source, seen = held_by(about, language), {*of_the_report(text, sources)}
    months = {date.month for date in source.dates}
    missing: list[tuple[int, str]] = []
    for code in CODE.finditer(text):
        seen |= {*range(*code.span())}
        missing += [(code.start(), code[0])] * (not coded(code[0], source))
    for start, end, written, there in composed(text, source):
        seen |= {*range(start, end)}
        missing += [(start, written)] * (not there)
    for number in (*grouped(text), *numbers(text, language), *said_small(text, about, language)):
        if number.start not in seen:
            seen |= {*range(number.start, number.end)}
            missing += [(number.start, number.written)] * (not stands(number, text, source))
    for word in _WORD.finditer(text):
        if word.start() not in seen and _names_month(word) and month_of(word[0]) not in months:
            missing.append((word.start(), word[0]))
    return list(dict.fromkeys(written for _, written in sorted(missing)))


def _names_month(word: re.Match[str]) -> bool:
    """Whether it names a month, for certain: May may begin a sentence."""
    return is_month(word[0]) and word[0][0].isupper() and bool(word.start() or word[0].casefold() not in _NO_MONTH)
