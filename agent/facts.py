"""Which numbers and dates does a text hold?

Comparison by value, not by spelling: ``3,000``, ``3 000``, ``3.000``, ``3 thousand`` and ``3千`` are one number, ``March``,
``März`` and ``2019-03`` one month. What a text is held against may spell a small number as a word. Five languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LATIN = r"A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
"""Letters that a number is part of when it touches them; Chinese stands beside numbers without a space."""
_UNIT = r"(?:[kmcnµμ]?[gm]|[mdc]?[lL]|[kMGT]i?B|[kMG]?Hz|[kMG]?W|kcal|kJ|ms|min|h|s|[KMB])"
"""Units that are written without a space: 500mg is not 50mg."""
_NUMBER = re.compile(rf"(?<![{_LATIN}.,])\d+(?:[.,'’\u00a0\u202f]\d+)*(?=(?:{_UNIT})?(?![{_LATIN}]))")
_SPACED = re.compile(rf"(?<![{_LATIN}.,])\d{{1,3}}(?: \d{{3}})+(?![{_LATIN}])")
"""Thousands set apart by plain spaces, or several numbers in a row: it is read as both."""
_SCALES = {
    "hundred|hundert|cents?|cien|cientos|百": 10**2,
    "thousand|tausend|tsd|mille|mil|千": 10**3,
    "万|萬": 10**4,
    "millions?|mio|millionen|millón|millones|mn|百万": 10**6,
    "亿|億": 10**8,
    "billions?|milliards?|milliarden?|mrd|bn|十亿": 10**9,
}
_SCALE = [(re.compile(rf"\s?(?:{words})(?![{_LATIN}])", re.IGNORECASE), factor) for words, factor in _SCALES.items()]
_WORDS = (
    "zero null zéro cero 零",
    "one ein eine einem einen einer eins un une uno una once einmal 一",
    "two zwei deux dos twice zweimal 二 两",
    "three drei trois tres 三",
    "four vier quatre cuatro 四",
    "five fünf cinq cinco 五",
    "six sechs seis 六",
    "seven sieben sept siete 七",
    "eight acht huit ocho 八",
    "nine neun neuf nueve 九",
    "ten zehn dix diez 十",
    "eleven elf onze once",
    "twelve zwölf douze doce",
)
_VALUES = {word: str(value) for value, words in reversed(list(enumerate(_WORDS))) for word in words.split()}
_SAID = re.compile(rf"[{_LATIN}]+|[一二两三四五六七八九十零]")
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
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAMED = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATED = re.compile(
    rf"(?:\d(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<after>{_NAMED})\b|\b(?P<before>{_NAMED})\.?\s+(?:de\s+|del\s+)?\d)",
    re.IGNORECASE,
)
"""A month beside a number."""
_NO_MONTH = frozenset({"may", "march", "mar"})
"""Words that are no month where they are written small."""
_ISO = re.compile(r"\b\d{4}-(\d{2})\b|(\d{1,2})\s?月")
_DOTTED = re.compile(r"\b(\d{1,2})([./])(\d{1,2})\2(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text."""

    written: str
    values: frozenset[str]
    """What it may mean: as written, and with the word behind it, such as million."""
    start: int
    """Character offset; the number is ``[start, end)``."""
    end: int


def numbers(text: str) -> Iterator[Number]:
    """Every number that is written in digits."""
    spaced = {match.start(): match for match in _SPACED.finditer(text)}
    covered = -1
    for match in _NUMBER.finditer(text):
        if match.start() < covered:
            continue
        if whole := spaced.get(match.start()):
            covered = whole.end()
            parts = frozenset(_plain(part) for part in whole[0].split())
            joined = whole[0].replace(" ", "")
            yield Number(whole[0], frozenset([joined]) | (parts if len(parts) == 1 else frozenset()), *whole.span())
        else:
            value = _plain(match[0])
            yield Number(match[0], frozenset([value, *_scaled(value, text, match.end())]), *match.span())


def values(text: str) -> frozenset[str]:
    """Every value that a number of this text may be meant as, small ones in words and months among them."""
    found = {value for number in numbers(text) for value in number.values}
    found |= {_plain(part) for match in _SPACED.finditer(text) for part in match[0].split()}
    found |= {_plain(part) for match in _DOTTED.finditer(text) for part in match.group(1, 3, 4)}
    found |= {_VALUES[word] for word in _SAID.findall(text.casefold()) if word in _VALUES}
    return frozenset(found | {str(_MONTH[name.casefold()]) for name in _named(text)})


def strange_number(text: str, about: str) -> str:
    """A number or a month of `text` that `about` does not hold in any spelling; empty where there is none."""
    have = values(about)
    for number in numbers(text):
        if not number.values & have and not all(_plain(part) in have for part in re.split(r"[ ./]", number.written)):
            return number.written
    held = {_MONTH[word] for word in _SAID.findall(about.casefold()) if word in _MONTH}
    held |= {int(part) for match in _ISO.finditer(about) for part in match.groups() if part}
    held |= {int(part) for match in _DOTTED.finditer(about) for part in match.group(1, 3)}
    return next((name for name in _named(text) if _MONTH[name.casefold()] not in held), "")


def is_month(word: str) -> bool:
    """Whether this word can name a month."""
    return word.casefold().rstrip(".") in _MONTH


def _named(text: str) -> list[str]:
    """Months that stand beside a number, as they are written."""
    found = [match["after"] or match["before"] for match in _DATED.finditer(text)]
    return [name for name in found if name not in _NO_MONTH]


def _scaled(value: str, text: str, end: int) -> Iterator[str]:
    for pattern, factor in _SCALE:
        if pattern.match(text, end):
            product = float(value) * factor
            yield str(int(product)) if product == int(product) else str(product)


def _plain(number: str) -> str:
    """``3,000``, ``3.000`` and ``3000`` are one number, ``0,5``, ``0.5`` and ``0.50`` another."""
    parts = re.split(r"[.,'’\u00a0\u202f]", number)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] != "0":
        return "".join(parts)
    value = ".".join(parts).lstrip("0")
    return (value.rstrip("0").rstrip(".") if "." in value else value) or "0"
