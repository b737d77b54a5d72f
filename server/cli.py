"""The command line of the server room: run a server, ask one, and look after it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from server.verbs import doctor, health, key, mcp, run, search, status

VERBS = {"run": run, "search": search, "status": status, "doctor": doctor, "health": health, "mcp": mcp, "key": key}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    parser = argparse.ArgumentParser(prog="stepwell server", description="Answer batches of queries over gRPC.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS.values():
        verb.add(verbs)
    args = parser.parse_args(argv)
    code: int = VERBS[args.verb].run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
