"""Which numbers and dates does a text hold?

Comparison by value, not by spelling: ``3,000``, ``3 000``, ``3.000``, ``3 thousand`` and ``3千`` are one number, ``March``,
``März`` and ``2019-03`` one month. What a text is held against may spell a small number as a word. Five languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import numeric

_LATIN = r"A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
"""Letters that a number is part of when it touches them; Chinese stands beside numbers without a space."""
_FRACTIONS = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_POWER = re.compile(rf"(?<![{_LATIN}.,])10(?:\^\{{?(\d{{1,2}})\}}?|([⁰¹²³⁴-⁹]{{1,2}}))")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NUMBER = re.compile(
    rf"{_POWER.pattern}|(?<![{_LATIN}.,])(?:\d+(?:[.,'’\u00a0\u202f]\d+)*+)|(?<![^\s(=<>~≈$€£±+-])\.\d+|[{_FRACTIONS}]"
)
"""Whole, whatever letters stand behind it: 3.5x is not 3, and 90k is not 20k."""
_SPACED = re.compile(rf"(?<![{_LATIN}.,])\d{{1,3}}(?: \d{{3}})+(?![{_LATIN}])")
"""Thousands set apart by plain spaces, or several numbers in a row: it is read as both."""
_SCALES = {
    "hundred|hundert|cents?|cien|cientos|百": 10**2,
    "thousand|tausend|tsd|mille|mil|千": 10**3,
    "万|萬": 10**4,
    "millions?|mio|millionen|millón|millones|mn|百万": 10**6,
    "亿|億": 10**8,
    "billions?|milliards?|milliarden?|mrd|bn|十亿": 10**9,
    "trillions?|billionen?|tn": 10**12,
}
_SCALE = [(re.compile(rf"\s?(?:{words})(?![{_LATIN}])", re.IGNORECASE), factor) for words, factor in _SCALES.items()]
_SCALE += [(re.compile(rf"[{sign}](?![{_LATIN}])"), factor) for sign, factor in (("kK", 10**3), ("mM", 10**6), ("bB", 10**9))]
_WORDS = (
    "zero null zéro cero 零",
    "one ein eine einem einen einer eins un une uno una once einmal first erste ersten premier première primer primera 一",
    "two zwei deux dos twice zweimal second zweite zweiten zweiter zweites deuxième segundo segunda double 二 两",
    "three drei trois tres third dritte dritten dritter drittes troisième tercer tercera thrice threefold 三",
    "four vier quatre cuatro fourth vierte vierten quatrième cuarto cuarta fourfold 四",
    "five fünf cinq cinco fifth fünfte fünften cinquième quinto quinta fivefold 五",
    "six sechs seis sixth sechste sechsten sixième sexto sexta 六",
    "seven sieben sept siete seventh siebte siebten septième séptimo 七",
    "eight acht huit ocho eighth achte achten huitième octavo 八",
    "nine neun neuf nueve ninth neunte neunten neuvième noveno 九",
    "ten zehn dix diez tenth zehnte zehnten tenfold 十",
    "eleven elf onze once eleventh elfte elften",
    "twelve zwölf douze doce twelfth zwölfte zwölften",
    "thirteen dreizehn treize trece thirteenth",
    "fourteen vierzehn quatorze catorce fourteenth",
    "fifteen fünfzehn quinze quince fifteenth",
    "sixteen sechzehn seize dieciséis sixteenth",
    "seventeen siebzehn diecisiete seventeenth",
    "eighteen achtzehn dieciocho eighteenth",
    "nineteen neunzehn diecinueve nineteenth neunzehnten",
    "twenty zwanzig vingt veinte twentieth zwanzigsten",
)
_TENS = (
    "thirty dreißig trente treinta",
    "forty vierzig quarante cuarenta",
    "fifty fünfzig cinquante cincuenta",
    "sixty sechzig soixante sesenta",
    "seventy siebzig setenta",
    "eighty achtzig ochenta",
    "ninety neunzig noventa",
)
_VALUES = {word: str(value) for value, words in reversed(list(enumerate(_WORDS))) for word in words.casefold().split()}
_VALUES |= {word: str(value) for value, words in zip(range(30, 100, 10), _TENS, strict=True) for word in words.casefold().split()}
_HALF = frozenset("half halves halb halbe hälfte moitié demi mitad medio media".split())  # noqa: SIM905 - as above
_SAID = re.compile(rf"[{_LATIN}]+|[一二两三四五六七八九十零]")
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_COUNTED = re.compile(
    rf"\b(?:({'|'.join(words.split()[0] for words in (_WORDS[20], *_TENS))})"
    rf"(?:[ -](one|two|three|four|five|six|seven|eight|nine))?|({_TEENS}))\b",
    re.IGNORECASE,
)
"""English numbers from ten on: a sentence may say two or three of what it names itself."""
_HAN = re.compile(r"(?<![百千万亿])[一二两三四五六七八九十][一二两三四五六七八九十百千万亿零]+(?!年代|世纪)")
_HAN_DIGIT = {
    sign: value for value, signs in enumerate(("零", "一", "二两", "三", "四", "五", "六", "七", "八", "九")) for sign in signs
}
_HAN_UNIT = {"十": 10, "百": 100, "千": 1000}
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
    """Every number in digits, and from ten on in English or Chinese words."""
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
            read = _read(match)
            yield Number(match[0], read.union(*(_scaled(value, text, match.end()) for value in read)), *match.span())
    for match in _COUNTED.finditer(text):
        value = str(sum(int(_VALUES[word.lower()]) for word in match.groups() if word))
        yield Number(match[0], frozenset([value, *_scaled(value, text, match.end())]), *match.span())
    for match in _HAN.finditer(text):
        if value := _han(match[0]):
            yield Number(match[0], frozenset([value]), *match.span())


def values(text: str) -> frozenset[str]:
    """Every value that a number of this text may be meant as, small ones in words and months among them."""
    found = {value for number in numbers(text) for value in number.values}
    found |= {_plain(part) for match in _SPACED.finditer(text) for part in match[0].split()}
    found |= {_plain(part) for match in _DOTTED.finditer(text) for part in match.group(1, 3, 4)}
    said = _SAID.findall(text.casefold())
    found |= {_VALUES[word] for word in said if word in _VALUES} | ({".5"} if _HALF.intersection(said) else set())
    return frozenset(found | {str(_MONTH[name.casefold()]) for name in _named(text)})


def strange_number(text: str, about: str) -> str:
    """A number or a month of `text` that `about` does not hold in any spelling; empty where there is none."""
    have = values(about)
    for number in numbers(text):
        if not number.values & have and not all(_plain(part) in have for part in re.split(r"[ ./^]", number.written)):
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


def _read(number: re.Match[str]) -> frozenset[str]:
    """What the digits may mean: ``1.500`` is one and a half, or fifteen hundred."""
    written = number[0]
    if power := number[1] or (number[2] or "").translate(_SUPERSCRIPT):
        return frozenset([str(10 ** int(power))])
    if written in _FRACTIONS:
        return frozenset([_plain(f"{numeric(written):.3f}")])
    decimal = written.rstrip("0").lstrip("0") if re.fullmatch(r"\d{1,3}\.\d{3}", written) else ""
    return frozenset([_plain(written)] + [decimal] * (not decimal.endswith(".") and bool(decimal)))


def _scaled(value: str, text: str, end: int) -> Iterator[str]:
    if value.count(".") > 1:
        return
    for pattern, factor in _SCALE:
        if pattern.match(text, end):
            yield _plain(format(Decimal(value) * factor, "f"))


def _han(written: str) -> str:
    """A Chinese numeral in digits; empty where it is a row of digits without a unit."""
    total = section = digit = 0
    for sign in written:
        if sign in _HAN_DIGIT:
            digit = _HAN_DIGIT[sign]
        elif sign in _HAN_UNIT:
            section, digit = section + (digit or 1) * _HAN_UNIT[sign], 0
        else:
            total, section, digit = (total + section + digit) * (10**4 if sign == "万" else 10**8), 0, 0
    return str(total + section + digit) if set(written) & {*_HAN_UNIT, "万", "亿"} else ""


def _plain(number: str) -> str:
    """``3,000``, ``3.000`` and ``3000`` are one number, ``0,5``, ``0.5`` and ``0.50`` another."""
    parts = re.split(r"[.,'’\u00a0\u202f]", number)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] not in ("", "0"):
        return "".join(parts)
    value = ".".join(parts).lstrip("0")
    return (value.rstrip("0").rstrip(".") if "." in value else value) or "0"
