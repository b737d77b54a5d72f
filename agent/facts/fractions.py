"""Which fractions stand in a text?

``1/3``, ``⅓``, ``a third``, ``ein Drittel`` and ``三分之一`` are one; ``3/1`` is another. A date is none.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import numeric

from agent.facts.halves import halves
from agent.facts.numerals import LATIN, ONES, SMALL

_TEN = {
    "neuf": 9,
    "ten": 10,
    "zehn": 10,
    "dix": 10,
    "diez": 10,
    "twelve": 12,
    "zwölf": 12,
    "douze": 12,
    "doce": 12,
    "twenty": 20,
    "hundred": 100,
}
_SET = re.compile(rf"(?<![{LATIN}./,⁄∕])(\d{{1,4}})\s?[/⁄∕]\s?(\d{{1,4}})(?![\d/⁄∕]|[.,]\d)")
_SIGN = re.compile("[¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")
_SAID = {
    2: "half|halves|halb(?:e[nrsm]?)?|hälfte|moitié|demie?|mitad|medi[oa]s?",
    3: "thirds?|dritteln?|tiers|tercios?|tercera",
    4: "quarters?|fourths?|vierteln?|quarts?|cuartos?|cuarta",
    5: "fifths?|fünfteln?|cinquièmes?|quint[oa]s?",
    6: "sixths?|sechsteln?|sixièmes?|sext[oa]s?",
    8: "eighths?|achteln?|huitièmes?|octav[oa]s?",
    10: "tenths?|zehnteln?|dixièmes?|décim[oa]s?",
}
_WORD = re.compile(
    rf"(?:(?<![{LATIN}])(?P<many>\d{{1,2}}|{'|'.join(word for word in SMALL if word.isascii() or word == 'fünf')})[\s-])?"
    rf"(?<![{LATIN}])(?:{'|'.join(f'(?P<d{bottom}>{words})' for bottom, words in _SAID.items())})(?![{LATIN}])",
    re.IGNORECASE,
)
_TOPS = "|".join(w for w in [*SMALL, "neuf", "ten", "ein", "eine", "einer", "un", "une", "uno", "una"] if w[0] < chr(0x3040))
_BOTTOMS = "|".join(w for w in [*SMALL, *_TEN] if w[0] < chr(0x3040))
_OF = re.compile(
    rf"(?<![{LATIN}.,-])(?P<top>\d{{1,4}}|{_TOPS})\s(?:of|out of|in|von|aus|sur|de|de cada|entre)"
    rf"(?: the| every| each| den| les| las| los)?\s(?P<bottom>\d{{1,4}}|{_BOTTOMS})(?![{LATIN}]|[.,]\d|\s?%)",
    re.IGNORECASE,
)
"""One of five, 3 out of 4, 1 in 3."""
_HAN = re.compile(r"([一二两三四五六七八九十]|\d{1,4})分之([一二两三四五六七八九十]|\d{1,4})")
_TENTHS = re.compile(r"([一二两三四五六七八九])成([一二三四五六七八九])?(?![员本分熟立功长为份果])|(?<![十百千万第])(一半)")
_COUNTED = re.compile(rf"\d|[\u3400-\u9fff]|(?:{_TOPS})[\s-]", re.IGNORECASE)
_SHARED = re.compile(r"\s(?:of|the|all|der|des|aller|von|d[eu']|des|tous|toutes|del|los|las)\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:(?:more|less|fewer) than|over|under|about|around|nearly|almost|roughly|exactly|only|just|mehr als|weniger als|über"
    r"|unter|rund|etwa|knapp|fast|nur|plus d[e’']\s?|moins d[e’']\s?|près d[e’']\s?"
    r"|environ|presque|más de|menos de|casi|cerca de)"
    r"\s(?:an?\s|d[ie][er]\s|eine?[nr]?\s|la\s|une?\s|una?\s)?\Z",
    re.IGNORECASE,
)
_SURE = re.compile(r"hälfte|dritteln?|fünfteln?|sechsteln?|moitié|tiers|mitad|tercios?", re.IGNORECASE)
"""Shares wherever they stand."""
_DIGIT = {sign: value for value, sign in enumerate("一二三四五六七八九十", 1)} | {"两": 2}


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two numbers with a stroke between them."""

    written: str
    top: int
    bottom: int
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int


def ratios(text: str) -> Iterator[Ratio]:
    """Every fraction in digits."""
    for match in _SET.finditer(text):
        yield Ratio(match[0], int(match[1]), int(match[2]), *match.span())


def parts(text: str) -> Iterator[Ratio]:
    """Every *one of five*, where the first number is no more than the second."""
    for match in _OF.finditer(text):
        top, bottom = (_spelled(match[part]) for part in ("top", "bottom"))
        if 0 < top <= bottom:
            yield Ratio(match[0], top, bottom, *match.span())


def _spelled(word: str) -> int:
    word = word.casefold()
    return int(word) if word.isdecimal() else _TEN.get(word) or int(SMALL.get(word, "1"))


def shares(text: str, of: Container[int] = range(2**31)) -> set[Fraction]:
    """The value of every fraction that a text may mean, in whatever spelling; `of` are bottoms of *one of five* that count."""
    found = {Fraction(ratio.top, ratio.bottom) for ratio in ratios(text) if ratio.bottom}
    found |= {Fraction(part.top, part.bottom) for part in parts(text) if part.bottom in of}
    found |= {Fraction(numeric(match[0])).limit_denominator(10) for match in _SIGN.finditer(text)}
    return found | {share for _, _, share in _in_words(text)}


def said_shares(text: str) -> Iterator[tuple[int, int, Fraction]]:
    """``(start, end, share)`` of what is a share for certain: *two thirds*, *half of*, 三分之一; a quarter may be of a year."""
    return (said for said in _in_words(text) if _certain(text, said[0], said[1]))


def _certain(text: str, start: int, end: int) -> bool:
    around = _COUNTED.match(text, start) or _SHARED.match(text, end) or _ABOUT.search(text, max(0, start - 24), start)
    return bool(around or _SURE.fullmatch(text, start, end))


def _in_words(text: str) -> Iterator[tuple[int, int, Fraction]]:
    sized = {at for _, _, start, end in halves(text, tuple(ONES)) for at in range(start, end)}
    for match in (match for match in _WORD.finditer(text) if match.start() not in sized):
        bottom = next(d for d in _SAID if match[f"d{d}"])
        many = (match["many"] or "1").casefold()
        yield *match.span(), Fraction(int(SMALL.get(many, many)), bottom)
    for match in _HAN.finditer(text):
        bottom, top = (_DIGIT.get(part) or int(part) for part in match.groups())
        if bottom:
            yield *match.span(), Fraction(top, bottom)
    for match in _TENTHS.finditer(text):
        hundredths = 50 if match[3] else 10 * _DIGIT[match[1]] + (_DIGIT[match[2]] if match[2] else 0)
        yield *match.span(), Fraction(hundredths, 100)


def rounds_to(share: Fraction, value: str, percent: bool) -> bool:
    """Whether a fraction is this percentage or decimal number to as many places as it has: 1/3 is 33 %, and 0.33."""
    whole, _, places = value.partition(".")
    if not (percent or places) or not f"{whole}{places}".isdecimal():
        return False
    exact = share * (100 if percent else 1)
    return abs(exact - Fraction(value if whole else f"0{value}")) * 2 <= Fraction(1, 10 ** len(places))
