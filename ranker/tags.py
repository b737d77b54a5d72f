"""Which words does a hashtag or a handle glue together?

    #PuffinsOfRunde2019  ->  Puffins Of Runde 2019          @tide_watch  ->  tide watch

Whoever pastes a post asks by its tags too, and neither an index nor an encoder knows them as one word. Parts are told by small
letters before capitals, by figures beside letters and by underscores; a tag in small letters alone stays whole.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"[#@](\w+)")
_SEAM = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|_+")


def spelled(text: str) -> str:
    """`text` with its tags as words, without their marks."""
    return _TAG.sub(lambda tag: f" {_parts(tag[1])} ", text)


def glued(text: str) -> str:
    """The tags of `text` that have several parts, whole, with spaces between: pages that carry a tag hold it as one word."""
    return " ".join(tag for tag in _TAG.findall(text) if " " in _parts(tag))


def _parts(tag: str) -> str:
    return _SEAM.sub(" ", tag).strip()
