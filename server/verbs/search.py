"""The verb `stepwell server search`: queries as one batch."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ranker.options import add_filters, filters_of, overlay_of
from server.verbs.connecting import access_of, add_server, add_verb

if TYPE_CHECKING:
    from server.client import QueryOptions

EXAMPLE = """example:
  stepwell server search "is boiled water safe to drink" "how much salt is too much" -k 3 --explain

With --json one object per query, one per line. Exit code 1 if any query failed."""


def add(verbs: Any) -> None:
    """Describe it."""
    search = add_verb(verbs, "search", "send queries to a server as one batch", EXAMPLE)
    search.add_argument("query", nargs="+", metavar="QUERY")
    add_server(search)
    search.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="default %(default)g")
    search.add_argument("-k", type=int, default=10, metavar="N", help="hits per query, 1 to 1,000 (default 10)")
    search.add_argument("--passages", type=int, default=2, metavar="N", help="passages per hit, 0 to 10 (default 2)")
    search.add_argument("--authority", choices=("on", "off"), default="on", help="off ranks by relevance alone")
    add_filters(search)
    search.add_argument("--explain", action="store_true", help="show each score as its sum, and why it stands there")


def run(args: argparse.Namespace) -> int:
    """Ask and print; 1 if any query failed."""
    import orjson

    from ranker.render import render, render_failure, to_record
    from server.client import Client, Failure, Query

    options = _options(args)
    Query("any", **options)  # a wrong option is wrong usage, said once, and not a failure of each query
    with Client(args.server, args.timeout, access_of(args)) as client:
        outcomes = client.batch_search(args.query, **options)
    for outcome in outcomes:
        if args.json:
            print(orjson.dumps(to_record(outcome)).decode())
        elif isinstance(outcome, Failure):
            print(f"stepwell server: {render_failure(outcome)}", file=sys.stderr)
        else:
            print(render(outcome, explain=args.explain))
    return int(any(isinstance(outcome, Failure) for outcome in outcomes))


def _options(args: argparse.Namespace) -> QueryOptions:
    return {
        "k": args.k,
        "passages": args.passages,
        "authority": args.authority == "on",
        "profile": args.profile,
        "overlay": overlay_of(args),
        "filters": filters_of(args),
    }


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return seconds
