"""In which other ways may an address be written that names the same page?

A reader copies an address from a page, a browser or an answer, and a site writes its own in one way: with or without a final
slash, https or http, a place in the page behind ``#``. What an index knows is one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_ADDRESS = re.compile(r"https?://([^/?#\s]+)([^?#\s]*)(\?[^#\s]*)?(#\S*)?", re.IGNORECASE)


def spellings(target: str) -> tuple[str, ...]:
    """Other ways to write it, the nearest first, 9 at most; an id has none but itself without spaces around it."""
    return tuple(other for other in dict.fromkeys(_spelt(target.strip())) if other not in ("", target))


def _spelt(target: str) -> Iterator[str]:
    yield target
    if match := _ADDRESS.fullmatch(target):
        host, path, asked, place = match[1].lower(), match[2], match[3] or "", match[4] or ""
        schemes = ("https", "http") if target[:5].lower() == "https" else ("http", "https")
        paths = (path, path[:-1] if path.endswith("/") else f"{path}/")
        for behind, scheme, one in product(dict.fromkeys((place, "")), schemes, paths):
            yield f"{scheme}://{host}{one}{asked}{behind}"
