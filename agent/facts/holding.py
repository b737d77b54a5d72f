"""Does the source hold the numbers of a sentence?

What is certain speaks against the sentence: a number that stands nowhere in the source, the same number with the opposite sign, a
fraction that stands there upside down, another month, another count of the same thing, a million for a billion. What is merely
not certain does not: a bound, a denial, what can be reckoned from the source's numbers or is said there in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from agent.facts.bounds import bounded, within_sign
from agent.facts.counted import Count, strange_count
from agent.facts.fractions import Ratio, parts, ratios, rounds_to, shares
from agent.facts.months import DOTTED, dated, held, named, placed
from agent.facts.numbers import MIXED, SPACED, Number, numbers, percent, plain, scaled, small_numbers
from agent.facts.reckoned import Quantity, exact, quantities, reckoned, sums_to
from agent.facts.scales import least_scale, scale, thing
from agent.facts.signs import opposed
from agent.facts.spelled import spelled

_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])")


def values(text: str) -> frozenset[str]:
    """Every value that a number of this text may be meant as, signs aside, small ones in words and months among them."""
    return frozenset(_values(text, tuple(numbers(text))) | spelled(text) | {str(month) for month in named(text).values()})


@dataclass(frozen=True, slots=True)
class Held:
    """What a source holds; many sentences are held against one."""

    text: str
    numbers: tuple[Number, ...]
    words: tuple[Number, ...]
    """Those below ten in words."""
    values: frozenset[str]
    """Months left out, so that they stand for no day."""
    spelled: frozenset[str]
    """Those of them that words may mean."""
    least: int | None
    """The least factor said in words, such as 100: numbers from there on may be spelled out."""
    quantities: tuple[Quantity, ...]
    ratios: frozenset[tuple[int, int]]
    shares: frozenset[Fraction]
    months: frozenset[int]


def strange_number(text: str, about: str, language: str = "en") -> str:
    """A number, fraction or month of `text`, in `language`, that `about` contradicts or holds in no spelling; else empty."""
    source = _held(about)
    settled, aside = set[int](), dated(text)
    for ratio in ratios(text):
        aside |= {*range(ratio.start, ratio.end)}
        if _shares(ratio, source):
            settled |= {*range(ratio.start, ratio.end)}
        elif (ratio.bottom, ratio.top) in source.ratios:
            return ratio.written
    for part in parts(text):
        settled |= {*range(part.start, part.end)} if _shares(part, source) else set()
    for clock in _CLOCK.finditer(text):
        settled |= {*range(*clock.span())} if plain(f"{clock[1]}.{clock[2]}") in source.values else set()
    months = placed(text)
    for number in numbers(text, language):
        if number.start in settled or bounded(text, number.start, number.end):
            continue
        if number.start in months and source.months.intersection(int(value) for value in number.values):
            continue
        if strange := _strange(number, text, source, alone=number.end - 1 not in aside):
            return strange
    strange_month = next((name for name, month in named(text).items() if month not in source.months), "")
    return strange_month or strange_count(text, about, source.values, lambda count: _sums_to(count, source))


def _strange(number: Number, text: str, source: Held, alone: bool) -> str:
    """How a number is written that the source does not hold, or otherwise; empty where it holds it, or may."""
    pieces = [plain(part) for part in re.split(r"[ ./^×]", number.written)]
    if not (number.values & source.values or source.values.issuperset(pieces)):
        return "" if alone and _open(number, text, source) else number.written
    same = [other for other in (*source.numbers, *source.words) if other.values & number.values]
    if _rescaled(number, text, same, source):
        return text[number.start : scale(text, number.end)[1]]
    if opposed(number, text, same, source.text):
        return f"{number.sign}{number.written}"
    return ""


def _open(number: Number, text: str, source: Held) -> bool:
    """Whether a number that the source does not hold may be right all the same."""
    share, found = percent(text, number.end), exact(number)
    return (
        any(rounds_to(said, value, share) for said in source.shares for value in number.values)
        or bool(source.least and any(value >= source.least for value in found))
        or any(within_sign(text, number.start, value, (one.value for one in source.quantities)) for value in found)
        or reckoned(number, text, source.quantities, source.values)
    )


def _rescaled(number: Number, text: str, same: list[Number], source: Held) -> bool:
    """Whether the source has the digits with another word behind them alone: 5 million for 5 billion, or 5 euros."""
    factors, stop = scale(text, number.end)
    larger = scaled(number.values, text, number.end) & number.values
    if number.values & source.spelled or larger & source.values:
        return False
    counted = thing(text, stop)

    def otherwise(other: Number) -> bool:
        its, end = scale(source.text, other.end)
        return its.isdisjoint(factors) and bool((its and factors) or (its | factors and counted == thing(source.text, end) != ""))

    return bool(same) and all(otherwise(other) for other in same)


def _sums_to(count: Count, source: Held) -> bool:
    return any(sums_to(Fraction(value), source.quantities) for value in count.values)


@lru_cache(256)
def _held(about: str) -> Held:
    found = tuple(numbers(about))
    words = frozenset(spelled(about))
    there = frozenset((ratio.top, ratio.bottom) for ratio in ratios(about))
    values = frozenset(_values(about, found)) | words
    months, fractions = frozenset(held(about)), frozenset(shares(about))
    return Held(
        about, found, tuple(small_numbers(about)), values, words, least_scale(about), quantities(about), there, fractions, months
    )


def _values(text: str, found: Sequence[Number]) -> set[str]:
    """Every value in digits, months left out."""
    months = placed(text)
    have = {value for number in found if number.start not in months for value in number.values}
    have |= {plain(part) for match in SPACED.finditer(text) for part in match[0].split()}
    have |= {plain(part) for match in MIXED.finditer(text) for part in match.group(1, 3, 4) if part}
    return have | {plain(part) for match in DOTTED.finditer(text) for part in match.group(1, 3, 4)}


def _shares(ratio: Ratio, source: Held) -> bool:
    """Whether the source holds this fraction, as it stands, in another spelling, or rounded."""
    if (ratio.top, ratio.bottom) in source.ratios:
        return True
    share = Fraction(ratio.top, ratio.bottom) if ratio.bottom else None
    if share is None or share in source.shares:
        return share is not None
    return any(rounds_to(share, value, percent(source.text, n.end)) for n in source.numbers for value in n.values)
