"""Does this URL lead into a part of a site that has no end?

Calendars that go on for ever, paths that repeat themselves, one page under every order of its query. The questions are about
the URL alone, and about how many like it the crawl has met; the answers are phrases that can be counted.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from urllib.parse import urlsplit

MAX_URL = 2083
"""Characters of a URL; longer ones are traps. The limit of Scrapy's UrlLengthMiddleware, counted here."""
MAX_SEGMENTS = 20
"""Segments of a path; the deepest of Debian's documentation has 9."""
MAX_REPEATS = 3
"""Times that one segment, or one run of segments, may follow on itself."""
MAX_QUERIES = 200
"""Query strings under which one path is asked for; a catalogue of 200 result pages is past what a person reads."""
MAX_PARAMETERS = 12
"""Parameters in one query; filters that combine are past that."""
MAX_CALENDAR = 400
"""Pages of one calendar: more than a year of days."""
FIRST_YEAR = 1990
YEARS_AHEAD = 1
"""A calendar's pages are asked for from FIRST_YEAR to so many years from now."""
MAX_COUNTED = 1_000_000
"""Paths whose queries are counted, which bounds the memory."""

_CALENDAR = re.compile(r"calendar|kalender|calendrier|agenda|events?|schedule|ical", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)([12]\d{3})[-/_=&a-z]{1,8}(\d\d?)(?!\d)", re.IGNORECASE)


class Traps:
    """The questions, and what was met so far."""

    def __init__(self) -> None:
        self._queries: Counter[str] = Counter()
        self._dates: Counter[str] = Counter()

    def refusal(self, key: str) -> str:
        """Why this canonical URL is not asked for; empty where it is, and then it is counted."""
        if len(key) > MAX_URL:
            return f"trap: URL over {MAX_URL:,} characters"
        parts = urlsplit(key)
        if why := endless(parts.path):
            return why
        if parts.query.count("&") >= MAX_PARAMETERS:
            return "trap: too many parameters"
        dated = _DATE.search(f"{parts.path}?{parts.query}")
        calendar = dated is not None and _CALENDAR.search(key)
        if dated and calendar and not FIRST_YEAR <= int(dated[1]) <= time.gmtime().tm_year + YEARS_AHEAD:
            return "trap: calendar"
        if calendar and self._dates[shape := re.sub(r"\d+", "0", key)] >= MAX_CALENDAR:
            return "trap: calendar"
        path = f"{parts.netloc}{parts.path}"
        if parts.query and self._queries[path] >= MAX_QUERIES:
            return "trap: too many queries"
        if len(self._queries) + len(self._dates) < MAX_COUNTED:
            if calendar:
                self._dates[shape] += 1
            if parts.query:
                self._queries[path] += 1
        return ""


def endless(path: str) -> str:
    """A path that is too deep, or repeats a run of segments: ``/a/b/a/b/a/b``."""
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return "trap: path too deep"
    for length in range(1, len(segments) // MAX_REPEATS + 1):
        for start in range(len(segments) - length * MAX_REPEATS + 1):
            run = segments[start : start + length]
            if segments[start : start + length * MAX_REPEATS] == run * MAX_REPEATS:
                return "trap: path repeats itself"
    return ""
