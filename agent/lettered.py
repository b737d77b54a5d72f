"""Which letters and Roman numerals of a sentence tell one thing from another, and do its sources name the same?

Vitamin C is not vitamin D, and phase II not phase I: such a letter is looked for behind its word, a lone one by itself. *I* is a
numeral behind a word that is numbered, and elsewhere the one who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.facts.counted import FUNCTION

_LETTER = "A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
_SIGN = re.compile(
    rf"(?<![{_LETTER}.’'-])(?P<word>[^\W\d_]+)[ -](?P<sign>[A-Z]|[IVXL]{{2,5}})"
    rf"(?![{_LETTER}’']|-[^\W\d_]|\.\s?[^\W\d_a-z]|\.[^\W\d_])"
)
"""Not an initial, nor a part of X-ray."""
_NUMBERED = re.compile(
    r"(?:phase|type?|typ|stage|stade|stadium|grad|class|klasse|level|part|teil|band|volume|war|krieg)", re.IGNORECASE
)
_LIST = r"(?:(?:[A-Z]|[IVXL]{1,5}|\d{1,2})\s?(?:,|/|-|–|&|and|or|to|und|oder|bis|et|ou|y|o)\s?){0,6}"
"""Before one of several: phases I and II."""
_PLAIN = FUNCTION | frozenset(
    ["in", "is", "of", "on", "to", "by", "or", "an", "as", "at", "if", "so", "im", "zu", "ist", "en", "est", "es"]
)
_VALUE = {"I": 1, "V": 5, "X": 10, "L": 50}


def strange_letters(text: str, about: str) -> list[str]:
    """What of a sentence is called by a letter or a Roman numeral and stands nowhere in `about`, as written, once each."""
    return list(dict.fromkeys(written for written, pattern in _lettered(text) if not pattern.search(about)))


def _lettered(text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """``(as written, what a source must hold)`` of each."""
    for match in _SIGN.finditer(text):
        word, sign = match["word"], match["sign"]
        if sign == "I" and not _NUMBERED.match(word):
            continue
        signs = rf"(?:{sign}|{_number(sign)})(?![{_LETTER}])" if set(sign) <= {*_VALUE} else rf"{sign}(?![{_LETTER}])"
        if word in _PLAIN:
            yield sign, re.compile(rf"(?<![{_LETTER}]){signs}")
        else:
            yield match[0], re.compile(rf"(?<![{_LETTER}])(?i:{re.escape(word.removesuffix('s'))})\w{{0,2}}[\s-]?{_LIST}{signs}")


def _number(numeral: str) -> int:
    digits = [_VALUE[letter] for letter in numeral]
    return sum(-one if one < max(digits[i:]) else one for i, one in enumerate(digits))
