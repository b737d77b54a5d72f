"""Which months stand in a text?

``March``, ``März``, ``2019-03`` and ``3.3.2019`` name one month.
"""

from __future__ import annotations

import re

from agent.facts.digits import in_digits
from agent.facts.numerals import LATIN

_MONTHS = (
    "january januar jänner janvier enero jan",
    "february februar février febrero feb févr",
    "march märz mars marzo mar mär",
    "april avril abril apr avr abr",
    "may mai mayo",
    "june juni juin junio jun",
    "july juli juillet julio jul juil",
    "august août agosto aug ago",
    "september septembre septiembre sep sept",
    "october oktober octobre octubre oct okt",
    "november novembre noviembre nov",
    "december dezember décembre diciembre dec dez déc dic",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAMED = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATED = re.compile(
    rf"(?:\d(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<after>{_NAMED})\b|\b(?P<before>{_NAMED})\.?\s+(?:de\s+|del\s+)?\d)",
    re.IGNORECASE,
)
"""A month beside a number."""
NO_MONTH = frozenset({"may", "march", "mar"})
"""Words that are no month where they are written small."""
_DATE = re.compile(r"\b\d{4}-\d\d\b|\d{1,2}\s?[月日]")


def is_month(word: str) -> bool:
    """Whether this word can name a month."""
    return word.casefold().rstrip(".") in MONTHS


def month_of(word: str) -> int:
    """The month that a word names, 1 to 12."""
    return MONTHS[word.casefold().rstrip(".")]


def named(text: str) -> dict[str, int]:
    """``{as written: 1 to 12}`` of the months that stand beside a number."""
    found = [match["after"] or match["before"] for match in _DATED.finditer(text)]
    return {name: MONTHS[name.casefold()] for name in found if name not in NO_MONTH}


def dated(text: str) -> set[int]:
    """Where the digits of dates stand: days, months and years, with which nothing is reckoned."""
    found = [match.span() for pattern in (_DATED, _DATE) for match in pattern.finditer(text)]
    return {at for span in (*found, *((date.start, date.end) for date in in_digits(text))) for at in range(*span)}


def held(text: str) -> set[int]:
    """Every month that a source may mean."""
    found = {MONTHS[word] for word in re.findall(rf"[{LATIN}]+", text.casefold()) if word in MONTHS}
    return found | {reading.month for date in in_digits(text, loosely=True) for reading in date.readings}
