"""In which century is a year?

A year of a source is no number of *the 19th century*, *19. Jahrhundert*, *19e siècle*, *siglo 19*, 19世纪 or *the 1800s*, but
what such a number may be reckoned from.
"""

from __future__ import annotations

import re
from collections.abc import Container

from agent.facts.numbers import Number

_CENTURY = re.compile(r"(?:st|nd|rd|th|\.|er?|ème)?[\s-](?:century|centuries|jahrhundert|siècle|jh\b)|\s?世纪", re.IGNORECASE)
_CENTURY_BEFORE = re.compile(r"\b(?:siglo|century)\s\Z", re.IGNORECASE)
_HUNDREDS = re.compile(r"['’]?s\b|er\b")


def of_century(number: Number, text: str, values: Container[str]) -> bool:
    """Whether it is a century, and these values have a year of it, in either way of counting."""
    written = number.written
    if re.fullmatch(r"\d{1,2}", written) and (
        _CENTURY.match(text, number.end) or _CENTURY_BEFORE.search(text, max(0, number.start - 8), number.start)
    ):
        first = 100 * int(written) - 100
    elif re.fullmatch(r"\d\d00", written) and _HUNDREDS.match(text, number.end):
        first = int(written)
    else:
        return False
    return any(str(year) in values for year in range(first, first + 101))
