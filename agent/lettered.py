"""Which letters and Roman numerals of a sentence tell one thing from another, and do its sources name the same?

Vitamin C is not vitamin D, and phase II not phase I: such a letter is looked for behind its word, a lone one by itself, and where
the source is in another language behind any word. *I* is a numeral behind a word that is numbered; elsewhere it is who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from agent.facts.counted import FUNCTION
from agent.language import language_of

_LETTER = "A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
_HAN = "\u3040-\u9fff"
_SIGN = re.compile(
    rf"(?<![{_LETTER}.’'-])(?P<word>[^\W\d_]{{1,40}})[ -](?P<sign>[A-Z]|[IVXL]{{2,5}})"
    rf"(?![{_LETTER}’']|-[^\W\d_]|\.\s?[^\W\d_a-z]|\.[^\W\d_])"
)
"""Not an initial, nor a part of X-ray."""
_HAN_SIGN = re.compile(
    rf"(?P<word>维生素|维他命|任务|小组|组|方案|附录|阶段|类型)\s?(?P<sign>[A-Z]|[IVXL]{{2,5}})(?![{_LETTER}])"
    rf"|(?<![{_LETTER}])(?P<numeral>[A-Z]|[IVXL]{{2,5}})\s?(?P<behind>期|型|级|类|组)"
)
"""Of Chinese, where a word or a counter beside it says that it is one."""
_NUMBERED = re.compile(
    r"(?:phase|fase|type?|typ|tipo|stage|stade|stadium|estadio|grad|class|klasse|clase|level|part|teil|band|tom[eo]|volume|war|krieg"
    r"|guerr[ea]|kapitel|chap|cap[ií]t)",
    re.IGNORECASE,
)
_TO = r"and|or|to|und|oder|bis|et|ou|à|y|o|a|through|hasta"
_LIST = rf"(?:(?:[A-Z]|[IVXL]{{1,5}}|\d{{1,2}})\s?(?:,\s?(?:{_TO})?|/|-|–|&|、|和|与|及|或|至|到|{_TO})\s?){{0,6}}"
"""Before one of several: phases I and II."""
_MORE = r"(?:[/、和或至-]\s?[A-Z]{1,5}\s?){0,4}"
"""Behind one of several of Chinese, before their counter."""
_PLAIN = FUNCTION | frozenset(
    """a both through bis à hasta in is of on to by or an as at if so im zu ist en est es""".split()  # noqa: SIM905 - reads better
)
_VALUE = {"I": 1, "V": 5, "X": 10, "L": 50}
_ONE_SIGN = {sign: normalize("NFKC", chr(sign)) for sign in range(ord("Ⅰ"), ord("Ⅻ") + 1)}
"""Numerals that are one character."""
_STROKE = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class Lettered:
    """A letter or numeral of a sentence."""

    written: str
    near: re.Pattern[str]
    """What a source in the sentence's language holds."""
    anywhere: re.Pattern[str]
    """What one in another language does, whose word for it is another."""


def strange_letters(text: str, about: str, language: str = "en") -> list[str]:
    """What of a sentence in `language` is called by a letter or a Roman numeral and stands nowhere in `about`, once each."""
    about = about.translate(_ONE_SIGN)
    whole = f"{about}\n{_STROKE.sub('', about)}"  # subtask A is sub-task A
    missing = [found for found in _lettered(text.translate(_ONE_SIGN)) if not found.near.search(whole)]
    if missing and language_of(about) != language:
        missing = [found for found in missing if not found.anywhere.search(about)]
    return list(dict.fromkeys(found.written for found in missing))


def _lettered(text: str) -> Iterator[Lettered]:
    for match in _SIGN.finditer(text):
        word, sign = match["word"], match["sign"]
        if sign == "I" and not _NUMBERED.match(word):
            continue
        plain = word.casefold() in _PLAIN
        before = "" if plain else rf"(?i:{re.escape(word.removesuffix('s'))})\w{{0,2}}[\s-]?{_LIST}"
        near = rf"(?<![{_LETTER}]){before}{_signs(sign)}"
        yield Lettered(sign if plain else match[0], re.compile(near), _anywhere(sign))
    for match in _HAN_SIGN.finditer(text):
        sign = match["sign"] or match["numeral"]
        if match["word"]:
            near = rf"{match['word']}\s?{_LIST}{_signs(sign)}"
        else:
            near = rf"(?<![{_LETTER}]){_either(sign)}\s?{_MORE}{match['behind']}"
        yield Lettered(match[0], re.compile(near), _anywhere(sign))


def _signs(sign: str) -> str:
    """The sign, or its number, and no part of a word."""
    return rf"{_either(sign)}(?![{_LETTER}])"


def _either(sign: str) -> str:
    return rf"(?:{sign}|{_number(sign)})" if set(sign) <= {*_VALUE} else sign


def _anywhere(sign: str) -> re.Pattern[str]:
    """The sign behind any word, or before one of Chinese, and its number behind a word that is numbered."""
    alone = rf"{sign}(?![{_LETTER}])"
    behind = rf"(?:(?<=[^\W\d_][\s-])|(?<=[{_HAN}])){_LIST}{alone}"
    numbered = rf"(?<![{_LETTER}])(?i:{_NUMBERED.pattern})\w*[\s-]{_LIST}{_signs(sign)}"
    return re.compile(rf"{behind}|(?<![{_LETTER}]){sign}\s?[{_HAN}]|{numbered}")


def _number(numeral: str) -> int:
    digits = [_VALUE[letter] for letter in numeral]
    return sum(-one if one < max(digits[i:]) else one for i, one in enumerate(digits))
