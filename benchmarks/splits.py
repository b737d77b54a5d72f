"""Does splitting an index change what is found?

    stepwell bench splits --corpus corpus/acl2 --queries 1000
    stepwell bench splits --corpus corpus/acl2 --queries 1000 --encoder default

The same corpus is indexed with 1, 3 and 8 segments. Three figures for each split: the share of the scores of documents that both
return that are equal to the last bit, the share of queries whose top 10 are the same, in the same order, and the share of the top
10 of one that are among those of the other.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.latency.queries import queries_from
from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Parameters, Result
from benchmarks.table import table
from indexer.build import build
from indexer.dense.layout import LAYOUTS, Layout
from indexer.encoders import Encoder, load_encoder
from indexer.index import Index
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher

BATCH = 50
"""Queries searched at once."""
DEEP = 100
"""Hits of each query whose scores are compared."""

Found = list[dict[str, float]]
"""Per query the score of each returned document, best first."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build, compare, print, and append rows; exit code 1 if a score differs."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="stepwell bench splits", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--queries", type=int, default=1000, metavar="N", help="half short, half long (default 1,000)")
    parser.add_argument("--segments", type=int, nargs="+", default=[3, 8], metavar="N", help="splits beside 1 (default 3 8)")
    parser.add_argument("--encoder", choices=("none", "default"), default="none", help="default: hybrid (default none)")
    parser.add_argument("--layout", choices=LAYOUTS, default="exact", help="structure over the vectors (default exact)")
    parser.add_argument("--limit", type=int, metavar="N", help="index the first N documents only")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where to build (default: a temporary folder)")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE")
    args = parser.parse_args(argv)
    ledger = Ledger(args.out, ["splits", *argv])
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-", dir=args.work) as work:
        results = list(_compare(args, Path(work)))
    for result in results:
        ledger.add(result)
    print(table(results))
    return int(any(result.value < 1 for result in results if "scores" in result.name))


def _compare(args: argparse.Namespace, work: Path) -> Iterator[Result]:
    encoder = load_encoder() if args.encoder == "default" else None
    whole, queries = _found(args, work, 1, encoder, [])
    for segments in args.segments:
        split, _ = _found(args, work, segments, encoder, queries)
        common = [(one[doc], other[doc]) for one, other in zip(whole, split, strict=True) for doc in one.keys() & other.keys()]
        same = sum(list(one)[:10] == list(other)[:10] for one, other in zip(whole, split, strict=True))
        tops = [(set(list(one)[:10]), set(list(other)[:10])) for one, other in zip(whole, split, strict=True)]
        overlap = sum(len(one & other) for one, other in tops) / max(sum(len(one) for one, _ in tops), 1)
        parameters: Parameters = {
            "corpus": args.corpus.name,
            "segments": segments,
            "queries": len(queries),
            "encoder": args.encoder,
            "layout": args.layout if encoder else "none",
            "scores": len(common),
        }
        yield _row(f"{segments} segments: equal scores", sum(a == b for a, b in common) / len(common), parameters)
        yield _row(f"{segments} segments: equal top 10", same / len(queries), parameters)
        yield _row(f"{segments} segments: overlap of the top 10", overlap, parameters)


def _found(
    args: argparse.Namespace, work: Path, segments: int, encoder: Encoder | None, queries: list[str]
) -> tuple[Found, list[str]]:
    """What an index of so many segments returns, and for which queries: those given, or some cut from it."""
    index, layout = work / str(segments), _layout(args.layout)
    build([args.corpus], index, encoder, segments=segments, limit=args.limit, layout=layout if encoder else None)
    if not queries:
        with Index.open(index) as reader:
            queries = [text for length in ("short", "long") for text in queries_from(reader, length, args.queries // 2)]
    found: Found = []
    with Searcher.open(index, authority="off", encoder=encoder) as searcher:
        for start in range(0, len(queries), BATCH):
            batch = [Query(text, k=DEEP) for text in queries[start : start + BATCH]]
            rankings = [outcome for outcome in searcher.search(batch) if isinstance(outcome, Ranking)]
            found += [{hit.doc_id: hit.score for hit in ranking.hits} for ranking in rankings]
    return found, queries


def _layout(name: str) -> Layout:
    return next(layout for layout in LAYOUTS if layout == name)


def _row(name: str, share: float, parameters: Parameters) -> Result:
    return Result("splits", name, share, "share", parameters=parameters)


if __name__ == "__main__":
    sys.exit(main())
