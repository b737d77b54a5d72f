"""Which words does a hashtag or a handle glue together?

    #PuffinsOfRunde2019  ->  Puffins Of Runde 2019          @tide_watch  ->  tide watch          #LLMsAtWork  ->  LLMs At Work

Whoever pastes a post asks by its tags too, and neither an index nor an encoder knows them as one word. Parts are told by small
letters before capitals, in every script that has both, by figures beside letters and by underscores. A tag in small letters alone
stays whole; so do the plural of an acronym, and a name like iPhone, whose one small letter is no word. The @ of a mail address
makes no handle.
"""

from __future__ import annotations

import re

_TAGS = re.compile(r"(?<!\w)[#@]+\w+(?:[#@]+\w+)*")
_TAG = re.compile(r"[#@](\w+)")
_SEAM = re.compile(
    r"(?<=[lso])(?<!^[ls])(?<![9_][ls])(?=U)"  # High|Water, but iPhone
    r"|(?<=U)(?=U[lso])(?!Us(?![lso]))"  # WHO|Report, but LLMs
    r"|(?<=[Ulso])(?=9)|(?<=9)(?=[Ulso])(?!s(?![lso]))"  # COVID|19, but 1980s
    r"|_+"
)
"""Where one word ends and the next begins, in a tag's letters by their kind (`_kind`)."""


def spelled(text: str) -> str:
    """`text` with its tags as words, without their marks."""
    return _TAGS.sub(lambda tags: _TAG.sub(lambda tag: f" {_parts(tag[1])} ", tags[0]), text)


def glued(text: str) -> str:
    """The tags of `text` that have several parts, whole, with spaces between: pages that carry a tag hold it as one word."""
    return " ".join(tag for tags in _TAGS.findall(text) for tag in _TAG.findall(tags) if " " in _parts(tag))


def _parts(tag: str) -> str:
    seams = [seam.span() for seam in _SEAM.finditer("".join(map(_kind, tag)))]
    starts, ends = [0, *(end for _, end in seams)], [*(start for start, _ in seams), len(tag)]
    return " ".join(tag[start:end] for start, end in zip(starts, ends, strict=True)).strip()


def _kind(letter: str) -> str:
    """U for a capital, s for the s of a plural, l for another small letter, 9 for a figure, o for a letter without case."""
    if letter in "s_":
        return letter
    if letter.isdecimal():
        return "9"
    return "U" if letter.isupper() or letter.istitle() else "l" if letter.islower() else "o"
