"""The command `stepwell crawler status`: how far is a crawl, running or not?"""

from __future__ import annotations

import argparse
from pathlib import Path

from crawler.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("corpus", type=Path, metavar="DIR", help="the corpus that the crawl writes to")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the figures; raises UsageError where nothing was crawled into this corpus."""
    from crawler.web.census import read_census
    from crawler.web.crawl import STATE
    from crawler.web.tally import as_json, as_lines, state_of

    path = args.corpus / STATE / "frontier.sqlite"
    if not path.is_file():
        raise UsageError(f"no crawl in {args.corpus}; start one with `stepwell crawler site URL --into {args.corpus}`")
    census = read_census(path)
    running = _is_locked(args.corpus / ".lock")
    if args.json:
        import orjson

        print(orjson.dumps(as_json(census) | {"running": running}, option=orjson.OPT_INDENT_2).decode())
    else:
        print(state_of(census, running=running))
        print("\n".join(as_lines(census)))
    return 0


def _is_locked(path: Path) -> bool:
    import fcntl

    if not path.exists():
        return False
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
