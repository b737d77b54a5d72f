"""What would a change of the table do to somebody's queries?

`ranker.proof.trial` on the queries of the form, with titles in the place of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authority.entry import Entry
from authority.table import Table
from ranker.pinned import Pinned
from ranker.query import Query
from server.errors import DeadlineExceeded, RequestRefused

if TYPE_CHECKING:
    from ranker.search import Searcher

MAX_QUERIES = 20
"""Queries that a change is tried on: what a person looks through, and a second or two of work."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One document whose place in the first ten changes."""

    title: str
    before: int | None
    """Place from 1; None where it was not among the first ten."""
    after: int | None


@dataclass(frozen=True, slots=True)
class MovedQuery:
    """One query whose first ten change."""

    text: str
    shifts: tuple[Shift, ...]
    """In the order after the change; what goes out comes last."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the change would do to all queries."""

    queries: int
    moved: tuple[MovedQuery, ...]
    listed_before: float
    """Share of the first ten places held by sources that the table lists, in [0, 1]."""
    listed_after: float
    """The same, by the changed table."""


def after(pinned: Pinned, entry: Entry | None, removed: str) -> Table:
    """The table with an entry set, or one removed. Raises RequestRefused where there is none to remove, or no table."""
    table = pinned.trusted.table
    if table is None:
        raise RequestRefused("this server runs without an authority table; there is nothing to change")
    if entry:
        return table.replacing(entry)
    if table.get(removed) is None:
        raise RequestRefused(f"no entry {removed[:100]!r} in the table; look it up first")
    return table.without(removed)


def attempted(searcher: Searcher, queries: Sequence[Query], changed: Table, gone: Callable[[], bool]) -> Attempt:
    """Try both tables on every query; blocks for as long as the searches take. Raises DeadlineExceeded, before the next search,
    once nobody waits for it any more."""
    from ranker.proof.effect import tops
    from ranker.proof.pool import Pools, domains_of, pool_of, under
    from ranker.proof.trial import attempt

    pinned = searcher.pinned
    found = []
    for query in queries:
        if gone():
            raise DeadlineExceeded("nobody waits for this trial any more")
        found += searcher.candidates([query], pinned)
    named = [(f"{n}", query, candidates) for n, (query, candidates) in enumerate(zip(queries, found, strict=True))]
    each = [pool_of(name, query.text, candidates, pinned, {}) for name, query, candidates in named]
    pools = Pools("page", tuple(each), {}, domains_of(each, pinned.index), pinned.delta)
    table = pinned.trusted.table or Table(())
    tried = attempt(pools, pinned.index, table, changed)
    old, new = (tops(pools, under(pools, pinned.index, one), pinned.delta) for one in (table, changed))
    lists = {pool.query_id: pair for pool, *pair in zip(pools, old, new, strict=True)}
    moved = tuple(MovedQuery(one.text, tuple(_shifts(pinned, *lists[one.query_id]))) for one in tried.moved)
    return Attempt(len(queries), moved, tried.before.listed, tried.after.listed)


def _shifts(pinned: Pinned, before: Sequence[str], then: Sequence[str]) -> list[Shift]:
    places = [{one: place for place, one in enumerate(ids, start=1)} for ids in (before, then)]
    ids = [*then, *(one for one in before if one not in places[1])]
    changed = [one for one in ids if places[0].get(one) != places[1].get(one)]
    titles = {one: document.title for one in changed if (document := pinned.index.find(one))}
    return [Shift(titles.get(one, one), places[0].get(one), places[1].get(one)) for one in changed]
