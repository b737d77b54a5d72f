"""What may be asked?

A Query is checked once, here; everything behind it may rely on the limits below. The server and the command line build
the same Query, so both refuse the same things in the same words.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ranker.errors import QueryError
from ranker.overlay import NO_OVERLAY, Overlay
from ranker.syntax import NOTHING_ASKED, Asked, parse
from ranker.tags import glued, spelled

MAX_QUERY = 10_000
"""Characters in one query; a research task pasted whole is about 2,000."""
MAX_K = 1_000
"""Hits in one ranking."""
MAX_TOKENS = 100_000
"""Tokens that the passages of one hit may be allowed."""
MAX_DIVERSITY = 10.0
"""Log-odds; at this much, whatever repeats a hit comes after all that does not."""
MAX_RERANK = 100
"""Documents that a cross-encoder may be asked to read; further down the first page nobody looks."""
MAX_RERANK_MS = 60_000
"""Milliseconds that it may be given."""
MAX_IMPACT = 1.0
"""Log-odds; at more, the most cited papers of a collection would answer everything."""
MAX_FEEDBACK = 1.0
"""All of BM25."""
MAX_RECENCY = 1.0
"""Log-odds; at more, the newest documents of a collection would answer everything."""
MAX_LABEL = 100
"""Characters in the label of a fused group."""
MAX_SITES = 1_000
"""Entries in one site filter."""

LIMITS = {"diversity": MAX_DIVERSITY, "impact": MAX_IMPACT, "feedback": MAX_FEEDBACK, "recency": MAX_RECENCY}
"""Weights of optional stages, each from 0."""

KINDS = ("paper", "page", "file")
"""What `Document.kind` may be."""

RETRACTED = ("true", "false", "unknown")
"""What `Filters.retracted` may hold."""

_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]+)*|unknown", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|pic\.twitter\.com/\S+|\(@\w+\)", re.IGNORECASE)
"""Links, and a handle in brackets behind a name: where to find who wrote a pasted post."""
_HOST = re.compile(r"\.?[\w-]+(\.[\w-]+)*\.?|[0-9a-f:]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a document must be to appear at all; an empty field does not filter. Exact in both retrievers."""

    kinds: tuple[str, ...] = ()
    """Keep these `Document.kind`."""
    collections: tuple[str, ...] = ()
    """Keep these `Document.collection`."""
    sites: tuple[str, ...] = ()
    """Keep documents whose host is one of these or lies under one (``alder.example`` keeps ``health.alder.example``)."""
    exclude_sites: tuple[str, ...] = ()
    """Drop documents whose host is one of these or lies under one."""
    after: str = ""
    """Keep what was published on or after this ISO date (``2019``, ``2019-06``, ``2019-06-03``)."""
    before: str = ""
    """Keep what was published before this ISO date, the date itself excluded."""
    undated: bool = False
    """Keep undated documents too where `after` or `before` is given; else they are dropped."""
    hosts: tuple[str, ...] = ()
    """Keep documents whose host is exactly one of these."""
    languages: tuple[str, ...] = ()
    """Keep these ISO 639-1 codes; ``unknown`` keeps documents that say none."""
    retracted: tuple[str, ...] = ()
    """Keep ``true``, ``false`` or ``unknown`` (the source does not say)."""
    clusters: tuple[str, ...] = ()
    """Keep the versions of these works, by `Document.cluster`."""

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return self != NO_FILTERS


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the index. Raises QueryError where a field is out of its range."""

    text: str
    """Natural language, 1 to MAX_QUERY characters; operators in it (`syntax`) filter."""
    k: int = 10
    """Hits wanted, 1 to MAX_K."""
    filters: Filters = NO_FILTERS
    authority: bool = True
    """False ranks by relevance alone; the overlay's block and only hold all the same."""
    profile: str = ""
    """Name of the profile that weighs topics (`authority profiles` lists them); empty weighs all alike."""
    overlay: Overlay = NO_OVERLAY
    """The caller's own rules for this one request."""
    passages: int = 2
    """Passages shown per hit, 0 to 10."""
    max_tokens: int = 0
    """Tokens that a hit's passages may take together, the best sentences of each; 0 shows passages whole."""
    max_per_domain: int = 0
    """Hits that one registrable domain may have; 0 for any number."""
    max_per_paper: int = 0
    """Hits that one work may have in its versions, by `Document.cluster`; 0 for any number."""
    diversity: float = 0.0
    """Log-odds, 0 to MAX_DIVERSITY, that a document counts less for repeating one above it; 0 leaves the order alone."""
    rerank: int = 0
    """Documents that a cross-encoder reads, the most relevant ones, 0 to MAX_RERANK; 0 reads none."""
    rerank_ms: int = 1_000
    """Milliseconds after which it reads no further, 1 to MAX_RERANK_MS; coverage says how many it read."""
    impact: float = 0.0
    """Log-odds for each factor of e in a document's citations, 0 to MAX_IMPACT; 0 leaves them out."""
    feedback: float = 0.0
    """Share of BM25, 0 to MAX_FEEDBACK, that the words of the first documents make up; 0 leaves them out."""
    recency: float = 0.0
    """Log-odds for each factor of e in a document's years, 0 to MAX_RECENCY; 0 leaves its date out."""
    fuse: str = ""
    """Queries of one batch with the same label here are one question asked in several ways: each is answered with the one
    ranking of all of them. At most 32, which must agree in everything but words and phrases; operators are the question's."""

    @property
    def asked(self) -> Asked:
        """The text taken apart into words and operators (`syntax`)."""
        return parse(self.text)

    @property
    def narrowed(self) -> bool:
        """Whether filters, rules of the caller or operators other than phrases keep documents away."""
        return bool(self.filters.any or self.overlay.block or self.overlay.only or self.asked.operators != NOTHING_ASKED)

    @property
    def words(self) -> str:
        """The words asked for, tags spelled out; no addresses, which say nothing in words, unless nothing else is there.

        Empty where the text is operators alone: whatever passes them is asked for.
        """
        return " ".join(spelled(self._addressed).split()) or self.asked.words

    @property
    def keywords(self) -> str:
        """The words to look up in postings: beside the parts of a tag the tag itself, as pages hold it."""
        return f"{self.words} {glued(self._addressed)}".rstrip()

    @property
    def _addressed(self) -> str:
        return _ADDRESS.sub(" ", self.asked.words)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or type(self.k) is not int or type(self.passages) is not int:
            raise QueryError("a query needs a string as text and whole numbers as k and passages")
        if not self.text.strip():
            raise QueryError("query is empty; give at least one word")
        if len(self.text) > MAX_QUERY:
            raise QueryError(f"query has {len(self.text):,} characters, the limit is {MAX_QUERY:,}; shorten it")
        if not _is_unicode(self.text):
            raise QueryError("query is not valid Unicode (it holds lone surrogates); send UTF-8")
        if not 1 <= self.k <= MAX_K:
            raise QueryError(f"k is {self.k}, it must lie in 1..{MAX_K:,}")
        self._check_shape()
        if not 0 <= self.passages <= 10:
            raise QueryError(f"passages is {self.passages}, it must lie in 0..10")
        check_filters(self.filters)

    def _check_shape(self) -> None:
        """What the answer is to look like."""
        for name, most in (("max_tokens", MAX_TOKENS), ("max_per_domain", MAX_K), ("max_per_paper", MAX_K)):
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= most:
                raise QueryError(f"{name} is {value}, it must lie in 0..{most:,}")
        for name, least, most in (("rerank", 0, MAX_RERANK), ("rerank_ms", 1, MAX_RERANK_MS)):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise QueryError(f"{name} is {value}, it must lie in {least}..{most:,}")
        for name, limit in LIMITS.items():
            weight = getattr(self, name)
            if not isinstance(weight, int | float) or not 0 <= weight <= limit:
                raise QueryError(f"{name} is {weight}, it must lie in 0..{limit:g}")
        if not isinstance(self.fuse, str) or len(self.fuse) > MAX_LABEL or not _is_unicode(self.fuse):
            raise QueryError(f"fuse must be a label of at most {MAX_LABEL} characters")


def check_filters(filters: Filters) -> None:
    """Raises QueryError for the first thing that no document could ever fit."""
    for name in ("kinds", "collections", "sites", "exclude_sites", "hosts", "languages", "retracted", "clusters"):
        values = getattr(filters, name)
        if isinstance(values, str) or not all(isinstance(v, str) and _is_unicode(v) for v in values):
            raise QueryError(f"{name} must be a list of strings in valid Unicode")
    _check_names(filters)
    _check_sites((*filters.sites, *filters.exclude_sites, *filters.hosts))
    _check_dates(filters.after, filters.before)


def _check_names(filters: Filters) -> None:
    for what, values, known in (("kind", filters.kinds, KINDS), ("retracted", filters.retracted, RETRACTED)):
        if unknown := [value for value in values if value not in known]:
            raise QueryError(f"no documents of {what} {unknown[0][:50]!r}; there are {', '.join(known)}")
    if unknown := [code for code in filters.languages if not _LANGUAGE.fullmatch(code)]:
        raise QueryError(f"language {unknown[0][:50]!r} is not an ISO 639-1 code like en; unknown keeps documents without one")
    if len(filters.clusters) > MAX_SITES:
        raise QueryError(f"more than {MAX_SITES:,} clusters in the filters")


def _check_sites(sites: tuple[str, ...]) -> None:
    if len(sites) > MAX_SITES:
        raise QueryError(f"more than {MAX_SITES:,} sites and hosts in the filters")
    for site in sites:
        if not _HOST.fullmatch(site):
            raise QueryError(f"{site[:100]!r} is not a host; write it like alder.example, without https:// or a path")


def _check_dates(after: str, before: str) -> None:
    for date in (after, before):
        if date and not _is_date(date):
            raise QueryError(f"date {date[:50]!r} is not ISO 8601; write 2019, 2019-06 or 2019-06-03")
    if after and before and after >= before:
        raise QueryError(f"nothing lies between {after} and {before}; give the earlier date first")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_date(text: object) -> bool:
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10] if len(text) < 10 else text)
    except ValueError:
        return False
    return True
