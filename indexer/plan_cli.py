"""The command line of `indexer plan`: what a layout would cost before anything is built."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from indexer.dense.plan import Estimate

EXAMPLE = (
    "example:\n  stepwell indexer plan --passages 20_000_000 --dim 384 --memory 8GB\n"
    "  stepwell indexer plan --passages 20_000_000 --memory 8GB --updates 10_000\n\n"
    "Segments are searched one after the other. Rates and formulas are in indexer/dense/plan.py;\n"
    "`stepwell bench dense` measures them anew."
)
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40, "": 1}


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    what = "memory, disk, build time, recall and latency of each layout of vectors, and which to choose"
    plan = verbs.add_parser(
        "plan", help=what, description=what, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    plan.add_argument("--passages", type=_number, required=True, metavar="N", help="vectors in all")
    plan.add_argument("--segments", type=_number, default=1, metavar="N", help="segments they are divided among (default 1)")
    plan.add_argument(
        "--updates", type=_number, metavar="N", help="also say what segments merging leaves of an index that grows by so many"
    )
    plan.add_argument("--dim", type=_number, default=384, metavar="N", help="length of a vector (default 384)")
    plan.add_argument("--memory", type=size, required=True, metavar="SIZE", help="memory for vectors: 8GB, 512MiB")
    plan.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where searches run (default cpu)")
    plan.add_argument("--json", action="store_true", help="print the result as JSON")


def plan(args: argparse.Namespace) -> int:
    """Print the plan; exit code 1 if nothing fits."""
    from indexer.dense.plan import plan as planned

    result = planned(args.passages, args.dim, args.memory, args.device, args.segments)
    if args.json:
        print(
            orjson.dumps(
                asdict(result)
                | ({"grown": asdict(grown(args.passages, args.updates, args.dim, args.device))} if args.updates else {})
            ).decode()
        )
        return 0 if result.chosen else 1
    among = f" in {args.segments:,} segments" if args.segments > 1 else ""
    print(f"{args.passages:,} passages of {args.dim} dimensions{among}, {args.memory / 1e9:,.1f} GB of memory, {args.device}")
    print(f"{'layout':<12}{'resident':>12}{'B/passage':>11}{'disk':>12}{'build':>10}{'recall@100':>12}{'query':>12}")
    for e in result.estimates:
        print("".join(_row(e, args.passages)))
    print()
    for e in result.estimates:
        print(f"{e.layout:<12}{e.how}")
    print(f"\n{result.chosen or 'nothing'}: {result.why}\n\n{result.rates}")
    if args.updates:
        print(f"\n{grown(args.passages, args.updates, args.dim, args.device)}")
    return 0 if result.chosen else 1


@dataclass(frozen=True, slots=True)
class Grown:
    """The segments that updates and merges leave of an index, while its last fifth is added."""

    update: int
    """Passages of one update."""
    segments: int
    """Once all passages are there."""
    milliseconds: float
    """Expected time of one query then, each segment in the layout that ``--layout auto`` gives it."""
    most: int
    """Segments at most."""
    slowest: float
    """The longest expected time of one query, in milliseconds."""

    def __str__(self) -> str:
        """As a person reads it."""
        return (
            f"grown by updates of {self.update:,} and merged after each: {self.segments} segments, "
            f"{self.milliseconds:,.1f} ms a query; at most {self.most} and {self.slowest:,.1f} ms while the last fifth comes"
        )


def grown(passages: int, update: int, dim: int, device: str) -> Grown:
    """What updates and merges make of an index of one collection."""
    from indexer.dense.plan import milliseconds
    from indexer.tiers import growth

    late = [sizes for sizes in growth(passages, update) if sum(sizes) > 0.8 * passages]
    times = [milliseconds(sizes, dim, device) for sizes in late]
    return Grown(update, len(late[-1]), times[-1], max(map(len, late)), max(times))


def _row(e: Estimate, passages: int) -> list[str]:
    build = f"{e.build_seconds:,.0f} s" if e.build_seconds < 7200 else f"{e.build_seconds / 3600:,.1f} h"
    return [
        f"{e.layout:<12}",
        f"{e.resident / 1e9:>9,.2f} GB",
        f"{e.resident / passages:>11,.0f}",
        f"{e.disk / 1e9:>9,.2f} GB",
        f"{build:>10}",
        f"{e.recall:>12.2f}",
        f"{e.milliseconds:>9,.2f} ms",
    ]


def size(text: str) -> int:
    """Bytes: ``8GB`` is 8 * 10^9, ``8GiB`` is 8 * 2^30."""
    match = re.fullmatch(r"([\d_]+(?:\.\d+)?)\s*([KMGT]I?B|)", text.strip().upper())
    if not match or not float(match[1].replace("_", "")):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 8GB or 512MiB")
    return int(float(match[1].replace("_", "")) * UNITS[match[2]])


def _number(text: str) -> int:
    """A whole number above 0; argparse reports what it raises as wrong usage."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0; write 20_000_000")
    return number
