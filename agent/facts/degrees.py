"""Which temperatures does a text name?

100.4 °F are 38 °C, and 310 K about 37 °C: the zero of these scales is not the same, so that they are no units of one size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from agent.facts.numbers import Number, certain
from agent.facts.reckoned import plainly

CLOSE = Fraction(4, 5)
"""Degrees Celsius by which two may differ, both having been rounded."""

_SCALE = re.compile(
    r"\s?(?:(?:°\s?|(?:degrees?|deg\.?|grad|degrés?|grados?)\s)?(?:(?P<c>c(?:elsius)?)|(?P<f>f(?:ahrenheit)?))\b|(?P<c1>℃|摄氏度)"
    r"|(?P<f1>℉|华氏度)|(?P<k>(?<=\s)k\b|kelvin\b))",
    re.IGNORECASE,
)
_ZERO = {"c": Fraction(0), "f": Fraction(32), "k": Fraction("273.15")}
_SIZE = {"c": Fraction(1), "f": Fraction(5, 9), "k": Fraction(1)}


@dataclass(frozen=True, slots=True)
class Degrees:
    """One temperature."""

    value: Fraction
    scale: str
    """``c``, ``f`` or ``k``."""

    @property
    def celsius(self) -> Fraction:
        return (self.value - _ZERO[self.scale]) * _SIZE[self.scale]


def degrees(text: str, found: Iterable[Number]) -> Iterator[Degrees]:
    """What these numbers of it are in degrees; both where what stands before one may be a minus."""
    for number in found:
        if scale := _SCALE.match(text, number.end):
            its = (scale.lastgroup or "")[:1]
            for value in plainly(certain(number, text)):
                yield from (Degrees(sign * value, its) for sign in _SIGNS[number.sign])


_SIGNS = {"-": (-1,), "+": (1,), "": (1, -1)}


def as_warm(one: Degrees, held: Iterable[Degrees]) -> bool:
    """Whether a source has exactly this temperature, on whatever scale."""
    return any(one.celsius == other.celsius for other in held)


def about_as_warm(one: Degrees, held: Iterable[Degrees]) -> bool:
    """Whether it has it on another scale, rounded, or a difference of as many degrees."""
    return any(
        one.scale != other.scale
        and min(abs(one.celsius - other.celsius), abs(abs(one.value) * _SIZE[one.scale] - abs(other.value) * _SIZE[other.scale]))
        <= CLOSE
        for other in held
    )
