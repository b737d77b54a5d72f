"""Does a number of a sentence stand in its source, in whatever spelling?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from agent.facts.and_a_half import and_a_half
from agent.facts.clock import clocks
from agent.facts.dates import dates
from agent.facts.dates import stands as stands_as_date
from agent.facts.degrees import as_warm, degrees
from agent.facts.digits import in_digits
from agent.facts.eras import decades, decades_held
from agent.facts.fractions import Ratio, parts, ratios, said_shares
from agent.facts.glyphs import lowered
from agent.facts.numbers import Number, certain, percent, plain, read_in
from agent.facts.numerals import LATIN
from agent.facts.ranks import MARKED, PLACE, TIMES, Rank, ranks
from agent.facts.reckoned import amount_unit, decade, plainly
from agent.facts.scales import scale
from agent.facts.single import single
from agent.facts.source import Held
from agent.facts.units import COUNT, MANY_TIMES, ORDINAL, equals, measure, unit

_LETTER = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"
CODE = re.compile(rf"(?<![{LATIN}])[{_LETTER}][{LATIN}]*\d(?:[{LATIN}]|\.\d)*")
"""A word with a digit in it: F1, word2vec, H1N1."""
_DAY = re.compile(r"(?:st|nd|rd|th|er|º)(?=[.,;:)]|\Z|\s(?:of|and|to|or)\b)|\.(?=\s[a-zäöüß])|\s?[日号]")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")
_WORD_BEFORE = re.compile(rf"([{_LETTER}]+)([ _–-]?)\Z")
_SMALL = 10
"""A share of so many is one in other words too: three of five are 60 %, and 300 of 500 are not."""
_JOINT = re.compile(rf"(?<=[{_LETTER}])[\s_–-](?=\d)")


def composed(text: str, source: Held, language: str = "en") -> Iterator[tuple[int, int, str, bool]]:
    """``(start, end, written, whether it stands)`` of what is made of several numbers and is one, or is a share in words."""
    for date in dates(text):
        yield date.start, date.end, date.written, stands_as_date(date, source.dates, source.standing)
    for clock in clocks(text):
        number = plain(".".join(re.findall(r"\d+", clock.written)))  # 12.30 may be one
        yield clock.start, clock.end, clock.written, bool(clock.minutes & source.times) or number in source.standing
    for ratio in ratios(text):
        if ratio.top < 1000:
            share = Fraction(ratio.top, ratio.bottom) if ratio.bottom else None
            said = (ratio.top, ratio.bottom) in source.ratios or (ratio.top, ratio.bottom) in source.parts
            other = share is not None and _few(ratio) and _shared(share, source)
            yield ratio.start, ratio.end, ratio.written, said or other or _as_date(ratio, source)
    for part in parts(text):
        if _few(part) and _shared(Fraction(part.top, part.bottom), source):
            yield part.start, part.end, part.written, True
    for rank in ranks(text, read_in(language)):
        yield rank.start, rank.end, rank.written, _ranked(rank, source)
    yield from _in_words(text, source, language)


def _in_words(text: str, source: Held, language: str) -> Iterator[tuple[int, int, str, bool]]:
    """The same of what words say: *two and a half years*, *ein Jahr*, *the eighties*, *half of*."""
    for half in and_a_half(text):
        yield half.start, half.end, half.written, _measures(half.value, unit(text, half.unit_at), source, alone=True)
    for start, end, its in single(text, read_in(language)):
        yield start, end, text[start:end], _measures(Fraction(1), its, source)
    for start, end, written, tens in decades(text):
        yield start, end, written, tens in decades_held(source.text)
    for start, end, share in said_shares(text):
        yield start, end, text[start:end], _shared(share, source)


def stands(number: Number, text: str, source: Held) -> bool:
    """Whether the source has this value in any spelling, and in its unit where both name one."""
    values, its = certain(number, text), _measure(number, text)
    if its in (ORDINAL, MANY_TIMES) and any((PLACE if its == ORDINAL else TIMES, value) in source.ranks for value in values):
        return True
    if MARKED.search(text, max(0, number.start - 20), number.start) and any((PLACE, value) in source.ranks for value in values):
        return True
    if values & source.standing:
        return not of_another_unit(number, text, source) or _in_another_unit(number, text, source)
    before = _WORD_BEFORE.search(text, max(0, number.start - 24), number.start)
    return (
        decade(number, text, source.values, exactly=True)
        or bool(values & source.days and _DAY.match(text, number.end))
        or bool(before and not (before[1].islower() and before[2] == " ") and _glued(f"{before[1]}{number.written}", source))
        or _in_another_unit(number, text, source)
    )


def _in_another_unit(number: Number, text: str, source: Held) -> bool:
    """Whether the source has exactly this amount: 5000 g for 5 kg, 100.4 °F for 38 °C, a half or .5 for 50 %."""
    its, of_hundred = amount_unit(number, text), percent(text, number.end)
    if any(as_warm(one, source.degrees) for one in degrees(text, [number])):
        return True
    return any(
        (_shared(value / 100, source) if of_hundred else its is None and value < 1 and value in source.told)
        or (its and any(one.unit and equals(value, its, one.value, one.unit) for one in source.quantities))
        for value in plainly(certain(number, text))
    )


def of_another_unit(number: Number, text: str, source: Held, alike: bool = False) -> bool:
    """Whether the source has the value in other units alone: 5 kg of 5 g, or 5 % of 5 points; if `alike`, of the same kind."""
    its = _measure(number, text)
    if _YEAR.match(number.written):
        return False
    same = [other for other in source.apart if certain(other, source.text) & certain(number, text)]
    others = [_measure(other, source.text) for other in same]
    if its is None:
        return not alike and bool(same) and all(other == ORDINAL for other in others)
    if not all(other and other != its for other in others):
        return False
    return bool(same) and (not alike or all(other and other[0] == its[0] for other in others))


def _measure(number: Number, text: str) -> tuple[str, Fraction] | None:
    found = measure(text, number.start, scale(text, number.end)[1])
    whole = all("." not in value for value in certain(number, text))
    return found if whole or found != COUNT else None


def _few(share: Ratio) -> bool:
    """Whether it says a share, and not how many there were."""
    return share.top == 1 or share.bottom <= _SMALL


def _measures(value: Fraction, its: tuple[str, Fraction] | None, source: Held, alone: bool = False) -> bool:
    """Whether the source has this amount, in any unit; `alone`, also where one of the two names none."""
    return any(
        (alone and one.value == value and not (its and one.unit))
        or (its and one.unit and its[0] == one.unit[0] and one.value * one.unit[1] == value * its[1])
        for one in source.quantities
    )


def _ranked(rank: Rank, source: Held) -> bool:
    """Whether it stands there; what is halved fell by 50 %."""
    return (rank.kind, rank.value) in source.ranks or (rank.value == ".5" and _shared(Fraction(1, 2), source))


def _as_date(ratio: Ratio, source: Held) -> bool:
    """Whether it is a month of a year that stands there: 12/2023."""
    return any(stands_as_date(date, source.dates, source.standing) for date in in_digits(ratio.written, loosely=True))


def _shared(share: Fraction, source: Held) -> bool:
    """Whether it stands there as a fraction, a percentage or a decimal number, and as exactly that."""
    return share in source.told or (share < 1 and any(not one.percent and share == one.value for one in source.quantities))


def coded(code: str, source: Held) -> bool:
    """Whether this word with a digit stands there, be it with a stroke or a space before the digit, or in the plural."""
    pattern = _alone(_JOINT.sub("", code).removesuffix("s"))
    return any(pattern.search(text) for text in (_JOINT.sub("", source.text), source.text, lowered(source.text)))


def _glued(code: str, source: Held) -> bool:
    """Whether a word and a number stand there as one word."""
    return bool(_alone(code).search(source.text))


def _alone(code: str) -> re.Pattern[str]:
    """It, and not as a part of a longer word or number."""
    return re.compile(rf"(?<![{LATIN}])(?i:{re.escape(code)})s?(?![{LATIN}]|\.\d)")


def joined(text: str) -> str:
    """In small letters, without what stands between a word and a digit: CoNLL-2003 and CoNLL 2003 are one."""
    return _JOINT.sub("", text).casefold()
