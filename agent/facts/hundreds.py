"""Which numbers from a hundred on does a text write in words?

*Three hundred and twenty*, *dreihundertzwanzig*, *trois cent vingt*, *trescientos veinte*, thousands and millions of them, and
*half a million*. A few hundred is none, nor is hundreds of: they say no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.facts.halves import halves
from agent.facts.numerals import LATIN, NAMED, ONES

_EXACT = {
    "en": {"a": 1},
    "de": {"eine": 1, "einer": 1, "hundert": 100, "tausend": 1000},
    "fr": {"un": 1, "une": 1, "neuf": 9, "vingts": 20, "cent": 100, "cents": 100, "mille": 1000},
    "es": {"un": 1, "una": 1, "cien": 100, "ciento": 100, "mil": 1000}
    | {
        f"{begin}cient{end}": value
        for begin, value in (
            ("dos", 200),
            ("tres", 300),
            ("cuatro", 400),
            ("seis", 600),
            ("sete", 700),
            ("ocho", 800),
            ("nove", 900),
        )
        for end in ("os", "as")
    }
    | {"quinientos": 500, "quinientas": 500},
}
_SCALES = {
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9},
    "de": {"million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    "fr": {"million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    "es": {"millón": 10**6, "millones": 10**6},
}
"""Words that say a number only behind one; those of a hundred and a thousand in other languages say it alone."""
_LINK = {"en": "and", "de": "und", "fr": "et", "es": "y"}


def _atoms(language: str) -> dict[str, int]:
    """Every word that a number is made of."""
    ones = {word: value for value, word in enumerate(ONES[language].split(), 1)}
    single = {word: int(value) for word, value in NAMED[language].items() if " " not in word}
    return ones | single | _EXACT[language] | _SCALES[language]


_ATOMS = {language: _atoms(language) for language in NAMED}


def _pattern(language: str) -> re.Pattern[str]:
    words = "|".join(word.replace("ss", "(?:ss|ß)") for word in sorted(_ATOMS[language], key=len, reverse=True))
    between = "(?:und)?[ -]?" if language == "de" else rf"(?:[ -]{_LINK[language]})?[ -]"
    before = rf"(?<![{LATIN}-])(?<!\d[ .,])(?<!\bper )(?<!\bpour )(?<!\bpor )"
    return re.compile(rf"{before}(?:{words})(?:{between}(?:{words}))*(?![{LATIN}])", re.IGNORECASE)


_PATTERN = {language: _pattern(language) for language in NAMED}
_GERMAN = re.compile("|".join(sorted(_ATOMS["de"], key=len, reverse=True)))


def hundreds(text: str, languages: tuple[str, ...]) -> Iterator[tuple[str, str, int, int]]:
    """``(written, number, start, end)`` of the numbers from a hundred on in words, the longest reading of each place."""
    found = [
        (match.start(), -match.end(), match[0], value)
        for language in languages
        for match in _PATTERN[language].finditer(text)
        if (value := _value(match[0], language)) >= 100
    ]
    found += [(start, -stop, written, value) for written, value, start, stop in halves(text, languages)]
    end = 0
    for start, stop, written, value in sorted(found):
        if start >= end:
            end = -stop
            yield written, str(value), start, end


def _value(written: str, language: str) -> int:
    """The number that these words say; 0 where they say none, such as hundred alone."""
    total = section = last = 0
    tens = 10 if language == "fr" else 20  # dix-sept
    for word in _words(written, language):
        value = _ATOMS[language][word]
        if word in _SCALES[language] and not section:
            return 0
        if value >= 1000:
            total, section = total + max(1, section) * value, 0
        elif value == 100:
            if section >= 100:
                return 0
            section = max(1, section) * 100
        elif value == 20 and last == 4:  # quatre-vingts
            section, value = section + 76, 60
        elif 0 < last < 100 and language != "de" and not (last >= tens and value < 10) and not (last == 60 and value < 20):
            return 0  # two numbers in a row
        else:
            section += value
        last = value
    return total + section


def _words(written: str, language: str) -> list[str]:
    """The words of a number, in small letters; German writes them as one."""
    folded = written.casefold()
    if language == "de":
        return _GERMAN.findall(folded)
    return [word for word in re.split(r"[ -]", folded) if word != _LINK[language]]
