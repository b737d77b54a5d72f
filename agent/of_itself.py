"""Does a sentence speak of the report and its search, and of nothing else?

Each half of it must, for *we found no source on it, but the drug kills* says something of the drug.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MIN_WORDS = 6
"""Of a sentence without a citation that is flagged as a claim; shorter ones are headings and transitions."""
LONG_HALF = 8
"""Words from which on what follows an *and* is a half, and no noun."""
HAN = re.compile(r"[\u3040-\u9fff]")
LEAST_HAN = 4
"""Of a half, in Chinese."""

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
_LINK = (
    r"(?:but|yet|while|whereas|although|though|because(?! of)|since|aber|doch|während|obwohl|weil|denn|mais|car|parce qu[e'’]"
    r"|puisqu[e'’]|alors que|pero|sino|aunque|mientras(?: que)?|porque|ya que)(?:\s+|(?<=['’]))"
)
_JOINT = re.compile(
    rf"\s*[;–—]\s+|,?\s+{_LINK}"
    r"|,\s+(?:and\s+)?(?:which|who|as(?! well)|however(?! (?:long|much|many|often|hard))|so|hence|thus|therefore"
    r"|deshalb|daher|donc)\s+"
    r"|[，；](?:但|而|且|并|不过|然而|同时|因为|因此|所以|由于|可是)",
    re.IGNORECASE,
)
"""Between two halves of a sentence: the one about the report does not free the other."""
_FIRST = re.compile(rf"(?:{_LINK}|(?:as|da)\s+)([^,]+),\s+|(?:虽然|尽管|因为|由于)([^，]+)，", re.IGNORECASE)
"""The half that a sentence begins with, where it is the lesser one."""
_COLON = re.compile(r"\s*:\s+|：")
_AND = re.compile(r"\s+(?:and|und|et|y)\s+", re.IGNORECASE)
_COMMA_AND = re.compile(r",\s+(?:and|und|et|y)\s+", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:it|they|he|she|there|es|sie|er|il|elle|ils|elles|cela|ça)\s+\w", re.IGNORECASE)
_NO_CLAUSE = re.compile(
    r"(?:to|without|not|only|even|than|as|nor|none|never|far|see|zu|ohne|nicht|nur|siehe|auch|sans|pas|sin|no|\d+)\b",
    re.IGNORECASE,
)
"""Begins what is short and no half, but a part of the other: but to no avail."""
_WHERE = re.compile(
    r"(?:in|on|at|for|with|by|of|from|about|im|mit|von|für|à|au|en|avec|pour|sur|con|para|sobre)\b", re.IGNORECASE
)
"""Begins no half either where nothing can stand behind it but a thing: but in mice."""
MANNER = 3
"""Words of such a part."""
_LEADS_OVER = re.compile(r"\A[^\W\d_]+,\s+")
"""However, and the like."""
_ARTICLE = re.compile(r"(?:the|an?|its|their|this|these|der|die|das|eine?|la|les?|une?|una?|el|los|las)\s", re.IGNORECASE)
_OF_THE_SEARCH = re.compile(
    r"(?:(?:the|this|our|my) (?:report|search|question|list|section|summary|library|index)"
    r" (?:is|was|stays?|remains?|ends?|cannot|leaves?|holds|has|does not|could not)"
    r"|nothing (?:was found|came up|turned up|else)|none (?:was|were|is|are|of them))\b",
    re.IGNORECASE,
)
"""Begins a half that speaks of the search, in words that say it of no sentence alone."""
_GOES_ON = re.compile(
    r"(?:then |also |therefore )?"
    r"(?:searched|opened|read|found|could|cannot|did|do|does|say|hold|contain|give|mention|name|state|ha(?:s|ve))\b"
)
"""Begins a half without a subject of its own."""


def of_itself(text: str) -> bool:
    """Whether it speaks of the report and its search, and no half of it of something else."""
    return bool(_OF_ITSELF.search(text)) and all(_is(half) for half in _halves(text))


def is_long(text: str) -> bool:
    """Whether it says enough to be a statement, whatever it says."""
    return len(text.split()) >= MIN_WORDS or len(HAN.findall(text)) >= 2 * MIN_WORDS


def _halves(text: str) -> Iterator[str]:
    """What is said in it: every long part, and every short one that seems to be a clause."""
    if first := _FIRST.match(text):
        yield first[1] or first[2]
        text = text[first.end() :]
    joined = [half for part in _JOINT.split(text) for half in _apart(part)]
    for half in joined:
        before, *behind = _COLON.split(half)
        if is_long(before) or (len(joined) > 1 and _clause(before)):
            yield before
        yield from (said for said in behind if is_long(said) or _clause(said))
    yield from (half for half in _AND.split(text)[1:] if len(half.split()) >= LONG_HALF or _SUBJECT.match(half))


def _apart(text: str) -> list[str]:
    """At a comma before an *and*, where no list ends there."""
    parts = _COMMA_AND.split(text)
    listed = "," in parts[0] and not _OF_ITSELF.search(parts[0].rpartition(",")[2].strip())
    return parts if not listed or any(is_long(part) or _SUBJECT.match(part) for part in parts[1:]) else [text]


def _clause(half: str) -> bool:
    """Whether a short part seems to be one, and no list, thing or manner."""
    if signs := len(HAN.findall(half)):
        return signs >= LEAST_HAN
    half = _LEADS_OVER.sub("", half)
    words = len(half.split())
    return bool(_SUBJECT.match(half)) or (
        words >= (3 if _ARTICLE.match(half) else MANNER + 1 if _WHERE.match(half) else 2)
        and not _NO_CLAUSE.match(half)
        and "," not in half
    )


def _is(half: str) -> bool:
    """Whether this half speaks of the report and its search, be it without a subject or with a pronoun for one."""
    said = half.strip()
    forms = [said, *(f"{subject} {said}" for subject in ("we", "the sources") if _GOES_ON.match(said))]
    pronoun, _, rest = said.partition(" ")
    forms += [f"{subject} {rest}" for subject in ("the sources", "the library") if pronoun.casefold() in ("it", "they")]
    return bool(_OF_THE_SEARCH.match(said)) or any(_OF_ITSELF.search(form) for form in forms)
