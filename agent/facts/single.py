"""Where does a text say one of a unit with an article?

*Ein Jahr*, *un an* and *un año* are one year, as *a decade*, *a century* and *a fortnight* are one each; *a year* in English may
be any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from agent.facts.units import unit

_ARTICLES = {
    "en": r"\ban?(?=\s(?:decade|century|fortnight)\b)",
    "de": r"\beine?[nmr]?(?=\s)",
    "fr": r"\bune?(?=\s)",
    "es": r"\buna?(?=\s)",
}
_RATE = r"(?<!\bonce )(?<!\btwice )(?<!\btimes )(?<!\bhalf )(?<!\bof )"
_ARTICLE = {language: re.compile(rf"{_RATE}{words}", re.IGNORECASE) for language, words in _ARTICLES.items()}
_WORD = re.compile(r"\s[^\W\d_]+")


def single(text: str, languages: tuple[str, ...]) -> Iterator[tuple[int, int, tuple[str, Fraction]]]:
    """``(start, end, unit)`` of each, its unit's word among it."""
    for language in languages:
        for match in _ARTICLE[language].finditer(text):
            if (its := unit(text, match.end())) and (word := _WORD.match(text, match.end())) and len(word[0]) > 2:
                yield match.start(), word.end(), its
