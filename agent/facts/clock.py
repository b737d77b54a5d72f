"""Which times of day does a text name?

``2:30 pm``, ``14:30``, ``14.30 Uhr``, ``14 h 30`` and ``下午2点30分`` are one. A time without *am* or *pm* up to 12:59 may be
either half of the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HALF = r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)"
_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_MINUTE = r"(?P<minute>[0-5]\d)"
_FORMS = (
    re.compile(rf"(?<![\d:.]){_HOUR}\s?(?::|h|Uhr\s)\s?{_MINUTE}(?![\d:]){_HALF}?", re.IGNORECASE),
    re.compile(rf"(?<![\d:.]){_HOUR}[.:]{_MINUTE}(?=\s(?:Uhr|h)\b)"),
    re.compile(rf"(?<![\d:.]){_HOUR}\.{_MINUTE}{_HALF}", re.IGNORECASE),
    re.compile(rf"(?<![\d:.,]){_HOUR}(?:{_HALF}|\s(?:Uhr|o['’]clock)\b)", re.IGNORECASE),
    re.compile(
        rf"(?:\b(?:à|vers|dès|avant|après)\s|\ba las?\s){_HOUR}\s?(?:h\b|heures?\b|horas?\b)(?!\s+(?:de\s|d['’]))", re.IGNORECASE
    ),
    re.compile(rf"(?P<part>[上下]午|凌晨|早上|晚上)\s?{_HOUR}\s?(?:点|时|:|：)\s?{_MINUTE}?"),
)
_NOON = re.compile(r"\b(?:noon|midday|mittags?|midi|mediod[ií]a)\b|正午|中午", re.IGNORECASE)
_MIDNIGHT = re.compile(r"\b(?:midnight|mitternachts?|minuit|medianoche)\b|午夜", re.IGNORECASE)
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Clock:
    """One time of day."""

    written: str
    start: int
    """Character offset; it is ``[start, end)``."""
    end: int
    minutes: frozenset[int]
    """Since midnight, 0 to 1439; two where it may be either half of the day."""


def clocks(text: str) -> Iterator[Clock]:
    """Every time of day in digits, the first form that fits at a place."""
    covered: set[int] = set()
    for form in _FORMS:
        for match in form.finditer(text):
            start = match.start("part") if "part" in match.re.groupindex else match.start("hour")
            if start not in covered:
                covered |= {*range(start, match.end())}
                yield Clock(text[start : match.end()], start, match.end(), _minutes(match))


def times_held(text: str) -> set[int]:
    """Every time that a source names, noon and midnight among them."""
    found = {minute for clock in clocks(text) for minute in clock.minutes}
    return found | ({12 * 60} if _NOON.search(text) else set()) | ({0} if _MIDNIGHT.search(text) else set())


def _minutes(match: re.Match[str]) -> frozenset[int]:
    said = match.groupdict()
    hour, minute = int(said["hour"]), int(said.get("minute") or 0)
    half = (
        said.get("half") or {"上午": "a", "凌晨": "a", "早上": "a", "下午": "p", "晚上": "p"}.get(said.get("part") or "", "")
    ).casefold()
    at = hour * 60 + minute
    if half and hour <= 12:
        return frozenset({(at % (12 * 60)) + (12 * 60 if half == "p" else 0)})
    return frozenset({at % _DAY, (at + 12 * 60) % _DAY} if hour <= 12 and not said["hour"].startswith("0") else {at % _DAY})
