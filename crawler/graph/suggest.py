"""`stepwell authority suggest`: unlisted sources with the evidence for them, for a curator.

The verb stands here because it reads corpora, which the authority room does not know; it writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from authority.errors import TableError
from authority.registers import Registers
from authority.suggest import Suggestion, doubts_of, read_graph, register_names, suggest
from authority.tables import load_table
from crawler.errors import UsageError

EXAMPLE = (
    "example:\n  stepwell crawler graph corpus/web --out hosts.tsv\n"
    "  stepwell authority suggest --graph hosts.tsv --corpus corpus/papers --registers data/authority"
)


def main(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code. `argv` begins with its name."""
    args = _parser().parse_args(argv[1:])
    if not (args.graph or args.corpus):
        raise UsageError("nothing to look at; give --graph, --corpus, or both")
    table = load_table(args.table)
    if table is None:
        raise TableError("off switches authority off and has no entries; name a table")
    linked = [one for path in args.graph for one in read_graph(path)]
    cited, held = [], []
    if args.corpus:
        from crawler.graph.citations import cited_venues
        from crawler.graph.held import held_hosts

        cited, held = cited_venues(args.corpus), held_hosts(args.corpus)
    named = register_names(Registers(args.registers)) if args.registers else None
    found = suggest(table, linked, cited, held, named, doubts_of(args.registers) if args.registers else None)
    if args.json:
        record = {"version": table.version, "unlisted": len(found), "suggestions": [asdict(s) for s in found[: args.limit]]}
        sys.stdout.write(orjson.dumps(record, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    for suggestion in found[: args.limit]:
        print("\n".join(in_words(suggestion)))
    shown = min(len(found), args.limit)
    print(f"\n{shown:,} of {len(found):,} unlisted sources; evidence to look at, in no table until `authority add`")
    return 0


def in_words(suggestion: Suggestion) -> list[str]:
    """A suggestion and its evidence as lines for people."""
    s = suggestion
    lines = [s.key + (f"  {s.name}" if s.name else "") + (f"  (covered by {s.suffix})" if s.suffix else "")]
    if s.registers:
        more = f" and {len(s.registers) - 3} more" if len(s.registers) > 3 else ""
        lines.append(f"    in registers: {', '.join(s.registers[:3])}{more}")
    if s.doubts:
        lines.append(f"    doubted by {'; '.join(s.doubts[:3])}")
    if s.documents:
        lines.append(f"    holds {s.documents:,} document{'s' if s.documents > 1 else ''} of the corpora")
    if s.harmonic or s.domains:
        lines.append(f"    linked from {s.domains:,} other domains, harmonic centrality {s.harmonic:.3f}")
    if s.papers:
        lines.append(f"    {s.papers:,} papers, cited {s.citations:,} times from {s.venues:,} other venues")
    return lines


def _parser() -> argparse.ArgumentParser:
    what = "show unlisted sources with the evidence for them; nothing is added to any table"
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("stepwell authority suggest", description=what, epilog=EXAMPLE, formatter_class=raw)
    parser.add_argument("--graph", type=Path, nargs="+", default=[], metavar="FILE", help="tables from `stepwell crawler graph`")
    parser.add_argument(
        "--corpus",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="corpora: where their documents lie, and which venues their papers cite",
    )
    parser.add_argument("--registers", type=Path, metavar="DIR", help="folder of registers and lists of doubtful sources")
    parser.add_argument("--table", metavar="FILE", help="a table file, shipped or sample (default: yours, else the shipped one)")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="suggestions printed (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
