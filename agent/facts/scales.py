"""By what does the word behind a number multiply it?

A *billion* has nine noughts in English and twelve in other languages: it is read as both.
"""

from __future__ import annotations

import re

from agent.facts.numerals import LATIN

_SCALES = {
    "hundred|hundert|cents?|cien|cientos|百": (10**2,),
    "thousand|tausend|tsd|mille|mil|千": (10**3,),
    "万|萬": (10**4,),
    "lakhs?": (10**5,),
    "millions?|mio|millionen|millón|millones|mn|百万": (10**6,),
    "crores?": (10**7,),
    "亿|億": (10**8,),
    "milliards?|milliarden?|mrd|mia|bn|十亿": (10**9,),
    "billions?": (10**9, 10**12),
    "billionen|billón|billones|tn": (10**12,),
    "trillions?|trillionen|trillón|trillones": (10**12, 10**18),
}
_SCALE = [(re.compile(rf"[\s-]?(?:{words})(?![{LATIN}])", re.IGNORECASE), factors) for words, factors in _SCALES.items()]
_LETTERS = [
    (re.compile(rf"[{signs}](?![{LATIN}²³/])"), (factor,)) for signs, factor in (("kK", 10**3), ("mM", 10**6), ("bB", 10**9))
]
_WORDS = re.compile(
    rf"(?<![{LATIN}\d])(?<!\d\s)(?:{'|'.join(words for words in _SCALES if words[0] < chr(0x3040))})(?![{LATIN}])", re.IGNORECASE
)
_WITHIN = re.compile(r"hundert|tausend|cient[oa]s|\bciento\b|quinient[oa]s|[百千万亿億]", re.IGNORECASE)
"""Scales that are written as a part of a word."""
_THING = re.compile(r"(?:\s(?:of|von|de))?[\s-](?:d['’])?([^\W\d_]{3,})")


def scale(text: str, end: int) -> tuple[frozenset[int], int]:
    """What the number that ends there is multiplied by, and where the words that say so end; *mil millones* are two of them."""
    factors, stop = frozenset[int](), end
    for patterns in ([*_SCALE, *_LETTERS], _SCALE, _SCALE):
        read = [(match.end(), by) for pattern, by in patterns if (match := pattern.match(text, stop))]
        if not read:
            break
        stop, by = max(read)
        factors = frozenset(one * other for one in factors or {1} for other in by)
    return factors, stop


def least_scale(text: str) -> int | None:
    """The least factor that a text says in words, such as 100 of *two hundred*; None where it says none."""
    found = [min(factors) for match in _WORDS.finditer(text) if (factors := scale(text, match.start())[0])]
    return min([*found, *[100 for _ in _WITHIN.finditer(text)]], default=None)


def thing(text: str, end: int) -> str:
    """The beginning of what is counted behind a number and its scale, in small letters; empty where none stands there."""
    match = _THING.match(text, end)
    return match[1].casefold()[:5] if match else ""
