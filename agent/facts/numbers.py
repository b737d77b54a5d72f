"""Which numbers stand in a text, and with which sign?

``3,000``, ``3 000``, ``3.000``, ``3 thousand`` and ``3千`` are one number. A hyphen before digits is a minus only where it can be
nothing else: not in COVID-19, GPT-4, 5-10 or 2019-2020.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import numeric

from agent.facts.numerals import LATIN, han, numerals

_FRACTIONS = "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_POWER = re.compile(rf"(?<![{LATIN}.,])10(?:\^\{{?(\d{{1,2}})\}}?|([⁰¹²³⁴-⁹]{{1,2}}))")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NUMBER = re.compile(
    rf"{_POWER.pattern}|(?<![{LATIN}.,])(?:\d+(?:[.,'’\u00a0\u202f]\d+)*+)|(?<![^\s(=<>~≈$€£±+−-])\.\d+|[{_FRACTIONS}]"
)
"""Whole, whatever letters stand behind it: 3.5x is not 3, and 90k is not 20k."""
SPACED = re.compile(rf"(?<![{LATIN}.,])\d{{1,3}}(?: \d{{3}})+(?![{LATIN}])")
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
_SCALE = [(re.compile(rf"\s?(?:{words})(?![{LATIN}])", re.IGNORECASE), factor) for words, factor in _SCALES.items()]
_SCALE += [(re.compile(rf"[{sign}](?![{LATIN}])"), factor) for sign, factor in (("kK", 10**3), ("mM", 10**6), ("bB", 10**9))]
_MINUS = "−－"
_HYPHENS = "-‐‑﹣"
_DASH = "–"
_OPENING = "([{=<>~≈:,;|/\"'“„«"
_SAID_MINUS = re.compile(
    r"(?:\b(?P<sure>minus)\s|(?P<han>零下|负)|\b(?:moins|menos|negative[nr]?|négatif|negativo)\s|[−–]\s|±\s?|\+/[-−])\Z",
    re.IGNORECASE,
)
"""Says a sign, for certain or not: *au moins 5* is five at least."""
_SUBTRACTED = re.compile(r"[\d)]\s*minus\s\Z", re.IGNORECASE)


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
    """Every number in digits, and from ten on in English or Chinese words and those of `language`."""
    spaced = {match.start(): match for match in SPACED.finditer(text)}
    covered = -1
    for match in _NUMBER.finditer(text):
        if match.start() < covered:
            continue
        sign = _sign(text, match.start())
        if whole := spaced.get(match.start()):
            covered = whole.end()
            parts = frozenset(plain(part) for part in whole[0].split())
            joined = whole[0].replace(" ", "")
            yield Number(whole[0], frozenset([joined]) | (parts if len(parts) == 1 else frozenset()), *whole.span(), sign)
        else:
            read = _read(match)
            yield Number(match[0], read.union(*(_scaled(value, text, match.end()) for value in read)), *match.span(), sign)
    for written, value, start, end in numerals(text, ("en",) if language not in ("de", "fr", "es") else ("en", language)):
        yield Number(written, frozenset([value, *_scaled(value, text, end)]), start, end, _sign(text, start))
    for written, value, start, end in han(text):
        yield Number(written, frozenset([value]), start, end, _sign(text, start))


def plain(number: str) -> str:
    """``3,000``, ``3.000`` and ``3000`` are one number, ``0,5``, ``0.5`` and ``0.50`` another."""
    parts = re.split(r"[.,'’\u00a0\u202f]", number)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and parts[0] not in ("", "0"):
        return "".join(parts)
    value = ".".join(parts).lstrip("0")
    return (value.rstrip("0").rstrip(".") if "." in value else value) or "0"


def _sign(text: str, start: int) -> str:
    """The sign of the number that begins there."""
    while start and text[start - 1] in "$€£¥":
        start -= 1
    if said := _SAID_MINUS.search(text, max(0, start - 12), start):
        return (
            "-" if said["han"] or (said["sure"] and not re.search(r"[\d)]\s*minus\s\Z", text[max(0, start - 16) : start])) else ""
        )
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
        return "-"
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
    if power := number[1] or (number[2] or "").translate(_SUPERSCRIPT):
        return frozenset([str(10 ** int(power))])
    if written in _FRACTIONS:
        return frozenset([plain(f"{numeric(written):.3f}")])
    decimal = written.rstrip("0").lstrip("0") if re.fullmatch(r"\d{1,3}\.\d{3}", written) else ""
    return frozenset([plain(written)] + [decimal] * (not decimal.endswith(".") and bool(decimal)))


def _scaled(value: str, text: str, end: int) -> Iterator[str]:
    if value.count(".") > 1:
        return
    for pattern, factor in _SCALE:
        if pattern.match(text, end):
            yield plain(format(Decimal(value) * factor, "f"))
