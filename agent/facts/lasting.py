"""May so many years, or a year, come from the years of a source?

From 2010 to 2020 are ten years, or eleven; who was born in 1879 and died in 1955 died at 75 or 76; what began in 2010 and ran for
ten years ended in 2020. Such a number may be right without standing in the source, so that only the judge can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from agent.facts.bounds import roughly
from agent.facts.numbers import Number
from agent.facts.reckoned import WINDOW, Quantity, plainly
from agent.facts.units import unit

NEAR = 5
"""Years by which *around 1900* may be another."""

_YEAR = Fraction(31_557_600)
"""In seconds."""
_WRITTEN = re.compile(r"\d{4}\Z|\d\d\Z|[^\d]+\Z")
"""How a year is written: 1995, the 45 of 1939-45, or in words."""
_VALUE = re.compile(r"(?:1\d|20)\d\d\Z")
_AGED = re.compile(
    r"\b(?:aged?(?: of)?|at|(?:s?he|who) (?:was|is)|turn(?:s|ed)|alter von|à l['’]âge de|edad de)\s\Z|享年\s?\Z", re.IGNORECASE
)
_OLD = re.compile(r"(?:st|nd|rd|th)\s(?:anniversary|birthday)|[\s-]?(?:jährig|yr|岁|周年|ans\b|años\b)", re.IGNORECASE)


def years(found: Iterable[Number]) -> tuple[int, ...]:
    """The years among these numbers, in order."""
    said = (number for number in found if _WRITTEN.match(number.written))
    return tuple(int(value) for number in said for value in sorted(number.values) if _VALUE.match(value))


def lasted(text: str, found: Iterable[Number], quantities: Iterable[Quantity]) -> frozenset[Fraction]:
    """How many years a text names: those of *ten years*, *two decades* and *aged 76*."""
    ages = {value for number in found if _of_an_age(text, number.start, number.end) for value in plainly(number.values)}
    return frozenset(ages | {one.value * one.unit[1] / _YEAR for one in quantities if one.unit and _of_years(one.unit)})


def lies_between(values: Iterable[str], text: str, start: int, end: int, held: Sequence[int]) -> bool:
    """Whether the number at ``[start, end)`` is of years, and as many lie between two years that stand close together."""
    its = unit(text, end)
    size = its[1] / _YEAR if its and _of_years(its) else Fraction(1)
    if not (its and _of_years(its)) and not _of_an_age(text, start, end):
        return False
    apart = {abs(one - other) for one, other in _pairs(held)}
    return any(abs(value * size - gap) <= 1 for value in plainly(values) for gap in apart if gap)


def comes_to(number: Number, text: str, held: Sequence[int], lasting: Iterable[Fraction]) -> bool:
    """Whether it is a year so many years before or after another, or roughly another."""
    if not (_WRITTEN.match(number.written) and all(_VALUE.match(value) for value in number.values)):
        return False
    [value, *_], near = [int(value) for value in sorted(number.values)], roughly(text, number.start, number.end)
    gaps = {abs(value - one) for one in held}
    return any(near and gap <= NEAR for gap in gaps) or any(abs(gap - many) <= 1 for gap in gaps if gap for many in lasting)


def _of_years(its: tuple[str, Fraction]) -> bool:
    return its[0] == "time" and its[1] >= _YEAR


def _of_an_age(text: str, start: int, end: int) -> bool:
    return bool(_OLD.match(text, end) or _AGED.search(text, max(0, start - 16), start))


def _pairs(held: Sequence[int]) -> Iterator[tuple[int, int]]:
    for i, one in enumerate(held):
        yield from ((one, other) for other in held[i + 1 : i + 1 + WINDOW])
