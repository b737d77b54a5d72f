"""Where does a text say so many and a half?

*Two and a half hours*, *an hour and a half*, *deux heures et demie*, *dos años y medio*, *anderthalb Jahre*, *zweieinhalb Jahre*,
两年半 and 一个半小时.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from agent.facts.numerals import ONES, VALUES, han_value

_ARTICLE = {"a": 1, "an": 1, "ein": 1, "eine": 1, "einen": 1, "einer": 1, "un": 1, "une": 1, "una": 1}
_COUNTS = "|".join({word for word, value in VALUES.items() if value.isdecimal() and word[0] < chr(0x3040)} | {*_ARTICLE})
_NO_SIZE = r"(?!\s(?:hundred|thousand|tausend|m[ií]ll|billion))"
"""With a million behind it is another number (`agent.facts.halves`)."""
_AND_A_HALF = rf"(?:and a half|et demie?|y medi[oa])\b{_NO_SIZE}"
_FORMS = (
    re.compile(rf"\b(?P<many>\d+|{_COUNTS})[\s-]{_AND_A_HALF}", re.IGNORECASE),
    re.compile(rf"\b(?P<many>\d+|{_COUNTS})(?P<unit>\s(?!m[ií]ll)[^\W\d_]+)\s{_AND_A_HALF}", re.IGNORECASE),
    re.compile(
        rf"\b(?P<many>{'|'.join([*ONES['de'].split(), 'zehn', 'elf', 'zwölf'])}|ander|\d)e?(?:inhalb|thalb){_NO_SIZE}",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<many>[一两二三四五六七八九十]|\d{1,3})个半"),
    re.compile(r"(?P<many>[两二三四五六七八九]|\d{1,3})(?P<unit>年|天|周|小时|公里|米|岁)半"),
)


@dataclass(frozen=True, slots=True)
class Half:
    """One such number."""

    written: str
    value: Fraction
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int
    unit_at: int
    """Behind which the unit stands, if any."""

    @property
    def said(self) -> str:
        """The value as numbers are written: 2.5."""
        return f"{self.value.numerator // 2}.5"


def and_a_half(text: str) -> Iterator[Half]:
    """Every number and a half."""
    for form in _FORMS:
        for match in form.finditer(text):
            within = "unit" in match.re.groupindex
            value = _many(match["many"].casefold()) + Fraction(1, 2)
            yield Half(match[0], value, *match.span(), match.start("unit") if within else match.end())


def _many(word: str) -> int:
    if word.isdecimal():
        return int(word)
    return 1 if word == "ander" else _ARTICLE.get(word) or int(VALUES.get(word) or han_value(word))
