"""How many of what does a text count in small words?

A word below ten is no sure sign: a sentence may count what it names itself ("two methods", A and B), and *one* is an article as a
rule. So it speaks against a sentence only where a sentence of the source, in much the same words, counts the very same thing and
comes to another number. What is merely not found is left to the judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.facts.numbers import numbers
from agent.facts.numerals import LATIN, SMALL

ALIKE = 0.5
"""Share of the sentence's content words that a sentence of the source must hold, the number left out."""
STEM = 5
"""Letters by which words are compared, so that minute and minutes are one."""

_SENTENCE = re.compile(r"[^\n.!?。！？]+(?:[.!?](?=\S)[^\n.!?。！？]*)*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LATIN_WORDS = sorted((word for word in SMALL if word[0] < "\u3040"), key=len, reverse=True)
_SMALL = re.compile(rf"(?<![{LATIN}-])({'|'.join(_LATIN_WORDS)})(?![{LATIN}-])", re.IGNORECASE)
_THING = re.compile(r"[\s-]([^\W\d_]{3,})")
_UNITS = re.compile(
    r"second|minute|hour|day|week|month|year|decade|met(?:er|re)|kilomet|mile|gram|kilogram|lit(?:er|re)|degree|percent|dose",
    re.IGNORECASE,
)
"""What *one* counts for certain; one study may be the cited one."""
_LISTS = re.compile(r"[,:;(]|(?<!\w)(?:and|or|und|oder|et|ou|y|o)(?!\w)", re.IGNORECASE)
"""A sentence that lists something may count what it lists."""
_FUNCTION = frozenset(
    """the and for with from into over under after before within about than that this these those were was are has had have not
    more less least most der die das den dem des und mit von vom aus bei für nach vor über unter als mehr war waren sind ist nicht
    les des aux une dans pour avec sur sous par plus moins était étaient sont los las del una unos para con por sobre más menos
    eran fueron their its his her our your per other others""".split()  # noqa: SIM905 - reads better
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number and what it counts."""

    written: str
    values: frozenset[str]
    thing: str
    """The beginning of the word behind it, in small letters."""


def strange_count(text: str, about: str, held: frozenset[str]) -> str:
    """A word below ten that counts what the source, whose numbers are `held`, counts otherwise; empty where there is none."""
    if _LISTS.search(text):
        return ""
    for count in _said(text):
        if count.values & held:
            continue
        others = _words(text) - {count.thing}
        if any(_counts(sentence, count.thing) and _alike(others, sentence) for sentence in _SENTENCE.findall(about)):
            return count.written
    return ""


def _counts(sentence: str, thing: str) -> bool:
    """Whether the sentence says a number of it, and lists nothing that could be counted instead."""
    return not _LISTS.search(sentence) and any(count.thing == thing for count in (*_said(sentence), *_written(sentence)))


def _alike(words: set[str], sentence: str) -> bool:
    return len(words & _words(sentence)) >= ALIKE * len(words)


def _said(text: str) -> Iterator[Count]:
    """Small words with what they count."""
    for match in _SMALL.finditer(text):
        thing = _THING.match(text, match.end())
        word = thing[1].casefold() if thing else ""
        if word and word not in _FUNCTION and (SMALL[match[1].casefold()] != "1" or _UNITS.match(word)):
            yield Count(match[1], frozenset([SMALL[match[1].casefold()]]), word[:STEM])


def _written(text: str) -> Iterator[Count]:
    """Numbers in digits, and words from ten on, with what they count."""
    for number in numbers(text):
        thing = _THING.match(text, number.end)
        if thing and (word := thing[1].casefold()) not in _FUNCTION:
            yield Count(number.written, number.values, word[:STEM])


def _words(text: str) -> set[str]:
    """Content words, by their beginnings."""
    words = (word.casefold() for word in _WORD.findall(text))
    return {word[:STEM] for word in words if word not in _FUNCTION and word not in SMALL}
