"""Which dates stand in a text?

``5 March 2019``, ``March 5th, 2019``, ``2019-03-05``, ``5.3.2019``, ``le 5 mars 2019`` and ``2019年3月5日`` are one. A date holds
together: 5 March 2019 does not stand where 3 May 2019 does, though all its numbers may.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from agent.facts.digits import CENTURIES, Date, Reading, in_digits
from agent.facts.months import MONTHS, NO_MONTH, month_of

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?<![\d.,])\d{1,2}(?:st|nd|rd|th|er|\.|º)?"
_DAYS = rf"{_DAY}(?:\s?(?:-|–|/|,|&|to|and|or|until|bis|und|oder|et|ou|au|y|o|al?)\s?{_DAY}){{0,30}}"  # no month has more
_YEAR = r"(?P<year>(?:1\d|20)\d\d)(?!\d)"
_OF = r"(?:of\s+|del?\s+)?"
_NAMED = [
    re.compile(rf"(?P<days>{_DAYS})\s+{_OF}(?P<month>{_MONTH})\b\.?(?:,?\s+{_OF}{_YEAR})?", re.IGNORECASE),
    re.compile(rf"\b(?P<month>{_MONTH})\b\.?\s+(?P<days>{_DAYS})(?!\d|\.\d)(?:,?\s+{_YEAR})?", re.IGNORECASE),
    re.compile(rf"\b(?P<month>{_MONTH})\b\.?,?\s+{_OF}{_YEAR}", re.IGNORECASE),
]
_SHORT = (
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})[-\s](?P<month>{_MONTH})[.,]?[-\s]['’]?(?P<year>\d\d|\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(rf"\b(?P<month>{_MONTH})\.?\s(?P<day>\d{{1,2}}),?\s['’](?P<year>\d\d)(?!\d)", re.IGNORECASE),
)
"""5-Mar-24, 5 March '24."""
_WORD = re.compile(r"[^\W\d_]+")


def dates(text: str) -> Iterator[Date]:
    """Every date with a month and a day or a year."""
    covered: set[int] = set()
    for date in (*in_digits(text), *_in_words(text)):
        if date.start not in covered and date.end - 1 not in covered:
            covered |= {*range(date.start, date.end)}
            yield date


def readings(text: str) -> frozenset[Reading]:
    """Everything that the dates of a source may mean, months alone among them."""
    found = [*dates(text), *in_digits(text, loosely=True), *_shortened(text)]
    aside = {at for date in found for at in range(date.start, date.end)}
    months = {word[0] for word in _WORD.finditer(text) if word.start() not in aside and _is_month(word[0])}
    return frozenset([one for date in found for one in date.readings] + [Reading(month_of(word), None, None) for word in months])


def stands(date: Date, held: frozenset[Reading], numbers: frozenset[str]) -> bool:
    """Whether one of the dates of a source is this one, or leaves out its year, which is among the source's numbers."""
    one = date.readings if date.either else date.readings[:1]
    every = date.readings[1:] if not date.either else ()
    return any(_met(r, held, numbers) for r in one) and all(_met(r, held, numbers) for r in every)


def swapped(date: Date, held: frozenset[Reading]) -> bool:
    """Whether a source has this very date with day and month the other way round."""
    if date.either:
        return False
    return any(r.day not in (None, r.month) and Reading(r.day, r.month, r.year) in held for r in date.readings)


def contradicted(date: Date, months: Container[int], values: Container[str]) -> bool:
    """Whether a source with these months and numbers has no such month but others, or no such day or year, whatever is meant."""
    return all(
        (bool(months) and one.month not in months)
        or any(part is not None and str(part) not in values for part in (one.day, one.year))
        for one in date.readings
    )


def _met(one: Reading, held: frozenset[Reading], numbers: frozenset[str]) -> bool:
    return any(
        other.month == one.month
        and one.day in (None, other.day)
        and (one.year in (None, other.year) or (other.year is None and str(one.year) in numbers))
        for other in held
    )


def _shortened(text: str) -> Iterator[Date]:
    """Dates with hyphens, or a year in two digits."""
    for match in (match for form in _SHORT for match in form.finditer(text)):
        day, year = int(match["day"]), match["year"]
        years = [int(year)] if len(year) == 4 else [century + int(year) for century in CENTURIES]
        if _is_month(match["month"]) and 1 <= day <= 31:
            yield Date(match[0], *match.span(), tuple(Reading(month_of(match["month"]), day, one) for one in years), True)


def _in_words(text: str) -> Iterator[Date]:
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            said = match.groupdict()
            days = [int(day) for day in re.findall(r"\d+", said.get("days") or "")]
            if _is_month(said["month"]) and all(1 <= day <= 31 for day in days):
                month, year = month_of(said["month"]), int(said["year"]) if said["year"] else None
                found = [Reading(month, day, year) for day in days] or [Reading(month, None, year)]
                yield Date(match[0], *match.span(), tuple(found))


def _is_month(word: str) -> bool:
    return word.casefold() in MONTHS and word not in NO_MONTH
