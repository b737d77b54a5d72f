"""Which words of a sentence are names?

Only such as are names for certain, since a name that stands in no cited span counts against the sentence. In most languages a
word written large within a sentence is one. German writes every noun large: there a name is what its place or its form shows to
be one (an initial or title before it, "et al." or a year behind it, two capitals in it), or what this run's sources use as a
name. In Chinese it is what is written in Latin letters with a capital.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.facts import is_month, joined
from agent.language import language_of

CAPITALISING = frozenset({"de"})
"""Languages that write every noun large."""
MIN_NAME = 3
"""Letters of a name that is not all capitals."""
_LARGE = "A-ZÀ-ÖØ-ÞŁŠŽČŚŻĆŃĐİΑ-ΩА-Я"
_LETTER = "A-Za-z0-9_À-ɏͰ-ϿЀ-ӿ"
_WORD = re.compile(rf"(?<![{_LETTER}.’'-])[{_LARGE}](?:[{_LETTER}’'-]*[{_LETTER}])?(?![{_LETTER}])")
_FIRST = re.compile(rf"\A[^{_LETTER}]*[{_LETTER}]+|[:!?.]\s+[“„«\"(]*[{_LETTER}]+")
"""The first word of a sentence, or of one within it: large for its place."""
_ELISION = re.compile(r"\b(?:[dlnmtscj]|qu)[’'](?=\w)", re.IGNORECASE)
"""Of French, before a name."""
_NUMERAL = re.compile(r"(?=[IVX])(?:X{0,3}|XL)(?:I[XV]|V?I{0,3})\Z")
"""Up to 49: MT, LR and MX are names."""
_TITLE = re.compile(r"(?P<before>.*)\b(?:Dr\.|Prof\.|Herrn?|Frau|Professor(?:in)?)\s+\Z", re.DOTALL)
_INITIALS = re.compile(rf"(?:\A|(?<!\w)[a-zäöüß]+ |[,(] ?|[{_LARGE}]\. ?)[{_LARGE}]\.\s+\Z")
"""Behind a word written small: point A. and vitamin B. are none."""
_BEHIND = re.compile(r"\s+(?:et\s+al\b|und\s+Kolleg)")
_ARTICLE = (
    r"(?<![\w.])(?i:d(?:er|ie|as|en|em|es)|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen|welch|manch|solch|all|viel|wenig|mehrer)"
    r"(?:e[rnms]?)?|vom|zum|zur|beim|im|am|ans|ins)\s+\Z"
)
_CALLED = re.compile(_ARTICLE)
"""A German article, behind which even a title is a noun."""
_DETERMINED = re.compile(rf"{_ARTICLE}|(?<![\w.])(?:[a-zäöüß-]+(?:e|er|en|es|em)|\d+)\s+\Z")
"""An article, adjective or number, behind which a noun stands."""


def names_in(text: str, language: str, known: Iterable[str] = ()) -> list[str]:
    """The names of a sentence, once each, in order. `known` are words that this run's sources use as names."""
    if language == "fr":
        text = _ELISION.sub(lambda match: " " * len(match[0]), text)
    first = set() if language == "zh" else {match.end() for match in _FIRST.finditer(text)}
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("’s").removesuffix("'s")
        if shaped := _shaped(word, language):
            found += shaped
        elif len(word) < MIN_NAME or is_month(word):
            continue
        elif (language in CAPITALISING and _placed(match, text)) or (
            match.end() not in first
            and (language not in CAPITALISING or (word in known and not _DETERMINED.search(text[: match.start()])))
        ):
            found.append(word)
    return list(dict.fromkeys(found))


def used_as_names(texts: Iterable[str], people: Iterable[str]) -> frozenset[str]:
    """Words that are names in this run: of authors, and those that texts in other languages write large within a sentence.

    A word that any text writes small is none.
    """
    words = re.compile(rf"[{_LETTER}’'-]+")
    found = {word for person in people for word in words.findall(person) if len(word) >= MIN_NAME}
    small: set[str] = set()
    for text in texts:
        small |= {word for word in words.findall(text) if word[0].islower()}
        if (language := language_of(text)) not in CAPITALISING:
            found |= set(names_in(text, language))
    return frozenset(word for word in found if word.casefold() not in small)


def stands_in(name: str, about: str) -> bool:
    """Whether a text names this, be it that it spells an acronym out. `about` is in small letters."""
    folded = name.casefold().replace("’", "'")
    if folded in about or (any(map(str.isdigit, folded)) and joined(folded) in joined(about)):
        return True
    words = re.findall(r"\w+", about) if name.isupper() else []
    return any(folded in "".join(w[0] for w in words if len(w) > least) for least in (0, 3))


def _shaped(word: str, language: str) -> list[str]:
    """What its capitals show to be a name: WHO and BioBERT are, Wasser is not; of EU-Staaten it is EU."""
    parts = word.split("-") if language in CAPITALISING else [word]
    return [part for part in parts if sum(c.isupper() for c in part) > 1 and not _NUMERAL.match(part) and not part.istitle()]


def _placed(match: re.Match[str], text: str) -> bool:
    """Whether a title or initials stand before it, or "et al." behind it."""
    before = text[: match.start()]
    title = _TITLE.match(before)
    called = bool(title and not _CALLED.search(title["before"])) or bool(_INITIALS.search(before))
    return called or bool(_BEHIND.match(text, match.end()))
