"""Which title, authors and date does a PDF's information dictionary give?

Programs fill it in as they like: names of files and templates are no titles, names of accounts and programs no authors.
PDF 32000-1:2008, 14.3.3 and 7.9.4.
"""

from __future__ import annotations

import re
from datetime import date

_MAX_TITLE = 300
_NO_TITLE = re.compile(
    r"^(?:untitled|title|no title|document\d*|presentation\d*|unknown|slide \d+|pii:.*|doi:.*|arxiv:.*|\d+(?:\.\.\d+)?|"
    r"(?:microsoft (?:word|powerpoint|excel)|powerpoint presentation|latex|print|about:blank).*|"
    r"\S*\.(?:docx?|tex|dvi|pdf|ps|odt|rtf|txt|indd|qxd|qxp|fm|pptx?|xlsx?|eps|html?|wpd|p65|cdr)|\S*[_\\/]\S*)$",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"^(?:user|admin|administrator|author|unknown|owner|root|none|n/?a|microsoft.*|adobe.*|.*\b(?:acrobat|latex|tex|writer)\b.*)$",
    re.IGNORECASE,
)
_DATE = re.compile(r"^\s*(?:D:)?\s*(\d{4})-?(\d\d)?-?(\d\d)?")
_BETWEEN = re.compile(r"\s*;\s*|\s+and\s+|\s*&\s*|\s*\n\s*")


def title_in(title: str, text: str) -> str:
    """The title of the metadata where it is one, else the first lines of the text; the text is not empty."""
    title = " ".join(title.split())
    if len(title) > 3 and not _NO_TITLE.match(title) and any(c.isalpha() for c in title):
        return title[:_MAX_TITLE]
    first = next((line for line in text.splitlines() if any(c.isalpha() for c in line)), text.strip().splitlines()[0])
    first = " ".join(first.split())
    return first if len(first) <= _MAX_TITLE else first[:_MAX_TITLE].rsplit(" ", 1)[0]


def authors_in(author: str) -> list[str]:
    """Names apart; commas part names only where each side is a whole name: ``Pozo, Ana`` is one person."""
    names: list[str] = []
    for part in _BETWEEN.split(author.strip()):
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        names += pieces if len(pieces) > 1 and all(" " in piece for piece in pieces) else [", ".join(pieces)]
    return [name for name in names if name and not _NO_AUTHOR.match(name) and any(c.isalpha() for c in name)]


def creation_date(text: str) -> str:
    """``D:20190603120000+02'00'`` is 2019-06-03; dates before PDF was made, and days that never were, are none."""
    found = _DATE.match(text)
    if not found or not 1993 <= int(found[1]) <= 2100:
        return ""
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).isoformat()[
            : 4 if not found[2] else 7 if not found[3] else 10
        ]
    except ValueError:
        return found[1]
