"""Which queries does a question make, without a model that understands it?

The question itself, its content words, and the phrases between its function words: those of English, and the frequent words of
its own language where that is one of the five.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from agent.language import frequent, language_of

MAX_QUERIES = 5
MAX_QUERY = 2000
"""Characters of one query, as batch_search takes it."""
STEM = 7
"""Characters of a word that are compared: hallucination, hallucinated and hallucinate become one term."""

FUNCTION_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being between both but by can could did do does
    doing during each few for from further had has have having he her here hers him his how i if in into is it its just me
    more most my no nor not of off on once only or other our out over own same she should so some such than that the their
    them then there these they this those through to too under until up very was we were what when where which while who
    whom why will with would you your known know tell explain describe say said there's what's please give me us
    many much best good main current""".split()  # noqa: SIM905 - a paragraph reads better than a column
)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_PARTICLES = "的了是在和有吗呢为与哪谁什么怎何几我们你他她它这那些关于"
_WORD = re.compile(rf"[^\W{_HAN}]+(?:['’-][^\W{_HAN}]+)*|(?:(?![{_PARTICLES}])[{_HAN}])+")
"""Chinese has no spaces: its words are what stands between its most frequent characters."""


def plan(question: str) -> list[str]:
    """Three to five different queries, the most faithful first; fewer where the question has too few words."""
    runs: list[list[str]] = [[]]
    free = FUNCTION_WORDS | frequent(language_of(question))
    end = 0
    for match in _WORD.finditer(question):
        word = match[0]
        if word.lower() in free or re.search(r"[,;:.()?!]", question[end : match.start()]):
            runs.append([])
        if word.lower() not in free:
            runs[-1].append(word)
        end = match.end()
    all_words = [word for run in runs for word in run]
    phrases = sorted((" ".join(run) for run in runs if len(run) > 1), key=len, reverse=True)
    pairs = [f"{runs[i][-1]} {runs[j][0]}" for i, j in _neighbours(runs)]
    queries = [question, " ".join(all_words), *phrases, *pairs, *sorted(all_words, key=len, reverse=True)]
    different = {query[:MAX_QUERY].strip().casefold(): query[:MAX_QUERY].strip() for query in reversed(queries)}
    chosen = [query for query in reversed(different.values()) if query]
    wanted = max(3, min(MAX_QUERIES, 2 + len(phrases) + len(pairs)))
    return chosen[:wanted]


def asked(question: str) -> frozenset[str]:
    """The terms of a question, without the frequent words of its language."""
    return terms(question) - terms(" ".join(frequent(language_of(question))))


@lru_cache(8192)
def terms(text: str) -> frozenset[str]:
    """The content words of a text, lower-case, one spelling, cut to STEM characters."""
    return frozenset(word[:STEM] for word in content(text))


@lru_cache(8192)
def content(text: str) -> frozenset[str]:
    """The same words whole: what two texts are told apart by, since international is not internal. Chinese ones in pairs."""
    words = (match[0].lower() for match in _WORD.finditer(text))
    parts = (part for word in words for part in (map("".join, pairwise(word)) if word[0] >= "\u3400" else (word,)))
    return frozenset(_stem(part) for part in parts if part not in FUNCTION_WORDS and len(part) > 1)


def _stem(word: str) -> str:
    """One spelling, and the singular of most plurals."""
    word = re.sub(r"is(ation|ations|e|ed|es|ing)$", r"iz\1", word.replace("’", "'").removesuffix("'s"))
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word


def _neighbours(runs: list[list[str]]) -> list[tuple[int, int]]:
    full = [i for i, run in enumerate(runs) if run]
    return list(pairwise(full))
