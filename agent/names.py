"""Which words of a sentence are names?

Only such as are names for certain, since a name that stands in no cited span counts against the sentence. In most languages a
word written large within a sentence is one; its first word is one where "et al." or a year in brackets stands behind it, or where
the run's sources and the dictionary of the language show it to be none of its words (`agent.lexicon`). German writes every noun
large: there a name is what its place or its form shows to be one (an initial or title before it, "et al." or a year behind it,
two capitals in it), what this run's sources use as a name, or what is no German word. In Chinese it is what is written in Latin
letters with a capital.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from agent.acronyms import definitions, spelled_by_initials
from agent.facts import is_month, is_place, is_weekday, joined
from agent.language import language_of
from agent.lexicon import SILENT, Usage, begins_as_name, named_parts, unknown

CAPITALISING = frozenset({"de"})
"""Languages that write every noun large."""
MIN_NAME = 3
"""Letters of a name that stands alone, and of one that is not all capitals in German."""
MIN_AKIN, ENDING = 9, 4
"""Letters of a German word that is compared without its ending, and of that."""
_SHORT = frozenset(
    "in of on at to by an as is it we he or if no so my us do up be am la le el un en de du et il ce se al dr mr ms st".split()  # noqa: SIM905 - reads better
)
"""Words of two letters that are large in titles, or before names; others, such as Wu, are names."""
_DEGREES = frozenset({"Celsius", "Fahrenheit", "Kelvin"})
"""Units, which are compared as such."""
_LARGE = "".join(filter(str.isupper, map(chr, range(0x2000))))
_LETTER = "A-Za-z0-9_À-ɏͰ-ϿЀ-ӿḀ-ỿ"
_OTHER = "\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Letters of Hebrew, Arabic, languages of India, Thai, Chinese, Japanese and Korean."""
_WORD = re.compile(
    rf"(?<![{_LETTER}.])(?:[{_LARGE}]|[a-z]{{1,2}}[{_LARGE}]{{2}}|[a-z]+[{_LARGE}](?=[{_LETTER}]))(?:[{_LETTER}’'-]*[{_LETTER}])?"
    rf"(?![{_LETTER}])|[{_OTHER}]{{2,}}"
)
"""With a capital, at its beginning or within it (mBERT, spaCy), or in letters of another script."""
_WHOLE = rf"[{_LETTER}]+(?:[’'-][{_LETTER}]+)*"
_FIRST = re.compile(
    rf"\A[^{_LETTER}]*{_WHOLE}|(?:[:!?]|(?<!\b[{_LARGE}])(?<!\b[DM]r)(?<!\bM[rs]s)(?<!\bProf)(?<!\bal)(?<!\bSt)(?<!e\.g)(?<!i\.e)(?<!\bcf)(?<!\bvs)\.)"
    rf"\s+[“„«\"(]*{_WHOLE}"
)
"""The first word of a sentence, or of one within it: large for its place. A title or an initial ends none."""
_ELISION = re.compile(r"\b(?:[dlnmtscj]|qu)[’'](?=\w)", re.IGNORECASE)
"""Of French, before a name."""
_NUMERAL_ALONE = re.compile(r"[IVX]+\Z")
"""It tells one from another of what stands before it (`agent.lettered`)."""
_NUMERAL = re.compile(r"(?=[IVX])(?:X{0,3}|XL)(?:I[XV]|V?I{0,3})\Z")
"""Up to 49: MT, LR and MX are names."""
_ANY = re.compile(rf"[{_LETTER}’'-]+")
_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])\w+\Z")
"""Letters and digits in one."""
_TITLE = re.compile(r"(?P<before>.*)\b(?:Dr\.|Prof\.|Herrn?|Frau|Professor(?:in)?)\s+\Z", re.DOTALL)
_INITIALS = re.compile(rf"(?:\A|(?<!\w)[a-zäöüß]+ |[,(] ?|[{_LARGE}]\. ?)[{_LARGE}]\.\s+\Z")
"""Behind a word written small: point A. and vitamin B. are none."""
_BEHIND = re.compile(
    rf"\s+(?:et\s+al\b|und\s+Kolleg|and\s+colleagues|et\s+collègues|y\s+colegas|\((?:1[89]|20)\d\d|(?:and|und|et|y|&)\s[{_LARGE}][^\W\d_]+\s\()"
)
_ARTICLE = (
    r"(?<![\w.])(?i:d(?:er|ie|as|en|em|es)|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen|welch|manch|solch|all|viel|wenig|mehrer)"
    r"(?:e[rnms]?)?|vom|zum|zur|beim|im|am|ans|ins)\s+\Z"
)
_CALLED = re.compile(_ARTICLE)
"""A German article, behind which even a title is a noun."""
_DETERMINED = re.compile(rf"{_ARTICLE}|(?<![\w.])(?:[a-zäöüß-]+(?:e|er|en|es|em)|\d+)\s+\Z")
"""An article, adjective or number, behind which a noun stands."""


def names_in(text: str, language: str, usage: Usage = SILENT) -> list[str]:
    """The names of a sentence, once each, in order; `usage` is that of the run's sources."""
    text = unicodedata.normalize("NFKC", text)
    if language == "fr":
        text = _ELISION.sub(lambda match: " " * len(match[0]), text)
    first = set() if language == "zh" else {match.end() for match in _FIRST.finditer(text)}
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("’s").removesuffix("'s")
        if _NUMERAL_ALONE.match(word) or (language == "zh" and not word[0].isupper() and word[0] > "\u0590"):
            continue
        if shaped := _shaped(word, language):
            found += shaped
        elif len(word) < _least(word, language) or is_month(word) or is_weekday(word) or is_place(word) or word in _DEGREES:
            continue
        elif (
            _called(match, text, language)
            or (word in usage.names and not _a_noun(match, text, language))
            or (language not in CAPITALISING and (match.end() not in first or begins_as_name(match, language, usage)))
        ):
            found.append(word)
        elif language in CAPITALISING:
            found += named_parts(word, usage)
    return list(dict.fromkeys(found))


def usage_of(texts: Iterable[str], people: Iterable[str]) -> Usage:
    """How texts write words: names are those of people, and what texts in other languages than German write large as one.

    A word that any text writes small is none.
    """
    read = [_usage_in(text) for text in texts]
    found = {word for person in people for word in _ANY.findall(person) if len(word) >= MIN_NAME}
    found |= {word for usage in read for word in usage.names}
    small = frozenset(word for usage in read for word in usage.small)
    names = frozenset(word for word in found if word.casefold() not in small)
    return Usage(names, small, frozenset(acronym for usage in read for acronym in usage.acronyms))


@lru_cache(8192)
def _usage_in(text: str) -> Usage:
    language = language_of(text)
    names = names_in(text, language) if language not in CAPITALISING else ()
    small = frozenset(word for word in _ANY.findall(text) if word[0].islower())
    return Usage(frozenset(names), small, frozenset(definitions(text)))


def _least(word: str, language: str) -> int:
    """Letters that such a name must have."""
    return MIN_NAME if language in CAPITALISING or word.casefold() in _SHORT else 2


def stands_in(name: str, about: str, language: str = "en") -> bool:
    """Whether a text, as it is written, names this as a word of its own, in the plural, or by spelling an acronym out.

    Of a name in parts each does that is written large, or is no word of the language: BERT-based is BERT, Stoke-on-Trent is Stoke
    and Trent. In German words that are akin do, since a term unknown to the dictionary may be no name.
    """
    if _said(name, about) or (any(map(str.isdigit, name)) and _said(joined(name), joined(about))):
        return True
    if spelled_by_initials(name, about):
        return True
    parts = [part for part in name.split("-") if part[:1].isupper() or _CODE.match(part) or unknown(part, language)]
    if "-" in name:
        if any(map(str.isdecimal, name.split("-"))):  # of GPT-4 neither half is a name
            return False
        return bool(parts) and all(stands_in(part, about, language) for part in parts)
    return language in CAPITALISING and len(name) >= MIN_AKIN and _akin(name, about)


def _said(name: str, about: str) -> bool:
    stem = name.removesuffix("s") if len(name) > MIN_NAME else name
    pattern = rf"(?<![{_LETTER}])(?i:{re.escape(_plain(stem))})(?:'?s)?(?:(?<=\D)(?=\d)|(?![{_LETTER}]))"
    return bool(re.search(pattern, _plain(about)))


@lru_cache(256)
def _plain(text: str) -> str:
    """Without accents, which a spelling, a language or a PDF may leave out, and with one apostrophe."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).replace("’", "'")


def _akin(name: str, about: str) -> bool:
    """Whether a word of the text begins alike: a term ends and is spelled otherwise in another language, as Albendazol is."""
    head = re.sub("[kz]", "[ckz]", re.escape(name[: len(name) - ENDING].casefold()))
    return bool(re.search(rf"(?<![{_LETTER}])(?i:{head})", about))


def _shaped(word: str, language: str) -> list[str]:
    """What its capitals show to be a name: WHO and BioBERT are, Wasser is not; of EU-Staaten it is EU."""
    parts = word.split("-") if language in CAPITALISING else [word]
    return [part for part in parts if sum(c.isupper() for c in part) > 1 and not _NUMERAL.match(part) and not part.istitle()]


def _called(match: re.Match[str], text: str, language: str) -> bool:
    """Whether a title or initials stand before it, or "et al." behind it."""
    before = text[: match.start()]
    title = _TITLE.match(before) if language in CAPITALISING else None
    initials = _INITIALS.search(before) if language in CAPITALISING else None
    return bool(title and not _CALLED.search(title["before"])) or bool(initials) or bool(_BEHIND.match(text, match.end()))


def _a_noun(match: re.Match[str], text: str, language: str) -> bool:
    """Whether a word that is a name elsewhere is a noun here."""
    return language in CAPITALISING and bool(_DETERMINED.search(text[: match.start()]))
