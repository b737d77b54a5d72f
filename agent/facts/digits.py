"""Which dates does a text write in digits?

``2024-03-05``, ``2024/03/05``, ``5.3.2024``, ``3/5/24``, ``03/2024``, ``2024年3月5日``, 二〇二四年三月. Which number is the month
differs by country, so that such a date is one or the other. A sentence is held to what can be nothing else; a source is read
loosely: ``12/2000`` may be December or a share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.facts.numerals import han_value

_HAN = "〇零一二三四五六七八九十"
_YEAR = r"(?P<year>(?:1\d|20)\d\d)"
_SHORT = r"(?P<short>\d\d)"
_ONE, _OTHER = r"(?P<one>\d{1,2})", r"(?P<other>\d{1,2})"
_BEGIN, _END = r"(?<![\d./-])", r"(?!\d|[./-]\d)"
_CERTAIN = (
    re.compile(rf"{_BEGIN}{_YEAR}([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_END}"),
    re.compile(rf"{_BEGIN}{_YEAR}[-/](?P<month>0\d){_END}"),
    re.compile(
        rf"(?:(?P<year>\d{{4}}|[{_HAN}]{{4}})\s?年)?\s?(?P<month>\d{{1,2}}|[{_HAN}]{{1,2}})\s?月"
        rf"(?:\s?(?P<day>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[日号])?"
    ),
)
"""The month of these is one for certain."""
_FORMS = (
    *_CERTAIN,
    re.compile(rf"(?<![\d.]){_ONE}([./-])\s?{_OTHER}\2\s?(?P<year>\d{{4}})(?!\d)"),
    re.compile(rf"(?<![\w./-]){_ONE}([./]){_OTHER}\2{_SHORT}(?!\w|[./-]\d)"),
    re.compile(rf"{_BEGIN}(?P<month>0\d)[./]{_YEAR}{_END}"),
)
_LOOSE = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?!\d)"),
    re.compile(rf"{_BEGIN}(?P<month>\d{{1,2}})[./-]{_YEAR}{_END}"),
    re.compile(rf"{_BEGIN}{_YEAR}[./-](?P<month>\d{{1,2}}){_END}"),
    re.compile(rf"(?<![\w./-]){_ONE}-{_OTHER}-{_SHORT}(?!\w|[./-]\d)"),
    re.compile(rf"(?<![\w./-]){_SHORT}([./-]){_ONE}\2{_OTHER}(?!\w|[./-]\d)"),
)
CENTURIES = (2000, 1900)
"""Of a year in two digits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a date may mean."""

    month: int
    """1 to 12."""
    day: int | None
    """None where it names none."""
    year: int | None
    """None where it names none."""


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a text, with a month and something beside it."""

    written: str
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int
    readings: tuple[Reading, ...]
    """Several where day and month may be either, or the century; of *3 to 5 March* one a day."""
    either: bool = False
    """Whether it is but one of its readings."""


def in_digits(text: str, loosely: bool = False) -> Iterator[Date]:
    """Every date in digits; `loosely` also what may be something else."""
    for form in (*_FORMS, *(_LOOSE if loosely else ())):
        for match in form.finditer(text):
            if found := tuple(dict.fromkeys(_readings(match))):
                yield Date(match[0].strip(), match.start(), match.end(), found, either=len(found) > 1)


def months_at(text: str) -> set[int]:
    """Where a number begins that is a month for certain."""
    return {match.start("month") for form in _CERTAIN for match in form.finditer(text) if any(_readings(match))}


def _readings(match: re.Match[str]) -> Iterator[Reading]:
    """What the numbers of such a date may be."""
    said = match.groupdict()
    years = (
        [_value(said["year"])] if said.get("year") else [c + int(said["short"]) for c in CENTURIES] if "short" in said else [None]
    )
    pairs = (
        [(said["month"], said.get("day"))] if "month" in said else [(said["one"], said["other"]), (said["other"], said["one"])]
    )
    for month, day in ((_value(month), _value(day) if day else None) for month, day in pairs):
        if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
            yield from (Reading(month, day, year) for year in years)


def _value(written: str) -> int:
    return int(written) if written.isdecimal() else int(han_value(written) or 0)
