"""Do two titles name the same work?

Identifiers are sometimes wrong: a DOI of the whole volume on every paper, the PMID of an erratum on the article. So no two
records become one by an identifier unless their titles agree too, and this is what agreeing means.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

ALIKE = 0.8
"""Least Dice coefficient of character trigrams. Printings of one title that differ by a hyphen or a typing slip stay above .9;
`A survey of deep learning for image segmentation` and `... for image classification` have .72."""
SHORTEST_START = 15
"""Letters of a title that may be the other's beginning, its subtitle left out."""
LONG_TITLE, LONG_TITLE_WORDS = 30, 5
"""Letters and words from which a title, with author and year, says enough without an identifier."""
SHORT_TITLE, SHORT_TITLE_WORDS = 15, 4
"""... and from which it does so with the names of several authors, all of them."""

_NOT_WORD = re.compile(r"[\W_]+")
_NOTICE = re.compile(
    r"addendum|comment(s|ary)?|concern|corrections?|corrigend(a|um)|discussion|editorial|errat(a|um)|rebuttal|rejoinder|reply|response|"
    r"retract(ed|ion)|withdrawn"
)
"""Words that make another work of the title they stand beside; but a mark in front of a retracted article's own title is
dropped."""
_MARK = re.compile(r"^(?:retracted(?: article| paper)?|withdrawn(?: article)?)\s*[:\-\u2013\u2014]\s*", re.IGNORECASE)
_PART = re.compile(r"part|first|second|third|i{1,3}|i?v|vi{1,3}|i?x|\d+")
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])


def normal_title(title: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: `Café-Talk: a Study` is ``cafe talk a study``."""
    letters = unicodedata.normalize("NFKD", _MARK.sub("", title.strip())).casefold()
    return _NOT_WORD.sub(" ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def family_name(author: str) -> str:
    """The normalised last word of a name, which is the same however the given names are printed; ``Family, Given`` is turned."""
    name = author.partition(",")[0] if "," in author else author
    words = normal_title(name).split()
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return words[-1] if words else ""


def alike(one: str, other: str, shortest: int = SHORTEST_START) -> bool:
    """Whether two normalised titles are printings of one title; an unknown (empty) title is like any other.

    Numbers, part numbers and words such as `erratum` must agree, unless one title is the other's beginning and what follows
    is a subtitle of three words or more; a beginning of fewer than `shortest` letters says too little.
    """
    if one == other or not one or not other:
        return True
    short, long = sorted((one, other), key=lambda title: (len(title), title))
    rest = long[len(short) :].split() if long.startswith(f"{short} ") else []
    subtitle = len(rest) >= 3 and not any(_NOTICE.fullmatch(word) or _PART.fullmatch(word) for word in rest)
    if len(short) >= shortest and subtitle:
        return True
    if _telling(one.split()) != _telling(other.split()):
        return False
    return _dice(_trigrams(one), _trigrams(other)) >= ALIKE


def says_enough(title: str) -> bool:
    """Whether a normalised title is too long to be `Introduction` or `Preface`; scripts without spaces have no words to count."""
    letters = len(title.replace(" ", ""))
    return letters >= LONG_TITLE and (len(title.split()) >= LONG_TITLE_WORDS or not title.isascii())


def says_something(title: str) -> bool:
    """Whether a normalised title is more than a heading, so that it names a work together with all its authors."""
    return len(title.replace(" ", "")) >= SHORT_TITLE and len(title.split()) >= SHORT_TITLE_WORDS


def _telling(words: list[str]) -> set[str]:
    return {word for word in words if _NOTICE.fullmatch(word) or _PART.fullmatch(word)}


def _trigrams(title: str) -> Counter[str]:
    letters = title.replace(" ", "")
    return Counter(letters[at : at + 3] for at in range(max(1, len(letters) - 2)))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / (one.total() + other.total())
