"""Which ISO 8601 date do a publisher's year, month and day name?

At the precision that is known: ``2019``, ``2019-06``, ``2019-06-03``. Months come as numbers, English names or ranges
(``Jul-Aug`` is July); seasons name no month, because their months depend on the hemisphere.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = re.compile(r"(?<![a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_NUMBER = re.compile(r"0?([1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(0?[1-9]|[12]\d|3[01])(?!\d)")
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?![\d-])")


def iso_date(year: str, month: str = "", day: str = "") -> str:
    """The date as far as it can be read; a day that its month does not have is left out."""
    found = _YEAR.search(year)
    if not found:
        return ""
    number = _month(month)
    if not number:
        return found[1]
    first = _DAY.match(day.strip())
    try:
        return date(int(found[1]), number, int(first[1])).isoformat() if first else f"{found[1]}-{number:02}"
    except ValueError:
        return f"{found[1]}-{number:02}"


def medline_date(text: str) -> str:
    """The beginning of a free date: ``1998 Dec-1999 Jan`` is 1998-12, ``2000 Spring`` 2000, ``2000 Nov 3-9`` 2000-11-03."""
    found = _YEAR.search(text)
    if not found:
        return ""
    name = _MONTH.match(text[found.end() :].strip())
    rest = text[found.end() :].strip()
    if not name:
        before = _MONTH.match(text[: found.start()].strip())  # `Winter 1998` has none, `Dec 1998` has
        return iso_date(found[1], before[1] if before else "")
    day = re.match(r"[a-z]*\.?\s+(\d{1,2})(?!\d)", rest[name.end() :], re.IGNORECASE)
    return iso_date(found[1], name[1], day[1] if day else "")


def checked_iso(text: str) -> str:
    """A date that should be ISO 8601 already, without its time; empty where it is not one."""
    found = _ISO.match(text.strip())
    return iso_date(found[1], found[2] or "", found[3] or "") if found else ""


def _month(text: str) -> int:
    """1 to 12, or 0 where there is none."""
    text = text.strip()
    if name := _MONTH.match(text):
        return _MONTHS.index(name[1].lower()) // 3 + 1
    number = _NUMBER.match(text)
    return int(number[1]) if number else 0
