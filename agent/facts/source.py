"""Which numbers, fractions and months does a source hold?

Read once, since many sentences are held against one source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from agent.facts.clock import times_held
from agent.facts.counted import all_small
from agent.facts.dates import dates, readings
from agent.facts.degrees import Degrees, degrees
from agent.facts.digits import Reading, months_at
from agent.facts.fractions import parts, ratios, shares
from agent.facts.glyphs import folded
from agent.facts.hundreds import hundreds
from agent.facts.lasting import lasted, years
from agent.facts.months import held, named
from agent.facts.numbers import MIXED, SPACED, Number, certain, numbers, plain, small_numbers
from agent.facts.ranks import TIMES, ranks
from agent.facts.reckoned import Quantity, quantities
from agent.facts.scales import least_scale
from agent.facts.spelled import EVERY, gathered, grouped, spelled
from agent.facts.units import MANY_TIMES, measure
from agent.language.detect import told

_TOLD = 2_000
"""Characters of a line by which its language is told."""
_FALSE_FRIENDS = {"once": "es", "dos": "es", "mil": "es", "sept": "fr", "cent": "fr", "cents": "fr"}
"""Numbers in one language and words of English: where a text is too short to be told, numbers in the report's language alone."""


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
    apart: tuple[Number, ...]
    """Numbers and words that are no part of a date, nor of a larger number in words."""
    standing: frozenset[str]
    """Those that stand there for certain: of *3 million* three is none."""
    spelled: frozenset[str]
    """Those of them that words may mean."""
    least: int | None
    """The least factor said in words, such as 100: numbers from there on may be spelled out."""
    quantities: tuple[Quantity, ...]
    degrees: frozenset[Degrees]
    years: tuple[int, ...]
    """In the order in which they stand there."""
    lasted: frozenset[Fraction]
    """Of *ten years* and the like, in years."""
    ratios: frozenset[tuple[int, int]]
    ranks: frozenset[tuple[str, str]]
    """Kind and value of what is so many times, or the one in a row (`agent.facts.ranks`)."""
    parts: frozenset[tuple[int, int]]
    """3 and 5 of *3 of 5*."""
    shares: frozenset[Fraction]
    told: frozenset[Fraction]
    """What is said as a share, percentages among them: three of five is one, 12 of 48 are two numbers."""
    months: frozenset[int]
    dates: frozenset[Reading]
    times: frozenset[int]
    """Of day, in minutes since midnight."""
    days: frozenset[str]
    """Of these dates; as numbers they stand for nothing else."""


@lru_cache(256)
def held_by(about: str, language: str = "en") -> Held:
    """What this text holds for a report in this language."""
    about = folded(about)
    found, small, words = tuple(numbers(about)), tuple(small_numbers(about)), frozenset(spelled(about))
    reckonable, dated = quantities(about), readings(about)
    apart = tuple(_apart(about, language))
    return Held(
        text=about,
        numbers=found,
        words=small,
        values=frozenset(_values(about, found)) | words,
        apart=apart,
        standing=frozenset(_standing(about, apart)),
        spelled=words,
        least=least_scale(about),
        quantities=reckonable,
        degrees=frozenset(degrees(about, found)),
        years=years(found),
        lasted=lasted(about, found, reckonable),
        ratios=frozenset((ratio.top, ratio.bottom) for ratio in ratios(about)),
        ranks=frozenset(_ranks(about, apart)),
        parts=frozenset((part.top, part.bottom) for part in parts(about)),
        shares=frozenset(shares(about)),
        told=frozenset(shares(about, of=(*range(11), 100)) | {one.value / 100 for one in reckonable if one.percent}),
        months=frozenset(held(about)),
        dates=dated,
        times=frozenset(times_held(about)),
        days=frozenset(str(one.day) for one in dated if one.day),
    )


def _apart(text: str, language: str) -> Iterator[Number]:
    """Those outside of dates and of larger numbers in words, which are there themselves, read in the text's own languages."""
    own = _own(text)
    found = [number for language in own or EVERY for number in numbers(text, language)]
    found += [*all_small(text, own or EVERY), *grouped(text)]
    found = [number for number in found if own or _FALSE_FRIENDS.get(number.written.casefold(), language) == language]
    aside = {at for date in dates(text) for at in range(date.start, date.end)}
    larger = {at: end for _, _, start, end in hundreds(text, EVERY) for at in range(start, end)}
    for number in found:
        if number.start not in aside and number.end >= larger.get(number.start, 0):
            yield number


def _ranks(text: str, apart: Sequence[Number]) -> Iterator[tuple[str, str]]:
    """Those in words, and those of numbers with a word behind them: ten times, 3rd."""
    yield from ((rank.kind, rank.value) for rank in ranks(text, EVERY, loosely=True))
    for number in apart:
        if measure(text, number.start, number.end) == MANY_TIMES:
            yield from ((TIMES, value) for value in number.values)


def _own(text: str) -> tuple[str, ...]:
    """English, and the languages of the lines of a text; none where none can be told."""
    lines = [line[:_TOLD] for line in text.splitlines()]
    found = {told(line) or told(line, surely=False) for line in lines} - {""}
    return ("en", *sorted(found & {*EVERY} - {"en"})) if found else ()


def _standing(text: str, apart: Sequence[Number]) -> set[str]:
    """Values without those of days and months, and without 3 of 3 million."""
    have = {value for number in apart for value in certain(number, text)} | gathered(text)
    return have | {str(one.year) for date in dates(text) for one in date.readings if one.year}


def _values(text: str, found: Sequence[Number]) -> set[str]:
    """Every value in digits, months left out."""
    months = months_at(text)
    have = {value for number in found if number.start not in months for value in number.values}
    have |= {plain(part) for match in SPACED.finditer(text) for part in match[0].split()}
    have |= {plain(part) for match in MIXED.finditer(text) for part in match.group(1, 3, 4) if part}
    return have | {str(part) for one in readings(text) for part in (one.day, one.year) if part}
