"""Which queries of a batch ask the same question?

Those that share a `fuse` label: several wordings, answered with one ranking (ranker.fuse).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from indexer.analysis import analyze
from ranker.errors import QueryError
from ranker.function_words import content
from ranker.query import Query

WORDINGS = 32
"""Queries in one group, at most: each is judged on what any of them finds, so the work grows with the square."""


def groups_of(queries: Sequence[Query]) -> dict[str, list[int]]:
    """The places of the queries of each label, each wording once, in order; queries without a label are not in it.

    Case, signs, inflections and function words make no other wording; other words, another order or another phrase do.
    """
    groups: dict[str, dict[object, int]] = {}
    for place, query in enumerate(queries):
        if query.fuse:
            groups.setdefault(query.fuse, {}).setdefault(_said(query), place)
    return {label: list(places.values()) for label, places in groups.items()}


def _said(query: Query) -> object:
    terms = tuple(analyze(content(query.keywords)))
    return terms or query.words, query.asked.phrases


def questions_of(queries: Sequence[Query]) -> list[list[int]]:
    """The places of every question: wordings as in `groups_of`, whatever is in no group alone."""
    groups = list(groups_of(queries).values())
    grouped = {place for group in groups for place in group}
    return groups + [[place] for place in range(len(queries)) if place not in grouped]


def check_group(query: Query, others: Iterable[Query]) -> None:
    """Raises QueryError if a query differs in more than its words from one of its group among `others`, or is one too many."""
    group = [other for other in others if query.fuse and other.fuse == query.fuse]
    first = group[0] if group else query
    if len(group) >= WORDINGS:
        raise QueryError(f"fuse group {query.fuse!r} has more than {WORDINGS} queries; ask the best {WORDINGS}, or two groups")
    if replace(query, text=first.text) != first:
        raise QueryError(
            f"a query of fuse group {query.fuse!r} differs from the first one in more than its text; give it another"
        )
    ours, theirs = query.asked.operators, first.asked.operators
    if ours != theirs:
        raise QueryError(
            f"a query of fuse group {query.fuse!r} has other operators, {ours.to_text() or 'none'}, than the first, "
            f"{theirs.to_text() or 'none'}; give it another group"
        )
