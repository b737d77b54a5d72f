"""Which days of the week, and which seasons of a year, does a text name?

``Monday``, ``montags``, ``lundi`` and ``周一`` are one day, ``spring 2020`` and ``Frühjahr 2020`` one season. A sentence is held
to what can be nothing else: a season beside its year alone, since a spring may be a well. A source is read with all of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.facts.numerals import LATIN

_DAYS = (
    "monday montag lundi lunes",
    "tuesday dienstag mardi martes",
    "wednesday mittwoch mercredi miércoles",
    "thursday donnerstag jeudi jueves",
    "friday freitag vendredi viernes",
    "saturday samstag sonnabend samedi sábado",
    "sunday sonntag dimanche domingo",
)
_SEASONS = (
    "spring frühling frühjahr printemps primavera",
    "summer sommer été verano",
    "autumn fall herbst automne otoño",
    "winter hiver invierno",
)
_VALUES = {word: words.split()[0] for words in (*_DAYS, *_SEASONS) for word in words.split()}
_DAY = "|".join(word for words in _DAYS for word in words.split())
_SEASON = "|".join(word for words in _SEASONS for word in words.split())
_WEEKDAY = re.compile(rf"(?<![{LATIN}])({_DAY})s?(?![{LATIN}])", re.IGNORECASE)
_DATED = re.compile(rf"(?<![{LATIN}])({_SEASON})\s+(?:of\s+|des? (?:jahres|l['’]an)\s+|del?\s+)?(?=\d{{4}}\b)", re.IGNORECASE)
_SOURCE = re.compile(rf"(?<![{LATIN}])({_DAY}|{_SEASON})(?:e?s)?(?![{LATIN}])", re.IGNORECASE)
_HAN_DAY = re.compile(r"(?<![一二三四五六七八九十两每几\d])(?:星期|周|礼拜)([一二三四五六日天])(?![次个])")
_HAN_SEASON = re.compile(r"(?<=年)([春夏秋冬])|([春夏秋冬])(?=[季天])")
_HAN = dict(zip("一二三四五六日", (words.split()[0] for words in _DAYS), strict=True)) | {"天": "sunday"}
_HAN |= dict(zip("春夏秋冬", (words.split()[0] for words in _SEASONS), strict=True))


def is_weekday(word: str) -> bool:
    """Whether this word, in any number, names a day of the week."""
    return bool(_WEEKDAY.fullmatch(word))


def weekdays(text: str) -> Iterator[tuple[int, str, str]]:
    """``(start, as written, what it is)`` of those that a text names for certain."""
    for match in _WEEKDAY.finditer(text):
        yield match.start(), match[0], _VALUES[match[1].casefold()]
    for match in _DATED.finditer(text):
        yield match.start(), match[1], _VALUES[match[1].casefold()]
    for match in (*_HAN_DAY.finditer(text), *_HAN_SEASON.finditer(text)):
        yield match.start(), match[0], _HAN[match[1] or match[2]]


def weekdays_held(text: str) -> set[str]:
    """Every one that a source may mean."""
    found = {_VALUES[match[1].casefold()] for match in _SOURCE.finditer(text)}
    return found | {what for _, _, what in weekdays(text)}
