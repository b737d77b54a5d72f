"""Which decade does a text name, and in which century is a year?

A year of a source is no number of *the 19th century*, *19. Jahrhundert*, *19e siècle*, *siglo 19*, 19世纪 or *the 1800s*, but
what such a number may be reckoned from.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from agent.facts.numbers import Number
from agent.facts.numerals import century

_CENTURY = re.compile(r"(?:st|nd|rd|th|\.|er?|ème)?[\s-](?:century|centuries|jahrhundert|siècle|jh\b)|\s?世纪", re.IGNORECASE)
_CENTURY_BEFORE = re.compile(r"\b(?:siglo|century)\s\Z", re.IGNORECASE)
_HUNDREDS = re.compile(r"['’]?s\b|er\b")

_TENS = {
    "twenties zwanziger vingt veinte": "20",
    "thirties dreißiger trente treinta": "30",
    "forties vierziger quarante cuarenta": "40",
    "fifties fünfziger cinquante cincuenta": "50",
    "sixties sechziger soixante sesenta": "60",
    "seventies siebziger soixante-dix setenta": "70",
    "eighties achtziger quatre-vingts? ochenta": "80",
    "nineties neunziger quatre-vingt-dix noventa": "90",
}
_DECADES = [
    (re.compile(rf"\b{en}\b|\b{de}(?=\s?jahre|n?\b)|\bannées {fr}(?!-dix)\b|\baños {es}\b", re.IGNORECASE), tens)
    for words, tens in _TENS.items()
    for en, de, fr, es in [words.split()]
]
_SAID = re.compile(
    r"\bthe (?:early |late |mid-?)?(?P<en>\w+ies)\b|\b(?P<de>\w+ziger)(?:n\b| jahren?\b)"
    r"|\bannées (?P<fr>[\w-]+)|\baños (?P<es>[^\W\d_]+)",
    re.IGNORECASE,
)
_IN_DIGITS = re.compile(
    r"(?<!\d)(?:1[5-9]|20)?(\d)0(?=['’]?s\b|-?er\b|\s?年代)|\b(?:années|años|los)\s(?:1[5-9]|20)?(\d)0\b", re.IGNORECASE
)


def decades_in_words(text: str) -> Iterator[str]:
    """The tens of the decades that words of a source may mean: 80 of the eighties."""
    return (tens for decade, tens in _DECADES if decade.search(text))


def decades(text: str) -> Iterator[tuple[int, int, str, str]]:
    """``(start, end, written, tens)`` of those that a text names in words for certain."""
    for match in _SAID.finditer(text):
        if tens := next(decades_in_words(match[0]), ""):
            yield *match.span(), match[0], tens


def decades_held(text: str) -> set[str]:
    """The tens of every decade that a source may name."""
    found = {f"{match[1] or match[2]}0" for match in _IN_DIGITS.finditer(text)}
    return found | {*decades_in_words(text)} | {*century(text)}


def of_century(number: Number, text: str, values: Container[str]) -> bool:
    """Whether it is a century, and these values have a year of it, in either way of counting."""
    written = number.written
    if re.fullmatch(r"\d{1,2}", written) and (
        _CENTURY.match(text, number.end) or _CENTURY_BEFORE.search(text, max(0, number.start - 8), number.start)
    ):
        first = 100 * int(written) - 100
    elif re.fullmatch(r"\d\d00", written) and _HUNDREDS.match(text, number.end):
        first = int(written)
    else:
        return False
    return any(str(year) in values for year in range(first, first + 101))
