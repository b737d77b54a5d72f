"""What does a caller's `category` mean here?

A name for a kind of source, which agents ask for without knowing the collections: the operator says which collections and
kinds of document it stands for, and which profile weighs the topics of their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ranker.errors import QueryError
from ranker.query import Query


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of source; an empty field says nothing."""

    collections: tuple[str, ...] = ()
    """Keep these collections."""
    kinds: tuple[str, ...] = ()
    """Keep these kinds of document."""
    languages: tuple[str, ...] = ()
    """Keep these languages."""
    profile: str = ""
    """Weigh topics by this profile."""


Categories = Mapping[str, Category]


def first_known(asked: str, categories: Categories) -> str:
    """The name, as it stands here, of the first category that a list with commas names in any case; empty where it names none."""
    for name in (part.strip() for part in (asked, *asked.split(","))):
        alike = (known for known in categories if known.casefold() == name.casefold())
        if found := name if name in categories else next(alike, ""):
            return found
    return ""


def narrowed(query: Query, name: str, categories: Categories) -> Query:
    """The query within a category, or itself without a name; what it says itself comes first. Raises QueryError."""
    if not name:
        return query
    if name not in categories:
        raise QueryError(f"no category called {name[:50]!r}; there are {', '.join(categories) or 'none'}")
    meant, filters = categories[name], query.filters
    return replace(
        query,
        profile=query.profile or meant.profile,
        filters=replace(
            filters,
            collections=filters.collections or meant.collections,
            kinds=filters.kinds or meant.kinds,
            languages=filters.languages or meant.languages,
        ),
    )
