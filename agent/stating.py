"""Does a sentence without a citation state a fact about the world?

Not so what leads over or elsewhere, a label, or what a report says of its own search.
"""

from __future__ import annotations

import re

from agent.facts import is_month, numbers, shares, small
from agent.models.digest import WORDS
from agent.models.plan import FUNCTION_WORDS
from agent.names import MIN_NAME, names_in
from agent.of_itself import HAN, is_long, of_itself

MIN_FIGURED = 2
"""Words of a sentence with a number, a date or a name that is flagged as a claim."""

_LABEL = re.compile(r"(?:[^\W\d_]+[\s.-]{0,2}[(\[]?\d+(?:\.\d+)*[)\]]?|第\s?\d+\s?\w?)[.!:。]?\Z")
"""A word and its number, such as Phase 3 or March 2019: what a list or a table calls a thing."""
_POINTS = re.compile(r"(?:see|let us|siehe|vgl|cf|voir|véase|ver)\b|[见参]", re.IGNORECASE)
"""Begins a sentence that sends the reader elsewhere."""
_CLOSING = re.compile(r"(?:[\s*_;；”“\"»«’')\]）】」』]|<br\s*/?>)+\Z", re.IGNORECASE)
"""What may stand behind the end of a sentence."""
_NO_NAME = re.compile(r"(?:s|ing|ly|ed|en|ung)\Z|\A(?:next|then|more|first|below|above|here|summary)\Z", re.IGNORECASE)
"""A first word that hardly is a name: plurals, verbs, what leads over."""
_ITS_NUMBERS = re.compile(
    r"\b\d+\s*(?:[^\W\d]+\s+)?(?:documents?|sources?|papers?|pages?|passages?|quer(?:y|ies)|search(?:es)?|steps?|results?|times"
    r"|dokument\w*|quellen?|seiten?|aufsätzen?|suchen|páginas?|fuentes|artículos|documentos)\b"
    r"(?:\s(?:of|from|since|before|after|von|aus|de)\s(?:1[5-9]|20)\d\d\b)?|\d+\s*[份篇个次]",
    re.IGNORECASE,
)
"""How many documents were read, and of which year: no finding in such a sentence."""
_OF_THE_DIGEST = re.compile(
    "|".join(
        re.escape(re.sub(r"\s+([.,;:!?。])", r"\1", own)).replace(re.escape("{n}"), r"\d+")
        for words in WORDS.values()
        for own in (words.nothing, words.empty, words.untold, *re.split(r"(?<=[.。])\s*|\n+", words.made))
        if own
    )
)
"""Sentences that the extractive model says of itself, as a claim has them."""


def states(text: str, listed: bool, closed: bool, language: str) -> bool:
    """Whether it seems to state one. An item of a list needs no full stop, nor does what closes a paragraph."""
    words, han = len(re.findall(r"\w+", text)), len(HAN.findall(text))
    text = _CLOSING.sub("", text)
    long = is_long(text)
    ended = text.endswith((".", "!", "。", "！", "…", "!?", "！？")) or listed or (closed and long)
    if not ended or (text.endswith((":", "?", "：", "？")) and not text.endswith(("!?", "！？"))):
        return False
    short = words >= MIN_FIGURED or han >= MIN_FIGURED
    figured = (
        short and not _LABEL.match(text) and not _POINTS.match(text) and (_figured(text, language) or _names(text, language))
    )
    itself = _OF_THE_DIGEST.fullmatch(text) or (
        of_itself(text) and not names_in(text, language) and not any(numbers(_ITS_NUMBERS.sub("", text)))
    )
    return (long or figured) and not itself


def _figured(text: str, language: str) -> bool:
    """Whether it holds a number, a share or a month, in digits or in words."""
    counted = any(
        word.casefold() not in ("one", "une", "una") and re.match(r"\s[^\W\d_]{3}", text[end : end + 4])
        for word, _, end in small(text)
    )
    month = any(word[0].isupper() and is_month(word) for word in re.findall(r"[^\W\d_]{3,}", text)[1:])
    return any(numbers(text, language)) or counted or bool(shares(text)) or month


def _names(text: str, language: str) -> bool:
    """Whether a short sentence says something of a name; a name alone is a label.

    Its first word counts as one where nothing shows that it is none.
    """
    if not text.endswith((".", "!", "。", "！")):
        return False
    if language == "zh":
        return bool(names_in(text, language)) and bool(re.search(r"[\u3040-\u9fff]{2}", text))
    first, *said = re.findall(r"[^\W\d_]+", text) or [""]
    named = names_in(text, language) or (
        len(first) >= MIN_NAME and first.istitle() and first.casefold() not in FUNCTION_WORDS and not _NO_NAME.search(first)
    )
    return bool(named) and any(word.islower() and word not in FUNCTION_WORDS for word in said)
