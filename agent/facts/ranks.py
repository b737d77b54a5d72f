"""Which words of a text say how many times, or which one in a row?

*Twice*, *tenfold*, *tripled* and *dreimal* are so many times; *third*, *3rd*, *dritte* and 第三 are the third one. Neither is a
number of things, so that each is compared with its like. A sentence is held to what is said for certain: a second may be a time,
a third a share, and *First,* begins a list. A source is read with all of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.facts.numerals import LATIN, NAMED, ONES, VALUES

TIMES = "times"
PLACE = "place"


@dataclass(frozen=True, slots=True)
class Rank:
    """One such word."""

    kind: str
    """TIMES or PLACE."""
    value: str
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int
    written: str


def _english() -> dict[str, str]:
    ones = "first second third fourth fifth sixth seventh eighth ninth".split()  # noqa: SIM905 - reads better
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
    rest = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
    found = {word: value for value, word in enumerate([*ones, *rest.split()], 1)}
    for value, ten in zip(range(20, 100, 10), tens, strict=True):
        found[f"{ten[:-1]}ieth"] = value
        found |= {f"{ten}-{one}": value + i for i, one in enumerate(ones, 1)}
    return {word: str(value) for word, value in found.items()}


def _german() -> dict[str, str]:
    stems = "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft".split()  # noqa: SIM905
    found = {stem: value for value, stem in enumerate(stems, 1)}
    for word, value in NAMED["de"].items():
        if int(value) > 12:
            found[word.replace("dreissig", "dreißig") + ("t" if int(value) < 20 else "st")] = int(value)
    ends = ("e", "en", "er", "es", "em")
    return {f"{stem}{end}": str(value) for stem, value in found.items() for end in ends if stem + end != "achten"}


def _french() -> dict[str, str]:
    found = dict.fromkeys(("premier", "première", "premiers", "premières"), 1) | dict.fromkeys(("second", "seconde"), 2)
    words = [(word, value) for value, word in enumerate(ONES["fr"].split(), 1)]
    for word, value in (*words[1:], *((word.replace(" ", "-"), int(value)) for word, value in NAMED["fr"].items())):
        ending = {"q": "qu", "f": "v", "e": "", "s": "" if value == 80 else "s"}
        stem = word[:-1] + ending.get(word[-1], word[-1])
        found |= {f"{stem}ième": value, f"{stem}ièmes": value}
    return {word: str(value) for word, value in found.items()}


def _spanish() -> dict[str, str]:
    stems = "primer segund tercer cuart quint sext séptim octav noven décim".split()  # noqa: SIM905
    found = {f"{stem}{end}": str(value) for value, stem in enumerate(stems, 1) for end in ("o", "a")}
    return found | {"primer": "1", "tercer": "3", "primeros": "1", "primeras": "1"}


_PLACES = {"en": _english(), "de": _german(), "fr": _french(), "es": _spanish()}
_TIMES = {
    "en": dict.fromkeys(("halved", "halving"), ".5")
    | {"twice": "2", "thrice": "3", "doubled": "2", "doubling": "2", "doubles": "2", "tripled": "3", "tripling": "3"}
    | {"quadrupled": "4", "quadrupling": "4", "hundredfold": "100", "thousandfold": "1000"}
    | dict.fromkeys(("quintupled", "quintupling"), "5")
    | dict.fromkeys(("sextupled", "sextupling"), "6")
    | {f"{word}fold": str(value) for value, word in enumerate(ONES["en"].split(), 1)}
    | {f"{word}fold": value for word, value in NAMED["en"].items() if " " not in word},
    "de": dict.fromkeys(("halbiert", "halbierte", "halbierten"), ".5")
    | {"verdoppelt": "2", "verdoppelte": "2", "verdreifacht": "3", "verdreifachte": "3", "vervierfacht": "4", "doppelt": "2"}
    | {"verfünffacht": "5", "verfünffachte": "5", "verzehnfacht": "10", "verzehnfachte": "10"}
    | {
        f"{word}{end}": str(value)
        for value, word in enumerate([*ONES["de"].split(), "zehn"], 1)
        for end in ("mal", "fach", "fache", "fachen", "facher")
        if f"{word}{end}" != "einmal" and f"{word}{end}"[:7] != "einfach"
    },
    "fr": {"doublé": "2", "doublée": "2", "doubler": "2", "triplé": "3", "triplée": "3", "tripler": "3", "quadruplé": "4"},
    "es": {"duplicó": "2", "duplicado": "2", "triplicó": "3", "triplicado": "3", "cuadruplicó": "4"},
}
_LOOSE = {
    "halves": ".5",
    "double": "2",
    "triple": "3",
    "quadruple": "4",
    "doppelte": "2",
    "doppelten": "2",
    "dreifache": "3",
    "doble": "2",
}
_ONCE = re.compile(
    r"\bonce(?=\s(?:an?|per|every|each|daily|weekly|monthly|yearly)\b)|\beinmal(?=\s(?:am|pro|im|täglich|die)\b)"
    r"|\bune fois(?=\spar\b)|\buna vez(?=\s(?:al|por)\b)",
    re.IGNORECASE,
)
_SECOND = re.compile(r"(?:\b(?:per|each|every|one|half an?|split|par|chaque|por|cada|an?|une?)|\d)[\s-]\Z", re.IGNORECASE)
"""Before a second, which is a time then or another one."""
_PART = re.compile(rf"(?:\b(?:an?|une?|un[ao]|{'|'.join(ONES['en'].split())}|\d+)|\d)[\s-]\Z", re.IGNORECASE)
"""Before a third, which is a share then or another one."""
_LISTS = re.compile(r"\s?[,:;)]|\sof\s")
"""Behind what begins a list, and behind a share."""
_DIGITS = re.compile(
    rf"(?<![{LATIN}.,])(\d{{1,4}})(?:st|nd|rd|th|i?ème|[eè]?re?|[eº]|ª|\.(?=\s(?:Jahrhundert|Platz|Rang|Stelle)))(?![{LATIN}])"
)
_HAN = re.compile(r"第([一二三四五六七八九十]|\d{1,3})|翻了?([一两二三])?番|翻了?一?倍")
_MARKED = (
    r"(?:#|\bno\.\s?|\bnr\.\s?|\bn[°º]\s?|\brank(?:s|ed|ing)?\s(?:at\s|as\s)?(?:#|no\.\s|number\s)?"
    r"|\b(?:number|place|position|platz|rang|puesto|lugar)\s)"
)
_NUMBERED = re.compile(rf"{_MARKED}(\d{{1,3}})(?!\d|[.,]\d)", re.IGNORECASE)
MARKED = re.compile(rf"{_MARKED}\Z", re.IGNORECASE)
"""Before a number that is a place in a row: #3, ranked 3."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FACTOR = re.compile(r"\b(?:factors? of|faktor|facteur de|factor de)\s(\d+|[^\W\d_]+)", re.IGNORECASE)
_MAGNITUDE = re.compile(
    r"\b(?P<many>an?|\d|[^\W\d_]+)\s(?:orders? of magnitude|größenordnung(?:en)?|ordres? de grandeur|órden(?:es)? de magnitud)"
    r"|(?P<han>[一两二三四五六])?个?数量级",
    re.IGNORECASE,
)
_ROMAN = re.compile(rf"(?<![{LATIN}])(II|III|IV|VI{{0,3}}|IX)(?![{LATIN}])")
_VALUE = {"II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}


def is_place(word: str) -> bool:
    """Whether this word can say which one in a row: Second, Zweite."""
    return any(word.casefold() in places for places in _PLACES.values())


def ranks(text: str, languages: tuple[str, ...], loosely: bool = False) -> Iterator[Rank]:
    """Every such word of these languages; `loosely` also those that may be something else."""
    for match in _WORD.finditer(text):
        yield from _read(match[0], match.start(), text, languages, loosely)
    for match in _ONCE.finditer(text):
        yield Rank(TIMES, "1", *match.span(), match[0])
    for match in _HAN.finditer(text):
        value = VALUES.get(match[1], match[1]) if match[1] else str(2 ** int(VALUES[match[2] or "一"]))
        yield Rank(PLACE if match[1] else TIMES, value, *match.span(), match[0])
    if loosely:
        for match in (*_DIGITS.finditer(text), *_NUMBERED.finditer(text)):
            yield Rank(PLACE, match[1], *match.span(), match[0])
        yield from (Rank(PLACE, _VALUE[match[1]], *match.span(), match[0]) for match in _ROMAN.finditer(text))
        for match in _MAGNITUDE.finditer(text):
            many = VALUES.get((match["many"] or match["han"] or "1").casefold(), match["many"] or "")
            yield Rank(TIMES, str(10 ** int(many if many.isdecimal() else 1)), *match.span(), match[0])
        for match in _FACTOR.finditer(text):
            yield Rank(TIMES, VALUES.get(match[1].casefold(), match[1]), *match.span(), match[0])


def _read(word: str, start: int, text: str, languages: tuple[str, ...], loosely: bool) -> Iterator[Rank]:
    """What a word, or the one before its hyphen, says in one of these languages."""
    for said in dict.fromkeys((word, word.partition("-")[0], word.rpartition("-")[2])):
        folded, at = (
            said.casefold().replace("-fold", "fold"),
            start + (len(word) - len(said) if word != said and word.endswith(said) else 0),
        )
        for language in languages:
            times = _TIMES[language].get(folded) or (_LOOSE.get(folded) if loosely else None)
            place = _PLACES[language].get(folded)
            if times or (place and (loosely or _certain(folded, place, at, at + len(said), text))):
                yield Rank(TIMES if times else PLACE, times or place or "", at, at + len(said), said)
                return


def _certain(word: str, value: str, start: int, end: int, text: str) -> bool:
    """Whether it can only be the one in a row."""
    before = text[max(0, start - 12) : start]
    if value == "2" and word.startswith(("second", "segund")) and _SECOND.search(before):
        return False
    return not (_PART.search(before) or _LISTS.match(text, end))
