"""Does the source contradict the numbers of a sentence?

What is certain speaks against the sentence: a number that stands nowhere in the source, the same number with the opposite sign, a
fraction that stands there upside down, another month, another count of the same thing, a million for a billion. What is merely
not certain does not: a bound, a denial, what can be reckoned from the source's numbers or is said there in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from agent.facts.bounds import bounded, within_sign
from agent.facts.counted import Count, strange_count
from agent.facts.dates import contradicted, dates, swapped
from agent.facts.dates import stands as stands_as_date
from agent.facts.degrees import about_as_warm, degrees
from agent.facts.digits import in_digits
from agent.facts.fractions import Ratio, parts, ratios, rounds_to
from agent.facts.free import of_the_report
from agent.facts.glyphs import folded
from agent.facts.lasting import comes_to, lies_between
from agent.facts.meant import meant, of_a_name
from agent.facts.months import dated, named
from agent.facts.numbers import Number, certain, numbers, percent, plain, scaled
from agent.facts.reckoned import amount_unit, exact, plainly, reckoned, sums_to
from agent.facts.rounded import rounded
from agent.facts.scales import scale, thing
from agent.facts.signs import opposed
from agent.facts.source import Held, held_by
from agent.facts.spelled import grouped
from agent.facts.standing import composed, of_another_unit, stands
from agent.facts.units import same_amount


def strange_number(text: str, about: str, language: str = "en", sources: int = 0) -> str:
    """A number, fraction or date of `text`, in `language`, that `about` contradicts or holds in no spelling; else empty.

    `sources` is how many different sources the sentence cites.
    """
    text, source = folded(text), held_by(about, language)
    if turned := next(_turned(text, source), ""):
        return turned
    shared = [(ratio.start, ratio.end, _shares(ratio, source)) for ratio in (*ratios(text), *parts(text))]
    composite = [(start, end, there) for start, end, _, there in composed(text, source, language)]
    settled = {at for start, end, there in (*shared, *composite) if there for at in range(start, end)}
    dozens = (group for group in grouped(text) if group.values & source.values)
    settled |= {*of_the_report(text, sources)} | {at for group in dozens for at in range(group.start, group.end)}
    for date in in_digits(text):
        if date.start not in settled and contradicted(date, source.months, source.values):
            return date.written
        settled |= {*range(date.start, date.end)}
    for date in in_digits(text, loosely=True):
        if stands_as_date(date, source.dates, source.standing):
            settled |= {*range(date.start, date.end)}
    aside = dated(text) | {at for ratio in ratios(text) for at in range(ratio.start, ratio.end)}
    for number in numbers(text, language):
        if number.start in settled or of_a_name(number, text) or bounded(text, number.start, number.end):
            continue
        if strange := _strange(number, text, source, alone=number.end - 1 not in aside):
            return strange
    strange_month = next((name for name, month in named(text).items() if source.months and month not in source.months), "")
    return strange_month or strange_count(text, about, source.values, lambda count: _sums_to(count, text, source))


def _turned(text: str, source: Held) -> Iterator[str]:
    """Dates that the source has with day and month the other way round, and fractions that it has upside down."""
    for date in dates(text):
        if swapped(date, source.dates) and not stands_as_date(date, source.dates, source.standing):
            yield date.written
    for ratio in ratios(text):
        if (ratio.bottom, ratio.top) in source.ratios and not _shares(ratio, source):
            yield ratio.written


def _strange(number: Number, text: str, source: Held, alone: bool) -> str:
    """How a number is written that the source does not hold, or otherwise; empty where it holds it, or may."""
    pieces = [plain(part) for part in re.split(r"[ ./^×]", number.written)]
    if not (number.values & source.values or source.values.issuperset(pieces) or stands(number, text, source)):
        return "" if alone and _open(number, text, source) else number.written
    same = [other for other in (*source.numbers, *source.words) if other.values & number.values]
    if _rescaled(number, text, same, source) and not _amounts_to(number, text, source):
        return text[number.start : scale(text, number.end)[1]]
    if alone and of_another_unit(number, text, source, alike=True) and not _amounts_to(number, text, source):
        return number.written
    if opposed(number, text, same, source.text):
        return f"{number.sign}{number.written}"
    return ""


def _open(number: Number, text: str, source: Held) -> bool:
    """Whether a number that the source does not hold may be right all the same."""
    share, found = percent(text, number.end), exact(number)
    return (
        _amounts_to(number, text, source)
        or any(rounds_to(said, value, share) for said in source.shares for value in number.values)
        or bool(source.least and any(value >= source.least for value in found))
        or any(within_sign(text, number.start, value, (one.value for one in source.quantities)) for value in found)
        or comes_to(number, text, source.years, source.lasted)
        or rounded(number, text, source.quantities)
        or reckoned(number, text, source.quantities, source.values)
        or meant(number, text, source)
    )


def _amounts_to(number: Number, text: str, source: Held) -> bool:
    """Whether the source has about as much in another unit or as years: 5 km are 3.1 miles."""
    its = amount_unit(number, text)
    if any(about_as_warm(one, source.degrees) for one in degrees(text, [number])):
        return True
    return lies_between(number.values, text, number.start, number.end, source.years) or any(
        its and one.unit and same_amount(value, its, one.value, one.unit)
        for value in plainly(certain(number, text))
        for one in source.quantities
    )


def _rescaled(number: Number, text: str, same: list[Number], source: Held) -> bool:
    """Whether the source has the digits with another word behind them alone: 5 million for 5 billion, or 5 euros."""
    if any(certain(number, text) & certain(other, source.text) for other in same):
        return False
    factors, stop = scale(text, number.end)
    larger = scaled(number.values, text, number.end) & number.values
    if number.values & source.spelled or larger & source.values:
        return False
    counted = thing(text, stop)

    def otherwise(other: Number) -> bool:
        its, end = scale(source.text, other.end)
        return its.isdisjoint(factors) and bool((its and factors) or (its | factors and counted == thing(source.text, end) != ""))

    return bool(same) and all(otherwise(other) for other in same)


def _sums_to(count: Count, text: str, source: Held) -> bool:
    if lies_between(count.values, text, count.start, count.end, source.years):
        return True
    return any(sums_to(Fraction(value), source.quantities) for value in count.values)


def _shares(ratio: Ratio, source: Held) -> bool:
    """Whether the source holds this fraction, as it stands, in another spelling, or rounded."""
    if (ratio.top, ratio.bottom) in source.ratios:
        return True
    share = Fraction(ratio.top, ratio.bottom) if ratio.bottom else None
    if share is None or share in source.shares:
        return share is not None
    return any(rounds_to(share, value, percent(source.text, n.end)) for n in source.numbers for value in n.values)
