"""What may be asked?

A Query is checked once, here; everything behind it may rely on the limits below. The server and the command line build
the same Query, so both refuse the same things in the same words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ranker.errors import QueryError

MAX_QUERY = 10_000
"""Characters in one query; a research task pasted whole is about 2,000."""
MAX_K = 1_000
"""Hits in one ranking."""
MAX_SITES = 1_000
"""Entries in one site filter."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


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
    """Keep what was published on or after this ISO date (``2019``, ``2019-06``, ``2019-06-03``); drops undated documents."""
    before: str = ""
    """Keep what was published before this ISO date, the date itself excluded; undated documents are dropped."""

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the index. Raises QueryError where a field is out of its range."""

    text: str
    """Natural language, 1 to MAX_QUERY characters."""
    k: int = 10
    """Hits wanted, 1 to MAX_K."""
    filters: Filters = Filters()
    authority: bool = True
    """False ranks by relevance alone."""
    passages: int = 2
    """Passages shown per hit, 0 to 10."""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise QueryError("query is empty; give at least one word")
        if len(self.text) > MAX_QUERY:
            raise QueryError(f"query has {len(self.text):,} characters, the limit is {MAX_QUERY:,}; shorten it")
        if any(0xD800 <= ord(c) <= 0xDFFF for c in self.text):
            raise QueryError("query is not valid Unicode (it holds lone surrogates); send UTF-8")
        if not 1 <= self.k <= MAX_K:
            raise QueryError(f"k is {self.k}, it must lie in 1..{MAX_K:,}")
        if not 0 <= self.passages <= 10:
            raise QueryError(f"passages is {self.passages}, it must lie in 0..10")
        if len(self.filters.sites) + len(self.filters.exclude_sites) > MAX_SITES:
            raise QueryError(f"more than {MAX_SITES:,} sites in the filters")
        for date in (self.filters.after, self.filters.before):
            if date and not _DATE.fullmatch(date):
                raise QueryError(f"date {date!r} is not ISO 8601; write 2019, 2019-06 or 2019-06-03")
