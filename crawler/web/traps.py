"""Does this URL lead into a part of a site that has no end?

Calendars that go on for ever, paths that repeat themselves, one page under every order of its query. The questions are about
the URL alone, and about how many like it the crawl has met; the answers are phrases that can be counted.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

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
MAX_DISTANT = 60
"""Pages of one calendar that lie before FIRST_YEAR or further ahead than YEARS_AHEAD: five years of months. Archives have such
pages too, but each under a name of its own."""
FIRST_YEAR = 1990
YEARS_AHEAD = 1
"""Years from now."""
MAX_COUNTED = 1_000_000
"""Paths whose queries are counted, which bounds the memory."""

_CALENDAR = re.compile(
    r"(?:^|[-_.\[])(?:calendar|kalender|calendrier|agenda|events?|schedule|ical|icalendar)(?=$|[-_.\]])", re.IGNORECASE
)
"""In a segment of a path or the name of a parameter, as a word."""
_DATE = re.compile(r"(?<!\d)([12]\d{3})(?:[-/_.]\d\d?(?!\d)|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))")
"""``2030-01``, ``2030/1``, ``20300101``."""


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
        shape = ""
        if year := calendar_year(parts.path, parts.query):
            near = FIRST_YEAR <= year <= time.gmtime().tm_year + YEARS_AHEAD
            shape = re.sub(r"\d+", "0", key) + ("" if near else " distant")
            if self._dates[shape] >= (MAX_CALENDAR if near else MAX_DISTANT):
                return "trap: calendar"
        path = f"{parts.netloc}{parts.path}"
        if parts.query and self._queries[path] >= MAX_QUERIES:
            return "trap: too many queries"
        if len(self._queries) + len(self._dates) < MAX_COUNTED:
            if shape:
                self._dates[shape] += 1
            if parts.query:
                self._queries[path] += 1
        return ""


def calendar_year(path: str, query: str) -> int:
    """The year of a calendar's page, by the date in its path or query; 0 where this is no such page."""
    parameters = parse_qsl(query)
    if not any(_CALENDAR.search(name) for name in (*path.split("/"), *(name for name, _ in parameters))):
        return 0
    values = [value for _, value in parameters]
    for text in (path, *values):
        if found := _DATE.search(text):
            return int(found[1])
    if any(re.fullmatch(r"\d\d?", value) for value in values):  # ?month=1&year=2030, in any order
        return next((int(value) for value in values if re.fullmatch(r"[12]\d{3}", value)), 0)
    return 0


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
