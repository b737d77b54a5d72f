"""What do hundreds of collections in one index cost a search?

    stepwell bench collections --corpus corpus/acl2 --collections 300 --documents 30000

The same documents are indexed three times: each collection with segments of its own, small ones sharing a segment (the
default), and all of them in one segment however large. The figures are ratios to the last, taken in turn; each index is
searched as a whole, and one collection at a time, ten of them in turn. Lexical only: what is measured is the price of a segment,
and vectors have none of their own.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Parameters, Result, Series, of_series
from benchmarks.table import table
from indexer.build import build
from indexer.corpus import CorpusWriter, read_corpus
from indexer.mix import MIXES, Mix
from ranker.query import Filters, Query
from ranker.search import Searcher

ROUNDS = 5
IN_TURN = 10
"""Collections that are searched one at a time."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and append rows."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="stepwell bench collections", description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--collections", type=int, default=300, metavar="N")
    parser.add_argument("--documents", type=int, default=30_000, metavar="N")
    parser.add_argument("--queries", type=int, default=100, metavar="N", help="titles of the corpus, drawn by seed (default 100)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the indexes are kept for another run")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE")
    args = parser.parse_args(argv)
    ledger = Ledger(args.out, ["collections", *argv])
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        results = list(_measure(args, args.work or Path(work)))
    for result in results:
        ledger.add(result)
    print(table(results))
    return 0


def _measure(args: argparse.Namespace, work: Path) -> Iterator[Result]:
    documents = list(islice(read_corpus(args.corpus, lambda *_: None), args.documents))
    queries = [d.title for d in random.Random(5).sample(documents, args.queries)]
    if not (work / "corpus").exists():
        with CorpusWriter(work / "corpus") as writer:
            for i, document in enumerate(documents):
                writer.add(replace(document, collection=f"c{i % args.collections:03}"))
    parameters: Parameters = {"documents": len(documents), "collections": args.collections, "queries": args.queries}
    for mix in MIXES:
        build([work / "corpus"], work / mix, None, mix=mix)
    measured: dict[tuple[str, Mix], list[float]] = {}
    for _ in range(ROUNDS):
        for mix in MIXES:
            began = time.perf_counter()
            with Searcher.open(work / mix, authority="off") as searcher:
                opened = (time.perf_counter() - began) * 1e3
                everywhere = _median(searcher, queries, [()])
                one = _median(searcher, queries, [(f"c{i:03}",) for i in range(min(IN_TURN, args.collections))])
                segments = len(searcher.pinned.index.segments)
            for what, value in (("open", opened), ("search all", everywhere), ("search one", one), ("segments", segments)):
                measured.setdefault((what, mix), []).append(value)
    for (what, mix), values in measured.items():
        if what != "segments":
            base = Series(tuple(measured[what, "all"]))
            of = {**parameters, "mix": mix, "segments": int(measured["segments", mix][0])}
            peer = None if mix == "all" else ("mix all", base)
            yield of_series("scale", f"collections: {what}, mix {mix}", "ms", Series(tuple(values)), of, peer)


def _median(searcher: Searcher, queries: Sequence[str], searched: Sequence[tuple[str, ...]]) -> float:
    """Milliseconds for one query alone, the median over all of them, after one warm round; `searched` take turns."""
    for _ in ("warm", "measured"):
        times = []
        for text, collections in zip(queries, cycle(searched), strict=False):
            began = time.perf_counter()
            searcher.search([Query(text, filters=Filters(collections=collections))])
            times.append((time.perf_counter() - began) * 1e3)
    return median(times)


if __name__ == "__main__":
    sys.exit(main())
