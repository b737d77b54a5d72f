"""What of a foreign text may a terminal be given?

Endpoints, models and sources may write what a terminal obeys: escapes that set its title, clear it or colour it.
"""

from __future__ import annotations

import re

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Controls of ASCII and Latin-1, but for the tab and the line feed."""


def printable(text: str) -> str:
    """Foreign text as one line that a terminal only shows."""
    return "".join(c if c.isprintable() else " " for c in text)


def shown(text: str) -> str:
    """Foreign text as it is, lines and all, but for the characters that a terminal would obey."""
    return _OBEYED.sub(" ", text)
