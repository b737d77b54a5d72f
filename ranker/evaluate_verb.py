"""`stepwell ranker evaluate`: every system on judged collections, as tables, as JSON, and as one page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from ranker.collection import Collection
    from ranker.evaluate import Evaluation
    from ranker.runs import Interval
    from ranker.search import Searcher


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, but those that it shares with others."""
    parser.add_argument(
        "collections", nargs="+", metavar="COLLECTION", help="PATH, PATH:SPLIT, or a part of its queries, PATH:SPLIT#1/2"
    )
    parser.add_argument("--split", default="test", help="which qrels file (default test)")
    parser.add_argument("--index", type=Path, metavar="DIR", help="an index of the collection, instead of the one in the cache")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="write every system's TREC run here")
    parser.add_argument(
        "--page", type=Path, metavar="DIR", help="write a page here (HTML and Markdown): quality, trust, exposure, reasons"
    )
    parser.add_argument("--force", action="store_true", help="index the collections again")


def run(args: argparse.Namespace) -> int:
    """Evaluate one collection after the other. Raises EvaluationError where one cannot be read."""
    from ranker.errors import EvaluationError
    from ranker.evaluate import evaluate
    from ranker.runs import write_run

    if args.index and len(args.collections) > 1:
        raise EvaluationError("--index names the index of one collection; evaluate the others by themselves")
    evaluations, reports = [], []
    for collection, searcher in _opened(args):
        if args.page:
            from ranker.proof.report import report

            reports.append(report(collection, searcher))
            evaluations.append(reports[-1].evaluation)
        else:
            evaluations.append(evaluate(collection, searcher))
        if args.runs:
            args.runs.mkdir(parents=True, exist_ok=True)
            for system, ranked in evaluations[-1].runs.items():
                write_run(args.runs / f"{collection.name}.{system}.trec", ranked, system)
        if evaluations[-1].caution:
            print(f"stepwell ranker evaluate: {evaluations[-1].caution}", file=sys.stderr)
    records = [record_of(evaluation) for evaluation in evaluations]
    if args.json:
        print(orjson.dumps(records if len(records) > 1 else records[0]).decode())
    else:
        print("\n\n".join(in_words(evaluation) for evaluation in evaluations))
    if args.page:
        from ranker.proof.page import write_page

        written = write_page(args.page, reports)
        if not args.json:
            print(f"\nwrote {written} and {written.with_suffix('.md').name}")
    return 0


def _opened(args: argparse.Namespace) -> Iterator[tuple[Collection, Searcher]]:
    from indexer.encoders import DEFAULT_ENCODER, load_encoder
    from ranker.collection import Collection
    from ranker.evaluate import index_collection
    from ranker.search import Searcher

    collections = [Collection.named(name, args.split) for name in args.collections]
    encoder = None
    if not args.index or args.encoder or args.weights:
        encoder = None if args.encoder == "none" else load_encoder(args.encoder or DEFAULT_ENCODER, args.device, args.weights)
    for collection in collections:
        index = args.index or index_collection(collection, encoder, args.force)
        with Searcher.open(
            index, authority=args.authority, encoder=encoder, calibration=args.calibration, delta=args.delta
        ) as searcher:
            yield collection, searcher


def record_of(evaluation: Evaluation) -> dict[str, object]:
    """The evaluation as JSON-ready data."""
    systems: dict[str, dict[str, object]] = {}
    for system, per_measure in evaluation.measures.items():
        systems[system] = {name: value._asdict() for name, value in per_measure.items()}
        if system in evaluation.vs_bm25:
            systems[system]["vs_bm25"] = {name: value._asdict() for name, value in evaluation.vs_bm25[system].items()}
    about = ("collection", "split", "queries", "snapshot", "calibration", "authority_version", "delta")
    told = ("changed_by_authority", "fitted_on", "caution")
    return {**{name: getattr(evaluation, name) for name in about + told}, "systems": systems}


def in_words(evaluation: Evaluation) -> str:
    """The evaluation as a table for people."""
    e = evaluation
    names = list(next(iter(e.measures.values())))
    model = f"calibration {e.calibration}, authority {e.authority_version}, delta {e.delta:g}"
    lines = [f"{e.collection}/{e.split}, {e.queries} queries, {model}", ""]
    lines.append(f"{'system':<18}" + "".join(f"{name:>24}" for name in names) + f"{'nDCG@10 - bm25':>28}")
    for system, per_measure in e.measures.items():
        versus = span(e.vs_bm25[system][names[0]], "+") if system in e.vs_bm25 else ""
        lines.append(f"{system:<18}" + "".join(f"{span(per_measure[n]):>24}" for n in names) + f"{versus:>28}")
    lines += [
        "",
        f"mean [95 % bootstrap interval]; authority changed the top 10 of {e.changed_by_authority} of {e.queries} queries",
    ]
    return "\n".join([*lines, f"! {e.caution}"] if e.caution else lines)


def span(value: Interval, sign: str = "") -> str:
    """A mean with its interval."""
    return f"{value.mean:{sign}.4f} [{value.low:{sign}.3f}, {value.high:{sign}.3f}]"
