"""Which digits does a text write in other signs than 0 to 9?

``２４１``, ``²⁴¹``, ``②④①`` and ``٢٤١`` are 241, and ``CO₂`` is CO2. What is raised behind a letter, a digit or a stop is a unit,
a power or a note, and a single one, raised or in a circle, may be a mark of a list: they are no numbers.
"""

from __future__ import annotations

import re
from unicodedata import digit

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS = f"[{_RAISED}⓪①②③④⑤⑥⑦⑧⑨❶❷❸❹❺❻❼❽❾]{{2,}}"
_ALONE = re.compile(rf"(?<=\s){_SIGNS}(?=[\s.,;:!?%)]|\Z)|\A{_SIGNS}(?=\s[a-zß-ÿ])")
"""Numbers of their own; at the beginning they may be the note of the sentence before."""
_OTHER = re.compile(r"[^\D0-9]|[₀-₉]")
"""Digits of full width, of other scripts, and lowered ones."""
_LOWERED = str.maketrans(_RAISED, "0123456789")


def folded(text: str) -> str:
    """It with these digits as 0 to 9, each in its place."""
    if text.isascii():
        return text
    return _ALONE.sub(_digits, _OTHER.sub(_digits, text))


def lowered(text: str) -> str:
    """It with every raised digit as one of 0 to 9: m² is m2 to who writes so."""
    return text.translate(_LOWERED)


def _digits(match: re.Match[str]) -> str:
    return "".join(str(digit(sign)) for sign in match[0])
