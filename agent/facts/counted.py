"""How many of what does a text count in small words?

A word below ten is no sure sign: a sentence may count what it names itself ("two methods", A and B), and *one* is an article as a
rule. So it speaks against a sentence only where a sentence of the source, in much the same words, counts the very same thing and
comes to another number. What is merely not found is left to the judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent.facts.bounds import bounded, of_a_part, roughly
from agent.facts.numbers import Number, numbers, read_in
from agent.facts.numerals import LATIN, NAMED, ONES, SMALL, SMALL_OF, VALUES, small

ALIKE = 0.5
"""Share of the sentence's content words that a sentence of the source must hold, the number left out."""
STEM = 5
"""Letters by which words are compared, so that minute and minutes are one."""

_SENTENCE = re.compile(r"[^\n.!?。！？]+(?:[.!?](?=\S)[^\n.!?。！？]*)*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NEUF = re.compile(r"(?<![^\W\d_])(neuf)(?=\s[^\W\d_]+[sx]\b)", re.IGNORECASE)
"""Nine in French before a plural; behind a noun it is new."""
_COUNTERS = "名个位例人只次天年周种篇项组条台家所起件份倍架座场轮批艘辆届支"
_HAN = re.compile(rf"(?<![一二两三四五六七八九十百千万第几数])([二两三四五六七八九十])(?=[{_COUNTERS}])")
_HAN_SMALL = {sign: str(value) for value, signs in enumerate(("二两", *"三四五六七八九十"), 2) for sign in signs}
_HAN_THING = re.compile(rf"\s?[{_COUNTERS}]([\u3400-\u9fff]{{2}})")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_THING = re.compile(r"[\s-]([^\W\d_]{3,})")
_NO_PREFIX = frozenset({"one", "une", "zero", "zéro", "cero"})
"""Zero-shot is a way to work."""
_PREFIXED = re.compile(
    rf"(?<![{LATIN}-])({'|'.join(word for word in SMALL if word[0] < chr(0x3040) and word not in _NO_PREFIX)})"
    rf"-(?!{'|'.join(word for table in NAMED.values() for word in table if ' ' not in word)})(?=[^\W\d_]{{2}})",
    re.IGNORECASE,
)
"""Three-stage; *quatre-vingt* is another number."""
_YEARLY = re.compile(
    rf"(?<![{LATIN}])({'|'.join([*ONES['de'].split(), 'zehn', 'elf', 'zwölf'])})"
    r"(?=jähr|stünd|tägig|wöch|monatig|minüt|sekünd|stufig|köpfig|seitig|teilig|sprachig|stellig|dimension|phasig)",
    re.IGNORECASE,
)
"""Dreijährig."""
_UNITS = re.compile(
    r"second|minute|hour|day|week|month|year|decade|met(?:er|re)|kilomet|mile|gram|kilogram|lit(?:er|re)|degree|percent|dose"
    r"|half|third|quarter|fifth",
    re.IGNORECASE,
)
"""What *one* counts for certain; one study may be the cited one."""
_LISTS = re.compile(r"[,:;(]|(?<!\w)(?:and|or|und|oder|et|ou|y|o)(?!\w)", re.IGNORECASE)
"""A sentence that lists something may count what it lists."""
FUNCTION = frozenset(
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
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int
    thing: str
    """The beginning of the word behind it, in small letters."""


def strange_count(text: str, about: str, held: frozenset[str], reckoned: Callable[[Count], bool]) -> str:
    """A word below ten that counts what the source, whose numbers are `held`, counts otherwise; empty where there is none.

    What is a bound, denied, said roughly, of a part, or can be reckoned from the numbers of the source is no such word.
    """
    if _LISTS.search(text):
        return ""
    for count in _said(text):
        if count.values & held or bounded(text, count.start, count.end) or of_a_part(text, count.start):
            continue
        if roughly(text, count.start, count.end):
            continue
        others = content(text) - {count.thing}
        there = (words for things, words in _sentences(about) if count.thing in things)
        if any(len(others & words) >= ALIKE * len(others) for words in there) and not reckoned(count):
            return count.written
    return ""


@lru_cache(256)
def _sentences(about: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """``(what it counts, its content words)`` of the sentences that list nothing which could be counted instead."""
    return tuple(
        (frozenset(count.thing for count in (*_said(sentence), *_written(sentence))), frozenset(content(sentence)))
        for sentence in _SENTENCE.findall(about)
        if not _LISTS.search(sentence)
    )


def said_small(text: str, about: str, language: str = "en") -> Iterator[Number]:
    """Words of a text below ten that are numbers for certain: *one* is before a unit, or where `about` counts the same thing."""
    for number in all_small(text, read_in(language)):
        if number.values != {"1"} or _UNITS.match(text, number.end + 1) or _thing(text, number.end) in _counted(about):
            yield number


def all_small(text: str, languages: tuple[str, ...] = tuple(SMALL_OF)) -> Iterator[Number]:
    """Every word below ten of these languages and Chinese, *three-stage* among them, and every *one*."""
    words = frozenset[str]().union(*(SMALL_OF[language] for language in languages))
    prefixed = [(match[1], SMALL[match[1].casefold()], *match.span(1)) for match in _PREFIXED.finditer(text)]
    for word, value, start, end in (*_small(text, languages), *(one for one in prefixed if one[0].casefold() in words)):
        yield Number(word, frozenset([value]), start, end)
    for match in _YEARLY.finditer(text) if "de" in languages else ():
        yield Number(match[1], frozenset([VALUES[match[1].casefold()]]), *match.span(1))


@lru_cache(256)
def _counted(about: str) -> frozenset[str]:
    """What a source counts."""
    return frozenset(count.thing for count in (*_said(about), *_written(about)))


def _small(text: str, languages: tuple[str, ...] = tuple(SMALL_OF)) -> Iterator[tuple[str, str, int, int]]:
    """``(written, number, start, end)`` of every small word."""
    yield from ((word, SMALL[word.casefold()], start, end) for word, start, end in small(text, languages))
    yield from ((match[1], "9", *match.span(1)) for match in _NEUF.finditer(text))
    yield from ((match[1], _HAN_SMALL[match[1]], *match.span(1)) for match in _HAN.finditer(text))


def _said(text: str) -> Iterator[Count]:
    """Small words with what they count."""
    for word, value, start, end in _small(text):
        thing = _thing(text, end)
        if thing and (value != "1" or _UNITS.match(text, end + 1)):
            yield Count(word, frozenset([value]), start, end, thing)


def _written(text: str) -> Iterator[Count]:
    """Numbers in digits, and words from ten on, with what they count."""
    for number in numbers(text):
        if thing := _thing(text, number.end):
            yield Count(number.written, number.values, number.start, number.end, thing)


def _thing(text: str, end: int) -> str:
    if match := _HAN_THING.match(text, end):
        return match[1]
    match = _THING.match(text, end)
    word = match[1].casefold() if match else ""
    return "" if word in FUNCTION else word[:STEM]


def content(text: str) -> set[str]:
    """Content words, by their beginnings; of Chinese, pairs of characters."""
    pairs = {run[i : i + 2] for run in _HAN_RUN.findall(text) for i in range(len(run) - 1)}
    words = (word.casefold() for word in _WORD.findall(_HAN_RUN.sub(" ", text)))
    return {word[:STEM] for word in words if word not in FUNCTION and word not in SMALL} | pairs
