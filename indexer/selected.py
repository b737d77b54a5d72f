"""Which documents do the options of `indexer delete` name?

What is mistyped is refused in the words of a search (`ranker.query.check_filters`): a filter that fits nothing would pass unseen.
"""

from __future__ import annotations

import argparse
import datetime
import re

from indexer.day import day_of
from indexer.errors import SelectionError
from indexer.restriction import Restriction

KINDS = ("paper", "page", "file")
RETRACTED = ("true", "false", "unknown")

_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]+)*|unknown", re.IGNORECASE)
_HOST = re.compile(r"=?(\.?[\w-]+(\.[\w-]+)*\.?|[0-9a-f:]+)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def selected(args: argparse.Namespace) -> Restriction | None:
    """The filters of `delete`; None where ids alone are given. Raises SelectionError."""
    for what, values, known in (("kind", args.kind, KINDS), ("retracted", args.retracted, RETRACTED)):
        if unknown := [value for value in values if value not in known]:
            raise SelectionError(f"no documents of {what} {unknown[0][:50]!r}; there are {', '.join(known)}")
    for code in args.language:
        if not _LANGUAGE.fullmatch(code):
            raise SelectionError(
                f"language {code[:50]!r} is not an ISO 639-1 code like en; unknown stands for documents without one"
            )
    for site in args.sites:
        if not _HOST.fullmatch(site):
            raise SelectionError(f"{site[:100]!r} is not a host; write it like alder.example, without https:// or a path")
    first, end = _day(args.after), _day(args.before)
    if first is not None and end is not None and first >= end:
        raise SelectionError(f"nothing lies between {args.after} and {args.before}; give the earlier date first")
    restriction = Restriction(
        kinds=tuple(args.kind),
        collections=tuple(args.collection),
        sites=tuple(site.lower() for site in args.sites),
        languages=tuple(args.language),
        retracted=tuple(args.retracted),
        clusters=tuple(args.cluster),
        first_day=first,
        end_day=end,
        undated=args.undated,
    )
    if restriction != Restriction(undated=args.undated):
        return restriction
    if not args.ids:
        raise SelectionError("nothing is named to be deleted; give ids, or a filter like --collection, --sites or --before")
    return None


def _day(date: str) -> int | None:
    """Days since 1970-01-01; None for no date."""
    if not date:
        return None
    try:
        if not _DATE.fullmatch(date):
            raise ValueError
        datetime.date.fromisoformat(f"{date}-01-01"[:10] if len(date) < 10 else date)
    except ValueError:
        raise SelectionError(f"date {date[:50]!r} is not ISO 8601; write 2019, 2019-06 or 2019-06-03") from None
    return day_of(date)
