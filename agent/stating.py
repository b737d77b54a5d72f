"""Does a sentence without a citation state a fact about the world?

Not so what leads over or elsewhere, a label, or what a report says of its own search.
"""

from __future__ import annotations

import re

from agent.facts import is_month, numbers, shares, small
from agent.models.digest import WORDS
from agent.models.plan import FUNCTION_WORDS
from agent.names import MIN_NAME, names_in

MIN_WORDS = 6
"""Of a sentence without a citation that is flagged as a claim; shorter ones are headings and transitions."""
MIN_FIGURED = 2
"""The same, of a sentence with a number, a date or a name."""

_LABEL = re.compile(r"(?:[^\W\d_]+[\s.-]{0,2}[(\[]?\d+(?:\.\d+)*[)\]]?|第\s?\d+\s?\w?)[.!:。]?\Z")
"""A word and its number, such as Phase 3 or March 2019: what a list or a table calls a thing."""
_POINTS = re.compile(r"(?:see|let us|siehe|vgl|cf|voir|véase|ver)\b|[见参]", re.IGNORECASE)
"""Begins a sentence that sends the reader elsewhere."""
_CLOSING = re.compile(r"(?:[\s*_;；”“\"»«’')\]）】」』]|<br\s*/?>)+\Z", re.IGNORECASE)
"""What may stand behind the end of a sentence."""
_NO_NAME = re.compile(r"(?:s|ing|ly|ed|en|ung)\Z|\A(?:next|then|more|first|below|above|here|summary)\Z", re.IGNORECASE)
"""A first word that hardly is a name: plurals, verbs, what leads over."""
_SHELF = r"(?:sources?|documents?|papers?|pages?|passages?|library|index)"
_OF_ITSELF = re.compile(
    r"\bthis (?:report|answer)\b(?! (?:shows?|finds?|found|concludes?|states?|says?|demonstrates?|proves?|confirms?)\b)"
    r"|\b(?:dieser bericht|ce rapport|este informe)\b(?! (?:zeigt|belegt|montre|prouve|conclut|muestra|demuestra|concluye)\b)"
    rf"|\bno (?:other |further |such )?{_SHELF}\b[^.]{{0,40}}"
    r"\b(?:found|read|opened|searched|cited|answers?|says?|states?|mentions?|gives?)\b"
    rf"|\bnothing (?:else |more |further |relevant |certain )?(?:was|were) found(?:\W*\Z| (?:on|about|for|in the {_SHELF})\b)"
    r"|\b(?:keine (?:passende |weitere )?quellen? (?:gefunden|sagt|nennt|beantwortet|wurden?|war)"
    r"|aucune source (?:n[’']|trouvée)|ninguna fuente (?:dice|responde|encontrada|habla))"
    r"|\A(?:i|we)\b[^.]{0,40}\b(?:searched|opened|read|(?:could not|cannot|did not) (?:find|confirm|verify|check|open|read)"
    r"|found (?:no (?:source|document|paper|page|passage)|nothing (?:on|about)))\b"
    rf"|\A(?:the|these|both) {_SHELF}(?: (?:found|read|opened|cited|here|at hand))? (?:(?:do|does|did|could|can) ?n(?:ot|[’']t)"
    r" (?:agree|say|answer|state|mention|tell|give|contain|cover|settle|name|report|hold|address|discuss|help)"
    r"|(?:say|hold|contain|give|mention|name|state|have|has)s? (?:no|nothing|neither)\b)"
    r"|本报告(?!显示|表明|指出|证明|发现)|未找到",
    re.IGNORECASE,
)
"""What a report says of its search and of what the sources leave open; with a name or a figure in it, it is a finding."""
_JOINT = re.compile(
    r"\s*[;:–—]\s+|,\s+(?:and|und|et|y)\s+|[，；](?=但|而|且|并|不过|然而|同时)"
    r"|,?\s+(?:but|yet|while|whereas|although|though|aber|doch|während|obwohl|mais|pero|aunque|mientras)\s+",
    re.IGNORECASE,
)
"""Between two halves of a sentence: the one about the report does not free the other."""
_AND = re.compile(r"\s+(?:and|und|et|y)\s+", re.IGNORECASE)
LONG_HALF = 8
"""Words from which on what follows an *and* is a half, and no noun."""
_GOES_ON = re.compile(
    r"(?:then |also |therefore )?"
    r"(?:searched|opened|read|found|could|cannot|did|do|does|say|hold|contain|give|mention|name|state|ha(?:s|ve))\b"
)
"""Begins a half without a subject of its own."""
_ITS_NUMBERS = re.compile(
    r"\b\d+\s*(?:[^\W\d]+\s+)?(?:documents?|sources?|papers?|pages?|passages?|quer(?:y|ies)|search(?:es)?|steps?|results?|times"
    r"|dokument\w*|quellen?|seiten?|aufsätzen?|suchen|páginas?|fuentes|artículos|documentos)\b"
    r"(?:\s(?:of|from|since|before|after|von|aus|de)\s(?:1[5-9]|20)\d\d\b)?|\d+\s*[份篇个次]",
    re.IGNORECASE,
)
"""How many documents were read, and of which year: no finding in such a sentence."""
_HAN = re.compile(r"[\u3040-\u9fff]")
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
    words, han = len(re.findall(r"\w+", text)), len(_HAN.findall(text))
    text = _CLOSING.sub("", text)
    long = _long(text)
    ended = text.endswith((".", "!", "。", "！", "…")) or listed or (closed and long)
    if not ended or text.endswith((":", "?", "：", "？")):
        return False
    short = words >= MIN_FIGURED or han >= MIN_FIGURED
    figured = (
        short and not _LABEL.match(text) and not _POINTS.match(text) and (_figured(text, language) or _names(text, language))
    )
    of_itself = _OF_THE_DIGEST.fullmatch(text) or (
        _of_itself(text) and not names_in(text, language) and not any(numbers(_ITS_NUMBERS.sub("", text)))
    )
    return (long or figured) and not of_itself


def _of_itself(text: str) -> bool:
    """Whether it speaks of the report and its search, and no half of it of something else."""
    if not _OF_ITSELF.search(text):
        return False
    halves = [half for half in _JOINT.split(text) if _long(half)]
    halves += [half for half in _AND.split(text)[1:] if len(half.split()) >= LONG_HALF]
    return all(any(_OF_ITSELF.search(said) for said in (half, *_completed(half))) for half in halves)


def _completed(half: str) -> list[str]:
    """A half without a subject with those that it may have."""
    return [f"{subject} {half}" for subject in ("we", "the sources") if _GOES_ON.match(half)]


def _long(text: str) -> bool:
    return len(text.split()) >= MIN_WORDS or len(_HAN.findall(text)) >= 2 * MIN_WORDS


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
