"""Can a number be reckoned from those of a source?

A sum, a difference, a share, a multiple, another unit, fewer places: such a number may be right without standing in the source,
so that only the judge can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agent.facts.and_a_half import and_a_half
from agent.facts.bounds import roughly
from agent.facts.fractions import ratios
from agent.facts.months import dated
from agent.facts.numbers import Number, certain, numbers, percent, small_numbers
from agent.facts.scales import scale
from agent.facts.spelled import EVERY
from agent.facts.units import same_amount, unit

WINDOW = 5
"""Numbers of a source behind one that are reckoned with it: what is added up or compared stands close together."""
ROUGHLY = Fraction(1, 20)
"""By how much of itself a number behind *about* may differ from what is reckoned."""
MOST = 400
"""Numbers of a source that are reckoned with."""

_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")
_PLAIN = re.compile(r"\d{0,15}(?:\.\d{1,12})?\Z")
_TIMES = re.compile(r"[\s-]?(?:times|fold|x\b|×|-?mal\b|-?fach|fois|veces|倍)", re.IGNORECASE)
_ONE = re.compile(r"(?<!once )(?<!twice )(?<!times )(?<!half )\b(?:an?|eine?[mnrs]?|une?|una)(?=\s\w{2})", re.IGNORECASE)
"""Before a unit it is one: a year is twelve months. Twice a day is no day."""
_PART = re.compile(
    r"\b(?:half(?: of)?(?: an?)?|halbe[nrms]?|demie?|medi[oa]"
    r"|(?P<quarter>quarter(?: of)?(?: an?)?|viertel|quart d['’]|cuarto de))(?=[\s-]?\w)",
    re.IGNORECASE,
)
"""Half a percentage point, a quarter of an hour."""
_DECADE = re.compile(r"['’]?s\b|-?ern?\b|年代")
_DECADE_BEFORE = re.compile(r"(?:années|años|siglos?|década de(?: los)?)\s+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a source that may be reckoned with."""

    value: Fraction
    percent: bool
    unit: tuple[str, Fraction] | None
    """As `agent.facts.units.unit`."""


def quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text in order, years left out."""
    found = [*numbers(text), *(number for number in small_numbers(text) if number.sign != "-")]
    known = {number.start for number in found}
    found += [number for language in EVERY for number in numbers(text, language) if number.start not in known]
    aside = dated(text) | {at for ratio in ratios(text) for at in range(ratio.start, ratio.end)}
    found.sort(key=lambda number: number.start)
    said = (number for number in found[:MOST] if number.end - 1 not in aside and not _YEAR.match(number.written))
    return (*(one for number in said for one in _quantities(number, text)), *_articles(text))


def _quantities(number: Number, text: str) -> Iterator[Quantity]:
    """One number, with the unit behind its word of size, and the digits before that word alone."""
    larger, share = plainly(certain(number, text)), percent(text, number.end)
    for value in exact(number):
        yield Quantity(value, share, amount_unit(number, text) if value in larger else unit(text, number.end))


def _articles(text: str) -> Iterator[Quantity]:
    """A year, half a percentage point, a quarter of an hour."""
    for match in _ONE.finditer(text):
        if its := unit(text, match.end()):
            yield Quantity(Fraction(1), False, its)
    for match in _PART.finditer(text):
        if its := unit(text, match.end()):
            yield Quantity(Fraction(1, 4 if match["quarter"] else 2), False, its)
    for half in and_a_half(text):
        yield Quantity(half.value, percent(text, half.unit_at), unit(text, half.unit_at))


def amount_unit(number: Number, text: str) -> tuple[str, Fraction] | None:
    """The unit behind a number and its word of size."""
    return unit(text, scale(text, number.end)[1])


def exact(number: Number) -> list[Fraction]:
    """What it may mean, as far as that can be reckoned with."""
    return plainly(number.values)


def plainly(values: Iterable[str]) -> list[Fraction]:
    """Those that can be reckoned with."""
    return [Fraction(value) for value in sorted(values) if value and _PLAIN.match(value)]


def reckoned(number: Number, text: str, source: Sequence[Quantity], values: frozenset[str]) -> bool:
    """Whether a number of `text` may come from those of a source, whose numbers as they stand are `values`."""
    if decade(number, text, values):
        return True
    if _YEAR.match(number.written):
        return False
    share, its = percent(text, number.end), amount_unit(number, text)
    many = bool(_TIMES.match(text, number.end)) or "." in number.written
    near = roughly(text, number.start, number.end)
    for written in number.values:
        if not written or not _PLAIN.match(written):
            continue
        value, places = Fraction(written), len(written.partition(".")[2])
        about, slack = Fraction(1, 2 * 10**places), value * ROUGHLY * near
        if any(_alone(value, about, share, its, one) for one in source):
            return True
        if any(abs(value - found) <= max(about, slack) for found in _shares(source, share, many)):
            return True
        if any(abs(value - found) <= slack for found in _sums(source, share)):
            return True
    return False


def sums_to(value: Fraction, source: Sequence[Quantity]) -> bool:
    """Whether it is a sum or a difference of numbers of a source that stand close together."""
    return value in _sums(source, share=False)


def _alone(value: Fraction, about: Fraction, share: bool, its: tuple[str, Fraction] | None, one: Quantity) -> bool:
    """Whether it is one number of the source as a percentage or a share, with fewer places, or in another unit."""
    if share != one.percent and value == (one.value * 100 if share else one.value / 100):
        return True
    if one.value.denominator > 1 and share == one.percent and value != one.value and abs(value - one.value) <= about and value:
        return one.value.denominator > value.denominator and one.value > 1
    return bool(its and one.unit) and its is not None and one.unit is not None and same_amount(value, its, one.value, one.unit)


def _pairs(source: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    for i, one in enumerate(source):
        for other in source[i + 1 : i + 1 + WINDOW]:
            yield one, other
            yield other, one


def _sums(source: Sequence[Quantity], share: bool) -> Iterator[Fraction]:
    """Differences of two, sums of any that follow each other, and parts of a hundred."""
    for one, other in _pairs(source):
        if not share or one.percent or other.percent:
            yield abs(one.value - other.value)
            yield one.value + other.value
    for i in range(len(source)):
        total = Fraction(0)
        for one in source[i : i + 1 + WINDOW]:
            total += one.value
            yield total
    if share:
        yield from (100 - one.value for one in source if one.percent)


def _shares(source: Sequence[Quantity], share: bool, many: bool) -> Iterator[Fraction]:
    """What one is of the other, as a percentage or a multiple; how much of the one a percentage is."""
    for one, other in _pairs(source):
        if other.value and share:
            yield 100 * abs(one.value - other.value) / other.value
            if not one.percent and not other.percent and one.value < other.value:
                yield 100 * one.value / other.value
        if other.value and many and not share:
            yield one.value / other.value
        if one.percent and not other.percent and not share:
            yield one.value * other.value / 100


def decade(number: Number, text: str, values: frozenset[str], exactly: bool = False) -> bool:
    """Whether it is a decade, and the source has a year or an age of it, or exactly that decade: the 90s are the 1990s."""
    said = _DECADE.match(text, number.end) or _DECADE_BEFORE.search(text, max(0, number.start - 16), number.start)
    value = number.written
    decades = (
        [value[:3], *([value[2]] if not exactly else [])]
        if len(value) == 4
        else [f"{first}{value[0]}" for first in ("18", "19", "20", *([] if exactly else [""]))]
        if len(value) == 2
        else []
    )
    years = range(1 if exactly else 10)
    return bool(said) and value.endswith("0") and any(f"{decade}{year}" in values for decade in decades for year in years)
