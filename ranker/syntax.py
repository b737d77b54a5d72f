"""What did somebody type besides words?

    "tide table"  -boiling  -"boiling water"  site:met.example  -site:shop.example  author:ångström  author:"J. Smith"
    year:2020  year:2018..2021  year:2018..  year:..2021

Every operator is a filter: what does not pass does not appear. Nothing typed is an error: what is no operator is words. A pasted
text is not a command either: where it has more than PROSE words, those in quotes too, several lines, or ends like a sentence,
quotes and hyphens are punctuation in it; names with a colon stay operators. Of several years the last one counts. A host may be
written in any of the ways in which people write hosts, in brackets too; what of an address follows it says nothing.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from indexer.day import day_of

PROSE = 20
"""Words; a text of more is prose."""
MAX_OPERATORS = 32
"""Operators read in one query; further ones are words."""

_OPERATOR = re.compile(
    r"""(?<!\S)(?:
        [(\[{]*(?P<minus>-?)(?P<name>site|author|year):(?:"(?P<quoted>[^"\n]+)"|(?P<value>[^\s"]+))
        | (?P<without>-)?"(?P<phrase>[^"\n]+)"
        | -(?P<term>[^\W\d_][^\s":]*)
    )(?=[\s?,;]|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_SITE = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:\*?\.)?((?:[\w-]+\.)*[\w-]+)\.?(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_BEHIND = ",;)]}?!"
"""Punctuation after an operator, which is none of it."""
_UNREAD = re.compile(r"(?<!\S)[(\[{]*-?site:\S*", re.IGNORECASE)
_YEARS = re.compile(r"(?P<first>\d{4})?(?P<to>\.\.)?(?P<last>(?<=\.)\d{4})?", re.ASCII)
_SENTENCE_END = re.compile(r"(?<!\d\.)[.!…]['\"”)]*\s*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query taken apart."""

    words: str
    """What to search for: the text without its operators, the words of phrases kept; empty where it is all filters."""
    phrases: tuple[str, ...] = ()
    """What a document must hold word by word."""
    without: tuple[str, ...] = ()
    """Terms and phrases that a document must not hold."""
    sites: tuple[str, ...] = ()
    """Hosts of which one must fit, itself or as a parent."""
    exclude_sites: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """Names that must all be in the byline, in any spelling that `indexer.bylines` takes for the same."""
    first_year: int | None = None
    last_year: int | None = None
    """Years of publication, both inclusive."""

    @property
    def filters(self) -> bool:
        """Whether there is any operator."""
        return self != Asked(self.words)

    @property
    def operators(self) -> Asked:
        """What filters, but for phrases: those are words, too."""
        return replace(self, words="", phrases=())

    @property
    def unread(self) -> tuple[str, ...]:
        """What was meant as a host to filter by and is searched as words instead."""
        return tuple(dict.fromkeys(_UNREAD.findall(self.words)))

    @property
    def first_day(self) -> int | None:
        """Days since 1970-01-01 of the first day asked for; None if open."""
        return day_of(f"{self.first_year:04}") if self.first_year else None

    @property
    def end_day(self) -> int | None:
        """The same of the day after the last one."""
        return day_of(f"{self.last_year + 1:04}") if self.last_year and self.last_year < datetime.MAXYEAR else None

    def to_text(self) -> str:
        """The operators of this query, typed."""
        quoted = [f'"{phrase}"' for phrase in self.phrases]
        without = [f'-"{phrase}"' for phrase in self.without]
        sites = [*(f"site:{s}" for s in self.sites), *(f"-site:{s}" for s in self.exclude_sites)]
        authors = [f'author:"{name}"' for name in self.authors]
        years = (
            []
            if (self.first_year, self.last_year) == (None, None)
            else [f"year:{_year(self.first_year)}..{_year(self.last_year)}"]
        )
        return " ".join([*quoted, *without, *sites, *authors, *years])


NOTHING_ASKED = Asked("")


@lru_cache(4_096)
def parse(text: str) -> Asked:
    """Take a query apart; any string will do."""
    outside = len(_OPERATOR.sub(" ", text).split())
    quoted = sum(len(m["phrase"].split()) for m in _OPERATOR.finditer(text) if m["phrase"] and not m["without"])
    prose = (outside > 0 and outside + quoted > PROSE) or "\n" in text.strip() or _SENTENCE_END.search(text) is not None
    found: dict[str, list[str]] = {name: [] for name in ("phrases", "without", "sites", "exclude_sites", "authors", "years")}

    def take(match: re.Match[str]) -> str:
        """Note what an operator asks for; returns what stays of it as words."""
        kind, value = _meaning(match)
        if not kind or (prose and kind in ("phrases", "without")) or sum(map(len, found.values())) >= MAX_OPERATORS:
            return match[0]
        found[kind].append(value)
        return value if kind == "phrases" else " "

    words = " ".join(_OPERATOR.sub(take, text).split())
    if not words and not (found["sites"] or found["authors"] or found["years"]):
        return Asked(text)  # nothing is asked for but what must not be there
    first, last = _span(found.pop("years")[-1:])
    return Asked(
        words, **{name: tuple(dict.fromkeys(values)) for name, values in found.items()}, first_year=first, last_year=last
    )


def _meaning(match: re.Match[str]) -> tuple[str, str]:
    """Which field of Asked an operator fills, and with what; an empty name for what is no operator after all."""
    if match["phrase"] or match["term"]:
        value = match["phrase"] or match["term"]
        if not any(c.isalnum() for c in value):
            return "", ""
        return ("phrases", value) if match["phrase"] and not match["without"] else ("without", value)
    name, value, minus = match["name"].lower(), match["quoted"] or match["value"].rstrip(_BEHIND), bool(match["minus"])
    if name == "site" and (site := _SITE.fullmatch(value)):
        return ("exclude_sites" if minus else "sites"), site[1].lower()
    if name == "author" and not minus and any(c.isalpha() for c in value):
        return "authors", value
    if name == "year" and not minus and _span([value]) != (None, None):
        return "years", value
    return "", ""


def _span(years: list[str]) -> tuple[int | None, int | None]:
    """First and last year of ``2020``, ``2018..2021``, ``2018..`` or ``..2021``; None twice for anything else."""
    match = _YEARS.fullmatch(years[0]) if years else None
    if match is None:
        return None, None
    first, last = (int(y) if y else None for y in match.group("first", "last"))
    if not match["to"]:
        last = first
    return (None, None) if 0 in (first, last) or (first and last and first > last) else (first, last)


def _year(year: int | None) -> str:
    return f"{year:04}" if year is not None else ""
