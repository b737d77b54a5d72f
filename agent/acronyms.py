"""What does an acronym stand for?

A text defines one where it stands in brackets behind its long form, each of whose words begins with one of its letters or holds
some (A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text", PSB 2003).
Without a definition, words in a row spell one of three letters or more by their initials, where none of them is a function
word (by chance three do so in .4 % of abstracts), or where they are all that is written large there, with short ones between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from agent.models.plan import FUNCTION_WORDS

LONGEST = 12
"""Words of a long form."""
LINKING = 3
"""Letters of a word that an acronym may leave out."""
LARGE_LINKING = 4
"""The same, small among words written large: Representations from Transformers."""
MIN_SPELLED = 3
"""Letters of an acronym that words may spell without defining it."""
BEFORE = 200
"""Characters before the brackets in which it is looked for."""
_BRACKETS = re.compile(r"[(\[]\s*([^\W\d_][\w-]{1,9})\s*[)\]]")
_WORD = re.compile(r"\w+")


def definitions(text: str, strictly: bool = False) -> set[tuple[str, str]]:
    """``(acronym, long form)`` of a text: the acronym as it stands but for a plural's s, the long form in small letters.

    `strictly`, only those whose letters begin the words, short ones between them left out.
    """
    found = set()
    for match in _BRACKETS.finditer(text):
        short = match[1].removesuffix("s")
        before = re.split(r"[()\[\]{}.;:!?\n]", text[max(0, match.start() - BEFORE) : match.start()])[-1]
        long = _long_form(short.casefold(), before.casefold()) if sum(map(str.isupper, short)) > 1 else ""
        if long and (not strictly or _letters(short) in (_initials(long), _initials(long, 0))):
            found.add((short, long))
    return found


def spelled_out(about: str, defined: Iterable[tuple[str, str]], own: Iterable[tuple[str, str]] = ()) -> str:
    """What a text says in other words: long forms of its acronyms, and acronyms of its long forms.

    `defined` are the definitions of sources. `own` are those of a sentence that is held against the text: they may name what is
    there, but what they make of an acronym is theirs.
    """
    words = _plain(about)
    shorts = (short for short, long in (*defined, *own) if _plain(long).removesuffix("s") in words)
    longs = (long for short, long in defined if _plain(short) in words and re.search(rf"\b{re.escape(short)}s?\b", about))
    return "\n".join(dict.fromkeys((*shorts, *longs)))


def spelled_by_initials(acronym: str, about: str) -> bool:
    """Whether words in a row of a text begin with the letters of an acronym, three or more, in the plural or not."""
    short = acronym.removesuffix("s")
    large, plain = _initials_of(about)
    return short.isupper() and len(short) >= MIN_SPELLED and (short.casefold() in large or short.casefold() in plain)


@lru_cache(256)
def _initials_of(about: str) -> tuple[frozenset[str], str]:
    """Of words written large, short small ones between them left out: whole rows. Of those that are no function words: rows."""
    large, plain = [""], [""]
    for word in re.findall(r"[^\W\d_]+|[.,;:!?()\n]", about):
        function = word.casefold() in FUNCTION_WORDS
        if not word.isalpha() or (word.islower() and len(word) > LARGE_LINKING):
            large.append("")
        elif word[0].isupper() and not function:
            large[-1] += word[0].casefold()
        plain = [*plain, ""] if function or not word.isalpha() else [*plain[:-1], plain[-1] + word[0].casefold()]
    return frozenset(large), " ".join(plain)


def _long_form(short: str, before: str) -> str:
    """The last words of a text that hold the letters of the acronym, sought from right to left; empty where they do not."""
    words = list(_WORD.finditer(before))[-min(2 * len(short), LONGEST) :]
    if not words or before[words[-1].end() :].strip(" \"'“”‘’«»,-*_"):
        return ""
    at, letters = words[-1].end(), _letters(short)
    for letter in reversed(letters[1:]):
        at = before.rfind(letter, words[0].start(), at)
        if at < 0:
            return ""
    first = [word.start() for word in words if word.start() < at and before[word.start()] == letters[0]]
    long = before[first[-1] : words[-1].end()] if first else ""
    return long if len(_WORD.findall(long)) > 1 else ""


def _initials(long: str, least: int = LINKING + 1) -> str:
    return "".join(word[0] for word in _WORD.findall(long) if len(word) >= least)


def _letters(short: str) -> str:
    return "".join(filter(str.isalnum, short.casefold()))


def _plain(text: str) -> str:
    """Its words in small letters, each behind one space."""
    return " " + " ".join(_WORD.findall(text.casefold()))
