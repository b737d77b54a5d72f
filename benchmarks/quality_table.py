"""Which tables of quality and of authority do the recorded results make?

    python -m benchmarks.quality_table

Prints the tables of ranker/README.md from the latest row of each name in results.jsonl. Nothing is typed in by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from benchmarks.machine import RESULTS, ROOT

SYSTEMS = ("lucene", "bm25", "dense", "rrf", "hybrid")
PEERS = ("lucene", "bm25", "dense", "rrf")
MEASURE = "nDCG@10"

Rows = Mapping[tuple[str, str], Mapping[str, Any]]
"""(name, unit) -> the latest row, as `benchmarks.result` wrote it."""


def latest(path: Path) -> Rows:
    """The latest row of quality of each name and unit."""
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return {(row["name"], row["unit"]): row for row in rows if row["benchmark"] == "quality" and not row["quick"]}


def quality(rows: Rows) -> Iterator[str]:
    """Means of every system, and what the hybrid has more than each of the others, with 95 % intervals."""
    yield "| | queries | " + " | ".join(SYSTEMS) + " | " + " | ".join(f"hybrid - {peer}" for peer in PEERS) + " |"
    yield "|---|" + "---|" * (1 + len(SYSTEMS) + len(PEERS))
    for (name, unit), row in rows.items():
        part, system = name.rsplit(" ", 1)
        differences = {peer: rows.get((f"{part} hybrid - {peer}", f"{MEASURE}, difference")) for peer in PEERS}
        if unit != MEASURE or system != "hybrid" or not differences["rrf"]:
            continue
        found = [rows.get((f"{part} {each}", MEASURE)) for each in SYSTEMS]
        means = " | ".join(_figure(each["value"]) if each else "" for each in found)
        spans = " | ".join(_span(difference) if difference else "" for difference in differences.values())
        about = row["parameters"]
        yield f"| {part} ({about['split']}) | {about['queries']} | {means} | {spans} |"


def authority(rows: Rows) -> Iterator[str]:
    """What each kind of table does to each collection."""
    yield "| | table | delta | nDCG@10, on - off | lists changed | worst gap in P | places of listed sources, off -> on |"
    yield "|---|---|---|---|---|---|---|"
    for (name, unit), row in rows.items():
        if unit == f"{MEASURE}, on - off":
            part, table = name.split(" authority ")
            about = row["parameters"]
            lists = f"{about['lists_changed']:.3g} of {about['queries']}"
            places = f"{about['listed_off']:.1%} -> {about['listed']:.1%}"
            yield f"| {part} | {table} | {about['delta']:g} | {_span(row, 4)} | {lists} | {about['worst_gap']:.4f} | {places} |"


def _span(row: Mapping[str, Any], digits: int = 3) -> str:
    return f"{_figure(row['value'], '+', digits)} [{_figure(row['low'], '+', digits)}, {_figure(row['high'], '+', digits)}]"


def _figure(value: float, sign: str = "", digits: int = 3) -> str:
    return f"{value:{sign}.{digits}f}".replace("0.", ".", 1)


def main() -> int:
    """Print both tables."""
    rows = latest(ROOT / RESULTS)
    print("\n".join([*quality(rows), "", *authority(rows)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
