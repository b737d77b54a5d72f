"""Which numbers does a text write as a half or a quarter of a size?

*Half a million*, *two and a half million*, *zweieinhalb Millionen*, *trois millions et demi* and *medio millón* are one number
each, and say neither *a million* nor two and a half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from agent.facts.numerals import LATIN, NAMED, ONES

_SIZES = {
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    "de": {"tausend": 1000, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    "fr": {"million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    "es": {"millón": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12},
}
_PARTS = {
    "en": {"half a": "1/2", "quarter of a": "1/4", "quarter": "1/4", "three quarters of a": "3/4"},
    "de": {"halbe": "1/2", "halben": "1/2", "viertel": "1/4", "dreiviertel": "3/4", "anderthalb": "3/2"},
    "fr": {"demi": "1/2", "quart de": "1/4"},
    "es": {"medio": "1/2", "cuarto de": "1/4"},
}
_FORMS = {
    "en": ("{part} {size}", "{count} and a half {size}", "{count} {size} and a half"),
    "de": ("{part} ?{size}", "{count}einhalb {size}"),
    "fr": ("{part}[ -]{size}", "{count} {size} et demie?"),
    "es": ("{part} {size}", "{count} {size} y medio"),
}
_ONE = {"en": "a", "de": "ein", "fr": "un", "es": "un"}
_COUNTS = {
    language: {word: value for value, word in enumerate(ones.split(), 1)}
    | {_ONE[language]: 1}
    | {word: int(value) for word, value in NAMED[language].items() if " " not in word}
    for language, ones in ONES.items()
}


def _patterns(language: str) -> list[re.Pattern[str]]:
    words = {"part": [*_PARTS[language]], "size": [*_SIZES[language]], "count": [*_COUNTS[language]]}
    groups = {name: f"(?P<{name}>{'|'.join(said)})" for name, said in words.items()}
    return [re.compile(rf"(?<![{LATIN}-]){form.format(**groups)}(?![{LATIN}])", re.IGNORECASE) for form in _FORMS[language]]


_PATTERNS = {language: _patterns(language) for language in ONES}


def halves(text: str, languages: tuple[str, ...]) -> Iterator[tuple[str, int, int, int]]:
    """``(written, number, start, end)`` of each."""
    for language in languages:
        for match in (match for pattern in _PATTERNS[language] for match in pattern.finditer(text)):
            said = {name: word.casefold() for name, word in match.groupdict().items()}
            many = (
                Fraction(_PARTS[language][said["part"]]) if "part" in said else _COUNTS[language][said["count"]] + Fraction(1, 2)
            )
            yield match[0], int(many * _SIZES[language][said["size"]]), *match.span()
