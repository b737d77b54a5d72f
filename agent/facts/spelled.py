"""Which numbers may the words of a source mean?

Every reading in any language: a source is not held to its words, a sentence is held to what it may mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.facts.and_a_half import and_a_half
from agent.facts.eras import decades_in_words
from agent.facts.hundreds import hundreds
from agent.facts.numbers import Number
from agent.facts.numerals import LATIN, NAMED, VALUES, century, numerals

EVERY = ("en", "de", "fr", "es")
_SAID = re.compile(rf"[{LATIN}]+|[一二两三四五六七八九十零]")
_HALF = frozenset("half halves halb halbe hälfte moitié demi demie mitad medio media".split())  # noqa: SIM905 - reads better
_COUNTS = "|".join(word for word, value in VALUES.items() if value.isdecimal() and word[0] < chr(0x3040))
_DOZEN = re.compile(r"(?:\b(\w+)\s)?\b(?:dozens?|dutzend|douzaines?|docenas?)\b", re.IGNORECASE)
_BOTH = re.compile(r"\b(?:couple|pair|both|beiden?|ambos|ambas|paire)\b", re.IGNORECASE)
_EXACT_DOZEN = re.compile(
    rf"\b(?:(?P<half>half a|ein halbes|une demi[- ]?|media)|(?P<many>a|ein|eine|une|una|\d+|{_COUNTS}))[\s-]*"
    r"(?:dozen|dutzend|douzaines?|docenas?)\b(?! of them)",
    re.IGNORECASE,
)
"""Dozens of them are no number."""
_OF_THEM = (
    (r"\ba (?:couple|pair) of\b|(?-i:\bein Paar\b)|\bune paire d(?:e\b|['’])|\bun par de\b", "2"),
    (
        (
            r"(?<!not )(?<!never )(?<!without )\ba (single)(?=\s\w)"
            r"|\b(?:eine?[nmrs]? )(einzige[nmrs]?)\b|\bun[ea]? (seule?|sol[oa])\b"
        ),
        "1",
    ),
    *(
        (rf"\b(?:une?|una) {french} d(?:e\b|['’])|\b(?:un|una) {spanish} de\b", value)
        for french, spanish, value in (
            ("dizaine", "decena", "10"),
            ("quinzaine", "quincena", "15"),
            ("vingtaine", "veintena", "20"),
            ("trentaine", "treintena", "30"),
            ("quarantaine", "cuarentena", "40"),
            ("cinquantaine", "cincuentena", "50"),
            ("centaine", "centenar", "100"),
            ("millier", "millar", "1000"),
        )
    ),
)
_GATHERED = [(re.compile(pattern, re.IGNORECASE), value) for pattern, value in _OF_THEM]
"""A couple of, a single, une dizaine de."""
_GROUPS = {
    "couple pair paar paire par both beide beiden ambos ambas": "2",
    "dizaine decena": "10",
    "quinzaine quincena": "15",
    "vingtaine veintena": "20",
    "trentaine treintena": "30",
    "cinquantaine": "50",
    "centaine centenar": "100",
    "millier millar": "1000",
}
_GROUP = {word: value for words, value in _GROUPS.items() for word in words.split()}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()  # noqa: SIM905 - reads better
_ORDINAL = re.compile(rf"\b(\w+ty)[\s-]({'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_ORDINAL_DE = re.compile(r"\b(\w+?)s?te[nrms]?\b", re.IGNORECASE)
_ORDINAL_FR = re.compile(r"\b([a-z]{2,20})i[èe]me\b", re.IGNORECASE)
_ROMAN = re.compile(rf"(?<![{LATIN}])[IVXL]{{1,7}}(?=e?r?(?![{LATIN}]))")
_ROMAN_DIGIT = {"I": 1, "V": 5, "X": 10, "L": 50}


def spelled(text: str) -> set[str]:
    """Every value that words of it may mean."""
    said = _SAID.findall(text.casefold())
    have = {value for read in (numerals, hundreds) for _, value, _, _ in read(text, EVERY)}
    have |= {VALUES[word] for word in said if word in VALUES}
    have |= {_GROUP[word] for word in said if word in _GROUP} | ({".5"} if _HALF.intersection(said) else set())
    have |= {half.said for half in and_a_half(text)}
    for match in _DOZEN.finditer(text):
        many = VALUES.get((match[1] or "").casefold(), match[1] or "")
        have |= {"6", "12"} | ({str(12 * int(many))} if many.isdecimal() else set())
    have |= {year for tens in decades_in_words(text) for year in (tens, f"19{tens}")}
    return have | set(century(text)) | set(_ordinals(text)) | {_roman(match[0]) for match in _ROMAN.finditer(text)}


def grouped(text: str) -> Iterator[Number]:
    """*A dozen*, *half a dozen*, *three dozen*, *a couple of*, *a single* and *une dizaine de*."""
    for pattern, many_of_them in _GATHERED:
        for match in pattern.finditer(text):
            yield Number(match[0], frozenset([many_of_them]), *match.span())
    for match in _EXACT_DOZEN.finditer(text):
        many = (match["many"] or "").casefold()
        value = 6 if match["half"] else 12 * int(VALUES.get(many, many if many.isdecimal() else "1"))
        yield Number(match[0], frozenset([str(value)]), *match.span())


def gathered(text: str) -> set[str]:
    """What a source says for certain in other words than numbers: both are two, two and a half hours 2.5."""
    have = {"2"} if _BOTH.search(text) else set()
    return have | {half.said for half in and_a_half(text)}


def _ordinals(text: str) -> set[str]:
    """Twenty-first, einundzwanzigste, vingt-cinquième."""
    found = {
        str(int(NAMED["en"][tens.casefold()]) + 1 + _ORDINALS.index(one.casefold()))
        for tens, one in _ORDINAL.findall(text)
        if tens.casefold() in NAMED["en"]
    }
    found |= {NAMED["de"][stem.casefold()] for stem in _ORDINAL_DE.findall(text) if stem.casefold() in NAMED["de"]}
    for match in _ORDINAL_FR.finditer(text):
        words = text[max(0, match.start() - 24) : match.end(1)].casefold().replace("-", " ").split()
        for first in range(len(words)):
            said = " ".join(words[first:])
            found |= {
                NAMED["fr"][form] for form in (said, f"{said}e", said.removesuffix("u"), f"{said[:-1]}f") if form in NAMED["fr"]
            }
    return found


def _roman(numeral: str) -> str:
    digits = [_ROMAN_DIGIT[letter] for letter in numeral]
    return str(sum(-one if one < max(digits[i:]) else one for i, one in enumerate(digits)))
