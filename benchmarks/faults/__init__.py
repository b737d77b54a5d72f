"""What do callers of a server notice when something goes wrong?

    stepwell bench faults --index index/acl

A server runs as users run it; callers ask it all the time over gRPC and HTTP, with the usual client's retries, while one thing
after the other goes wrong. Every answer is compared with what the same snapshot and table answer in process: one that disagrees
is `mixed`. Of a row must be 0: requests failed, answers mixed.

fault     a row
truth     what should have been answered
callers   who asks meanwhile, and what becomes of it
site      the server under test
changes   reloads: generations and tables, in turn
deaths    workers are killed
disk      the disk of table, log and counts is full
damage    a file of the served index is flipped
peers     clients that are slow, half-open or idle, by the thousand
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.faults.fault import FULL, SMALL, Extent, Fault, table
from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger

FAULTS = {
    "reload": "changes:one_worker",
    "reload-2": "changes:two_workers",
    "killed": "deaths:killed",
    "full": "disk:full",
    "damage": "damage:damaged",
    "slow": "peers:slow",
    "half-open": "peers:half_open",
    "idle": "peers:idle",
}
"""``module:function`` by name, imported on use."""


def faults(index: Path, names: Sequence[str], extent: Extent, work: Path) -> Iterator[Fault]:
    """The rows of some faults, tried on copies of the index in the folder `work`."""
    for name in names:
        module, function = FAULTS[name].split(":")
        folder = work / name
        folder.mkdir()
        yield from getattr(import_module(f"benchmarks.faults.{module}"), function)(index, extent, folder)


def main(argv: Sequence[str] | None = None) -> int:
    """Try the faults, print their table and append its rows; exit code 1 if a request failed or an answer was mixed."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="stepwell bench faults", description="What callers of a server notice when something goes wrong.",
        epilog="example:\n  stepwell bench faults --index index/acl --faults reload-2 killed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--index", type=Path, required=True, metavar="DIR", help="copied where it would be changed")
    parser.add_argument("--faults", nargs="+", choices=tuple(FAULTS), default=tuple(FAULTS), metavar="NAME", help="default all")
    parser.add_argument("--quick", action="store_true", help="a little of each: does it run")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="where copies are made, on the index's own disk (default: beside it)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE", help=f"JSON lines (default {RESULTS})")
    args = parser.parse_args(argv)
    ledger, rows = Ledger(args.out, ["faults", *argv]), list[Fault]()
    with tempfile.TemporaryDirectory(prefix="stepwell-faults-", dir=args.work or args.index.resolve().parent) as work:
        for row in faults(args.index, args.faults, SMALL if args.quick else FULL, Path(work)):
            ledger.add(row.result(), quick=args.quick)
            rows.append(row)
            print(table([row]), file=sys.stderr)
    print(table(rows))
    return int(any(row.failed or row.mixed for row in rows))
