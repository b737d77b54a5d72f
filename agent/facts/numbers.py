"""Which numbers stand in a text, and with which sign?

``3,000``, ``3 000``, ``3.000``, ``3 thousand`` and ``3千`` are one number. A hyphen before digits is a minus only where it can be
nothing else: not in COVID-19, GPT-4, 5-10 or 2019-2020. 1939-45 holds 1945, ``2½`` and ``3×10^5`` are one number each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import numeric

from agent.facts.hundreds import hundreds
from agent.facts.numerals import LATIN, SMALL, han, numerals, small
from agent.facts.scales import scale

_FRACTIONS = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_MINUS = "−－"
_HYPHENS = "-‐‑﹣"
_DASH = "–"
_POWER = re.compile(
    rf"(?<![{LATIN}.,])(?:(?P<times>\d+(?:[.,]\d+)?)\s?[×x·*]\s?)?10(?:\^\{{?\(?(?P<power>[−－-]?\d{{1,2}})\)?\}}?"
    rf"|(?P<raised>⁻?[⁰¹²³⁴-⁹]{{1,2}}))"
    rf"|(?<![{LATIN}.,])(?P<mantissa>\d+(?:\.\d+)?)[eE](?P<exponent>[+−－-]?\d{{1,2}})(?![{LATIN}])"
)
"""10^-5, 10⁻⁵, 3×10^5, 1e-5."""
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−－", "0123456789---")
MIXED = re.compile(rf"(?<![{LATIN}.,/])(\d{{1,4}})(?:\s?([{_FRACTIONS}])|[ ](\d)/(\d)(?![\d/]))")
_NUMBER = re.compile(
    rf"{_POWER.pattern}|{MIXED.pattern}|(?<![{LATIN}])(?<!\d[.,])(?:\d+(?:[.,'’\u00a0\u202f]\d+)*+)|(?<![^\s(=<>~≈$€£±+−-])\.\d+|[{_FRACTIONS}]"
)
"""Whole, whatever letters stand behind it: 3.5x is not 3, and 90k is not 20k."""
SPACED = re.compile(rf"(?<![{LATIN}.,])\d{{1,3}}(?: \d{{3}})+(?:[.,]\d{{1,2}})?(?![{LATIN}])")
"""Thousands set apart by plain spaces, or several numbers in a row: it is read as both."""
_OPENING = "([{=<>~≈:,;|/\"'“„«$€£¥"
_SAID_MINUS = re.compile(
    r"(?:\b(?P<sure>minus)\s"
    r"|(?P<said>(?:\A|[(=:]\s?|\b(?:de|à|est|était|fut|atteint|es|era|fue|son|entre|et|y)\s)(?:moins|menos)\s)"
    r"|(?P<han>零下|负)|\b(?:moins|menos|negative[nr]?|négatif|negativo)\s|[−–]\s|±\s?|\+/[-−])\Z",
    re.IGNORECASE,
)
"""Says a sign, for certain or not: *au moins 5* is five at least."""
_SUBTRACTED = re.compile(r"[\d)]\s*(?:de\s+)?(?:minus|moins|menos)\s\Z", re.IGNORECASE)
_PERCENT = re.compile(
    r"\s?(?:%(?![\s-]?(?:points?\b|punkt))|per ?cent(?!age)(?! points?\b)|prozent(?!punkt)|pour ?cent(?!age)|por ?ciento"
    r"|个?百分(?!点))",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"\S{1,40}\s?(?:°|grad|degr|%|pour ?cent|por ?ciento|point|punto)", re.IGNORECASE)
_RANGED = re.compile(r"\d\s\Z")
_SPAN = re.compile(r"(?<!\d)(\d\d)(\d\d)\s?[-–/‐‑]\s?\Z")
"""Before the two digits of a year of the same century."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text."""

    written: str
    values: frozenset[str]
    """What it may mean, its sign aside: as written, and with the word behind it, such as million."""
    start: int
    """Character offset; the number without its sign is ``[start, end)``."""
    end: int
    sign: str = ""
    """``-`` or ``+`` where that is certain; empty where what stands before it may be a minus, a dash or a hyphen."""


def numbers(text: str, language: str = "en") -> Iterator[Number]:
    """Every number in digits, and from ten on in English or Chinese words those of `language`, smaller ones behind a minus."""
    spaced = {match.start(): match for match in SPACED.finditer(text)}
    covered = -1
    for match in _NUMBER.finditer(text):
        if match.start() < covered:
            continue
        sign = _sign(text, match.start())
        if whole := spaced.get(match.start()):
            covered = whole.end()
            parts = frozenset(plain(part) for part in whole[0].split())
            joined = plain(whole[0].replace(" ", ""))
            yield Number(whole[0], frozenset([joined]) | (parts if len(parts) == 1 else frozenset()), *whole.span(), sign)
        else:
            read = _read(match) | _short_year(match[0], text, match.start())
            yield Number(match[0], read | scaled(read, text, match.end()), *match.span(), sign)
    languages = read_in(language)
    large = [Number(written, frozenset([value]), a, b, _sign(text, a)) for written, value, a, b in hundreds(text, languages)]
    yield from large
    taken = {at for number in large for at in range(number.start, number.end)}
    yield from (number for number in _in_words(text, languages) if number.start not in taken)
    for written, value, start, end in han(text):
        yield Number(written, frozenset([value]), start, end, _sign(text, start))
    yield from (number for number in small_numbers(text) if number.sign == "-")


def read_in(language: str) -> tuple[str, ...]:
    """The languages in whose words a sentence of this one may write its numbers."""
    return ("en",) if language not in ("de", "fr", "es") else ("en", language)


def small_numbers(text: str) -> Iterator[Number]:
    """Every word below ten, with its sign."""
    for word, start, end in small(text):
        yield Number(word, frozenset([SMALL[word.casefold()]]), start, end, _sign(text, start))


def scaled(values: frozenset[str], text: str, end: int) -> frozenset[str]:
    """Values of a number that ends there, with the word behind it, such as million; none where no such word is there."""
    factors, _ = scale(text, end)
    return frozenset(_decimal(Decimal(value) * factor) for value in values if value.count(".") < 2 for factor in factors)


def certain(number: Number, text: str) -> frozenset[str]:
    """What it means, the word of size behind it read as one: *3 million* is three million alone, and *12 000* no twelve."""
    if SPACED.fullmatch(number.written):
        return frozenset([plain(number.written.replace(" ", ""))])
    return scaled(number.values, text, number.end) & number.values or number.values


def percent(text: str, end: int) -> bool:
    """Whether the number that ends there is one of a hundred."""
    return bool(_PERCENT.match(text, end))


def _in_words(text: str, languages: tuple[str, ...]) -> Iterator[Number]:
    """Numbers from ten to 99; *nineteen ninety-five* is one year."""
    found = [Number(written, frozenset([value]), start, end) for written, value, start, end in numerals(text, languages)]
    i = 0
    while i < len(found):
        one, other = found[i], found[i + 1] if i + 1 < len(found) else None
        (value,) = one.values
        if other and other.start == one.end + 1 and text[one.end] == " " and value in ("18", "19", "20"):
            (rest,) = other.values
            yield Number(text[one.start : other.end], frozenset([f"{value}{rest}"]), one.start, other.end)
            i += 2
        else:
            yield Number(one.written, one.values | scaled(one.values, text, one.end), one.start, one.end, _sign(text, one.start))
            i += 1


def plain(number: str) -> str:
    """``3,000``, ``3.000`` and ``3000`` are one number, ``0,5``, ``0.5`` and ``0.50`` another; ``1.234,56`` is 1234.56."""
    parts = re.split(r"[.,'’\u00a0\u202f]", number)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] not in ("", "0"):
        return "".join(parts)
    signs = re.findall(r"\D", number)
    if len(signs) > 1 and signs[-1] in ".," and signs[-1] not in signs[:-1] and all(len(part) == 3 for part in parts[1:-1]):
        parts = ["".join(parts[:-1]), parts[-1]]
    value = ".".join(parts).lstrip("0")
    return (value.rstrip("0").rstrip(".") if "." in value else value) or "0"


def _sign(text: str, start: int) -> str:
    """The sign of the number that begins there."""
    while start and text[start - 1] in "$€£¥":
        start -= 1
    if said := _SAID_MINUS.search(text, max(0, start - 16), start):
        sure = said["sure"] or (said["said"] and _DEGREES.match(text, start))
        return "-" if said["han"] or (sure and not _SUBTRACTED.search(text, max(0, start - 16), start)) else ""
    dash, before = text[start - 1 : start], text[start - 2 : start - 1] if start > 1 else ""
    if not dash or dash not in _MINUS + _HYPHENS + _DASH:
        return "" if dash == "±" else "+"
    if before.isdigit() or before.isalpha():  # a range or a part of a name, unless it is a minus that lost its space
        return "+" if dash not in _MINUS and before < "\u3040" else ""
    if before and before in _OPENING:
        return "-"
    if before and not before.isspace():
        return ""
    if dash in _MINUS or not before:
        return "" if _RANGED.search(text, max(0, start - 4), start - 1) else "-"
    return "-" if dash in _HYPHENS and _leads(text[: start - 1]) else ""


def _leads(before: str) -> bool:
    """Whether a hyphen behind this text can only be a minus: behind COVID and 5 it may have been set apart by mistake."""
    words = before[-80:].split()
    if not words:
        return True
    last, first = words[-1], len(words) == 1 or words[-2].endswith((".", "!", "?", ":"))
    plain = last.islower() or (first and last.istitle()) or last[-1] in _OPENING
    return plain and not any(sign.isdigit() for sign in last)


def _read(number: re.Match[str]) -> frozenset[str]:
    """What the digits may mean: ``1.500`` is one and a half, or fifteen hundred."""
    written = number[0]
    if number["power"] or number["raised"]:
        times, power = number["times"] or "1", (number["power"] or number["raised"]).translate(_SUPERSCRIPT)
        return frozenset([_decimal(Decimal(plain(times)).scaleb(int(power)))])
    if number["mantissa"]:
        return frozenset([_decimal(Decimal(number["mantissa"]).scaleb(int(number["exponent"].translate(_SUPERSCRIPT))))])
    if mixed := MIXED.fullmatch(written):
        part = numeric(mixed[2]) if mixed[2] else int(mixed[3]) / max(1, int(mixed[4]))
        return frozenset([f"{int(mixed[1]) + part:.3f}".rstrip("0").rstrip(".")])
    if written in _FRACTIONS:
        return frozenset([plain(f"{numeric(written):.3f}")])
    either = re.fullmatch(r"\d{1,3}\.\d{3}", written) or (
        re.fullmatch(r"\d{1,3},\d{3}", written) and scale(number.string, number.end())[0]  # 9,587 Millionen
    )
    decimal = written.replace(",", ".").strip("0") if either else ""
    return frozenset([plain(written)] + [decimal] * (not decimal.endswith(".") and bool(decimal)))


def _short_year(written: str, text: str, start: int) -> frozenset[str]:
    """The year that the 45 of 1939-45 is."""
    before = _SPAN.search(text, max(0, start - 7), start) if len(written) == 2 else None
    return frozenset([f"{before[1]}{written}"]) if before and before[2] < written else frozenset()


def _decimal(value: Decimal) -> str:
    return (
        plain(format(value.normalize(), "f"))
        if "." in format(value.normalize(), "f")
        else format(value, "f").split(".")[0] or "0"
    )
