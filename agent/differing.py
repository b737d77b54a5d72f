"""Do two texts count the same thing and come to another number?

By rule, and narrow: a sentence of each in much the same words, with as many numbers, of a unit that both have, and none of its
values in both; not where each names a year and they name none in common.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.facts import numbers
from agent.models.plan import FUNCTION_WORDS, content
from agent.sentences import sentences

ALIKE = 0.5
"""Share of the shorter sentence's content words that the other one must hold."""
LEAST = 3
"""Content words that both must hold, their unit not counted."""

_UNIT = re.compile(r"\s?-?(%|‰|°C?|[^\W\d_]+)")
_PERCENT = re.compile(r"(?:per ?cent|prozent|pour ?cent|por ?ciento|百分)\w*\Z", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\Z")


@dataclass(frozen=True, slots=True)
class Counting:
    """A sentence with numbers."""

    counted: dict[str, frozenset[str]]
    """``{unit: values}``, years left out. Numbers without a unit, and a second one of a unit, have their place for unit."""
    years: frozenset[str]
    words: frozenset[str]
    """Content words without numbers; of Chinese, pairs of characters."""


def counts(text: str) -> bool:
    """Whether a sentence of it counts anything."""
    return bool(_counting(text))


def differ(one: str, other: str, alike: float = ALIKE) -> bool:
    """Whether a sentence of each text counts the same thing and comes to another number."""
    return any(_differ(a, b, alike) for a in _counting(one) for b in _counting(other))


def _differ(one: Counting, other: Counting, alike: float) -> bool:
    units = [unit for unit in one.counted.keys() & other.counted.keys() if unit[0] != "#"]
    if len(one.counted) != len(other.counted) or all(one.counted[unit] & other.counted[unit] for unit in units):
        return False
    if one.years and other.years and not one.years & other.years:
        return False
    shared = len(one.words & other.words)
    return shared >= LEAST and shared >= alike * min(len(one.words), len(other.words))


@lru_cache(4096)
def _counting(text: str) -> tuple[Counting, ...]:
    """Its sentences with a number that has a unit."""
    found = [_read(text[start:end]) for start, end in sentences(text)]
    return tuple(sentence for sentence in found if any(unit[0] != "#" for unit in sentence.counted))


def _read(sentence: str) -> Counting:
    found: dict[str, frozenset[str]] = {}
    years: set[str] = set()
    for number in numbers(sentence):
        match = _UNIT.match(sentence, number.end)
        said = match[1].casefold() if match else ""
        unit = "%" if _PERCENT.match(said) else said[:5]
        if _YEAR.match(number.written):
            years.add(number.written)
        else:
            found[f"#{len(found)}" if not unit or said in FUNCTION_WORDS or unit in found else unit] = number.values
    return Counting(found, frozenset(years), _words(sentence))


def _words(sentence: str) -> frozenset[str]:
    han = re.findall(r"(?=([\u3400-\u9fff]{2}))", sentence)
    latin = re.sub(r"[\u3400-\u9fff]", " ", sentence)
    return frozenset(word for word in content(latin) if not word.isdecimal()) | frozenset(han)
