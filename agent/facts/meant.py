"""Does a source say in other words what a sentence says in digits?

*All* are 100 %, *none* 0, *a patient* is 1, what *doubled* rose by 100 %, and T2DM is of type 2. Such words are no sure reading:
none of them makes a number stand, but none of these numbers is refuted by a source that has them.
"""

from __future__ import annotations

import re
from fractions import Fraction

from agent.facts.eras import of_century
from agent.facts.numbers import Number, percent
from agent.facts.numerals import LATIN
from agent.facts.ranks import TIMES
from agent.facts.scales import thing
from agent.facts.source import Held

_ALL = re.compile(
    r"\b(?:all|every\w*|each|both|whole|entire(?:ly)?|full|fully|complete(?:ly)?|always"
    r"|all(?:e[nrs]?)?|jede[nrms]?|sämtliche[nr]?|ganze?[nrs]?|vollständig\w{0,2}|immer"
    r"|tou(?:t|te|s|tes)|chaque|entière?(?:ment)?|tod[oa]s?|cada|siempre)\b|[全都每]|所有",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:no|none|no ?one|nobody|nothing|neither|nor|not|never|without|free|absence|absent|\w+n['’]t"
    r"|keine?[nrms]?|niemand|nichts?|nie|ohne|aucune?s?|nul(?:le)?s?|sans|pas|jamais|rien|ning(?:ún|un[oa]s?)|nadie|sin|nunca|nada)\b"
    r"|[无没未零不]|\w[-‐]?free\b",
    re.IGNORECASE,
)
_ONE = r"(?:an?|one|eine?[mnrs]?|une?|una|uno|single|sole|lone|only|einzige[nrms]?|seule?|únic[oa])"
_ANY_ONE = re.compile(rf"\b{_ONE}\b|一", re.IGNORECASE)
_PLAIN = re.compile(r"\d{0,9}\.\d{1,9}|\d{1,9}")
_NAME_BEFORE = re.compile(rf"(?<![{LATIN}])(?=[{LATIN}]*[A-ZÀ-Þ])[{LATIN}]+[-‐‑–]\Z")
"""COVID-19: digits of a name."""
_LABEL = re.compile(r"\b([^\W\d_])[^\W\d_]+\s\Z")
"""Type 2."""


def of_a_name(number: Number, text: str) -> bool:
    """Whether it is the digits of a hyphenated name."""
    return bool(_NAME_BEFORE.search(text, max(0, number.start - 32), number.start))


def meant(number: Number, text: str, source: Held) -> bool:
    """Whether the source may say this number in words."""
    share = percent(text, number.end)
    if ("100" in number.values and share and _ALL.search(source.text)) or ("0" in number.values and _NONE.search(source.text)):
        return True
    if share and any(Fraction(value) in _grown(source) for value in number.values if value.isdecimal()):
        return True
    if "1" in number.values and not share and _one_of(thing(text, number.end), source.text):
        return True
    return of_century(number, text, source.values) or _labelled(number, text, source.text)


def _grown(source: Held) -> set[Fraction]:
    """Percentages that how many times may come to: what tripled is at 300 %, and rose by 200 %."""
    times = [Fraction(value) for kind, value in source.ranks if kind == TIMES and _PLAIN.fullmatch(value)]
    return {100 * share for many in times if many for share in (many, abs(many - 1), 1 / many, abs(1 - 1 / many))}


def _one_of(what: str, about: str) -> bool:
    """Whether a text has one of this thing, which it may call otherwise."""
    if what and what[:4] in about.casefold():
        return bool(re.search(rf"\b{_ONE}\s(?:[\w-]+\s){{0,2}}{re.escape(what)}", about, re.IGNORECASE))
    return bool(what and _ANY_ONE.search(about))


def _labelled(number: Number, text: str, about: str) -> bool:
    """Whether the first letter of the word before the number stands before it there: T2DM has type 2."""
    label = _LABEL.search(text, max(0, number.start - 24), number.start)
    code = f"{label[1]}{number.written}" if label else ""
    return bool(code and re.search(rf"(?<![{LATIN}]){re.escape(code)}(?!\d)", about, re.IGNORECASE))
