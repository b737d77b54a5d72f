"""Do two texts count the same thing and come to another number?

By rule, and narrow: a sentence of each in much the same words, with as many numbers, of a unit that both have, and none of its
values in both; not where each names a year and they name none in common. Numbers in digits are compared alone, and then
with words below ten: *three minutes* is 3, and *one* before a unit 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent.facts import Number, numbers
from agent.facts.counted import said_small
from agent.facts.numerals import SMALL, han_value
from agent.language import language_of
from agent.models.plan import FUNCTION_WORDS, content
from agent.sentences import sentences

ALIKE = 0.5
"""Share of the shorter sentence's content words that the other one must hold."""
LEAST = 3
"""Content words that both must hold, their unit not counted."""

_UNIT = re.compile(r"\s?-?(%|‰|°C?|[^\W\d_]+)")
_PERCENT = re.compile(r"(?:per ?cent|prozent|pour ?cent|por ?ciento|百分)\w*\Z", re.IGNORECASE)
_HAN = re.compile(
    r"(?<![第十百千万零一二两三四五六七八九])([一二两三四五六七八九])(?=个?(?:秒|分钟|小时|月|天|周|年|次|克|毫克|升|毫升|米|片))"
)
_ARTICLE = re.compile(
    r"(?<!\w)(?:eine[nrms]?|ein|une?|una)(?=\s(?:sekunde|minut|stunde|heure|hora|tag\b|jour|día|woche|semaine|semana|monat|mois\b|mes\b"
    r"|jahr|ann?ée?\b|an\b|año|lit(?:er|re|ro)|gram|kilo|mill?i|met|mètre|dosis|dose))",
    re.IGNORECASE,
)
"""One, before a unit."""
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")


@dataclass(frozen=True, slots=True)
class Counting:
    """A sentence with numbers."""

    counted: dict[str, frozenset[str]]
    """``{unit: values}``, years left out. Numbers without a unit, and a second one of a unit, have their place for unit."""
    years: frozenset[str]
    words: frozenset[str]
    """Content words without numbers and words below ten; of Chinese, pairs of characters."""


def counts(text: str) -> bool:
    """Whether a sentence of it counts anything."""
    return bool(_counting(text))


def differ(one: str, other: str, alike: float = ALIKE) -> bool:
    """Whether a sentence of each text counts the same thing and comes to another number."""
    return any(
        _differ(mine, its, alike) for a in _counting(one) for b in _counting(other) for mine, its in zip(a, b, strict=True)
    )


def _differ(one: Counting, other: Counting, alike: float) -> bool:
    units = [unit for unit in one.counted.keys() & other.counted.keys() if unit[0] != "#"]
    if len(one.counted) != len(other.counted) or all(one.counted[unit] & other.counted[unit] for unit in units):
        return False
    if one.years and other.years and not one.years & other.years:
        return False
    shared = len(one.words & other.words)
    return shared >= LEAST and shared >= alike * min(len(one.words), len(other.words))


@lru_cache(4096)
def _counting(text: str) -> tuple[tuple[Counting, Counting], ...]:
    """Its sentences with a number that has a unit, each by its digits alone and with its small words."""
    found = [_readings(text[start:end]) for start, end in sentences(text)]
    return tuple(readings for readings in found if any(unit[0] != "#" for unit in readings[1].counted))


def _readings(sentence: str) -> tuple[Counting, Counting]:
    language = language_of(sentence)
    written = list(numbers(sentence, language))
    taken = {at for number in written for at in range(number.start, number.end)}
    small = [number for number in _small(sentence, language) if number.start not in taken]
    return _read(sentence, written), _read(sentence, sorted([*written, *small], key=lambda number: number.start))


def _small(sentence: str, language: str) -> Iterator[Number]:
    """Words below ten that count something."""
    seen: set[int] = set()
    ones = (Number(match[0], frozenset("1"), *match.span()) for match in _ARTICLE.finditer(sentence))
    han = (Number(match[1], frozenset([han_value(match[1])]), *match.span(1)) for match in _HAN.finditer(sentence))
    for number in (*han, *ones, *said_small(sentence, "", language)):
        if number.start not in seen:
            seen.add(number.start)
            yield number


def _read(sentence: str, found: Iterable[Number]) -> Counting:
    counted: dict[str, frozenset[str]] = {}
    years: set[str] = set()
    for number in found:
        match = _UNIT.match(sentence, number.end)
        said = match[1].casefold() if match else ""
        unit = "%" if _PERCENT.match(said) else said[: 2 if said >= "\u3400" else 5]
        if _YEAR.match(number.written):
            years.add(number.written)
        else:
            counted[f"#{len(counted)}" if not unit or said in FUNCTION_WORDS or unit in counted else unit] = number.values
    return Counting(counted, frozenset(years), _words(sentence))


def _words(sentence: str) -> frozenset[str]:
    han = re.findall(r"(?=([\u3400-\u9fff]{2}))", sentence)
    latin = re.sub(r"[\u3400-\u9fff]", " ", sentence)
    return frozenset(word for word in content(latin) if not word.isdecimal() and word not in SMALL) | frozenset(han)
