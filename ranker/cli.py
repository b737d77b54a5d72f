"""The command line of the ranker room: search, evaluate, compare, calibrate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ranker import calibrate_verb, evaluate_verb
from ranker.evaluate_verb import span
from ranker.options import add_filters, filters_of, overlay_of

if TYPE_CHECKING:
    from ranker.collection import Qrels
    from ranker.runs import Run

MIN_QUERIES = 10
"""Queries below which no difference is called significant: a bootstrap of fewer says little."""

RERANK = 30
"""Documents that a cross-encoder reads where one is named and no number."""
IMPACT = 0.2
"""Log-odds for each factor of e in citations where counts are named and no weight; measured in README.md."""

EXAMPLES = {
    "search": 'example:\n  stepwell ranker search "pivot languages in machine translation" --index index/acl -k 5 --explain',
    "evaluate": "example:\n  stepwell ranker evaluate ../shared/data/collections/scifact --runs runs --page pages/scifact\n\n"
    "A collection's index is built once and kept in the cache folder. Several collections share one page.",
    "compare": "example:\n  stepwell ranker compare runs/a.trec runs/b.trec --qrels qrels/test.tsv",
    "citations": "example:\n  stepwell ranker citations corpus/openalex --out citations.tsv\n\n"
    "The count that a source gives, else the documents of these corpora that refer to it.",
    "calibrate": "example:\n  stepwell ranker calibrate ../shared/data/collections/scifact:train --out calibration.json\n\n"
    "Several collections have the same say each; `medquad_liveqa:test#1/2` is one half of its queries, by their hash.\n"
    "How wide a near tie may be, of the weights just fitted or else of the shipped ones: --delta and queries that no weight saw.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    args = _parser().parse_args(argv)
    verbs = {"search": _search, "evaluate": _evaluate, "compare": _compare, "calibrate": _calibrate, "citations": _citations}
    return verbs[args.verb](args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stepwell ranker", description="Search, evaluate and calibrate, in process.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    search = _verb(verbs, "search", "rank the documents of an index for one query")
    search.add_argument("query")
    search.add_argument("--index", type=Path, required=True, metavar="DIR")
    search.add_argument("-k", type=int, default=10, help="hits wanted, 1 to 1,000 (default 10)")
    search.add_argument("--explain", action="store_true", help="show each score as the sum it is")
    search.add_argument("--as-of", default="", metavar="DATE", help="the index as it was then (2026-11-22, or with a time, UTC)")
    search.add_argument(
        "--diversity", type=float, default=0.0, metavar="X", help="log-odds that a repetition counts less, 0 to 10 (default 0)"
    )
    search.add_argument("--cross-encoder", type=Path, metavar="DIR", help="folder of a model that reads the best documents")
    search.add_argument("--rerank", type=int, metavar="N", help="documents it reads, 0 to 100 (default 30 with --cross-encoder)")
    search.add_argument("--rerank-ms", type=int, default=1000, metavar="MS", help="milliseconds it is given (default 1,000)")
    search.add_argument("--citations", type=Path, metavar="FILE", help="counts of citations, from `ranker citations`")
    search.add_argument("--impact", type=float, metavar="X", help="log-odds for each factor of e in citations (default 0.2)")
    search.add_argument(
        "--feedback", type=float, default=0.0, metavar="X", help="share of the words of the first documents, 0 to 1 (default 0)"
    )
    search.add_argument(
        "--recency", type=float, default=0.0, metavar="X", help="log-odds for each factor of e in age, 0 to 1 (default 0)"
    )
    add_filters(search)

    evaluate = _verb(verbs, "evaluate", "measure every system on judged collections (BEIR layout)")
    evaluate_verb.add_options(evaluate)

    compare = _verb(verbs, "compare", "measure two TREC runs and their paired difference")
    compare.add_argument("run_a", type=Path)
    compare.add_argument("run_b", type=Path)
    compare.add_argument("--qrels", type=Path, required=True, metavar="FILE")

    calibrate = _verb(verbs, "calibrate", "fit the model's coefficients on judged queries")
    calibrate_verb.add_options(calibrate)

    citations = _verb(verbs, "citations", "count how often each document of some corpora is cited")
    citations.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    citations.add_argument("--out", type=Path, required=True, metavar="FILE")

    for verb in (search, evaluate):
        verb.add_argument(
            "--authority", metavar="FILE|sample|off", help="the table to trust (default: yours, else the shipped one)"
        )
        verb.add_argument("--calibration", type=Path, metavar="FILE", help="coefficients from `ranker calibrate`")
        verb.add_argument(
            "--delta", type=float, metavar="X", help="what full authority adds, 0 to 0.2 (default: the calibration's)"
        )
    search.add_argument("--policy", action="append", default=[], metavar="NAME|FILE", help="mark or block what it names")
    for verb in (search, evaluate, calibrate):
        some = "MODEL" if verb is search else "MODEL|none"
        verb.add_argument("--encoder", metavar=some, help="default: the index's own, all-MiniLM-L6-v2 for a new one")
        where = "where the encoder runs and vectors are searched" if verb is search else "where the encoder runs"
        verb.add_argument("--device", default="cpu", metavar="DEVICE", help=f"{where}: cpu (default), cuda, cuda:1")
        verb.add_argument("--weights", type=Path, metavar="DIR", help="a directory with the encoder's weights")
    return parser


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name, help=what, description=what, epilog=EXAMPLES[name], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _search(args: argparse.Namespace) -> int:
    from indexer.audit import naming_damage
    from indexer.encoders import asked_encoder
    from ranker.errors import QueryError
    from ranker.query import Query
    from ranker.ranking import Failure
    from ranker.render import render, to_record
    from ranker.search import Searcher

    query = Query(
        args.query,
        args.k,
        filters_of(args),
        profile=args.profile,
        overlay=overlay_of(args),
        diversity=args.diversity,
        rerank=args.rerank if args.rerank is not None else RERANK if args.cross_encoder else 0,
        rerank_ms=args.rerank_ms,
        impact=args.impact if args.impact is not None else IMPACT if args.citations else 0.0,
        feedback=args.feedback,
        recency=args.recency,
    )
    encoder = asked_encoder(args.encoder, args.device, args.weights)
    with ExitStack() as stack:
        searcher = stack.enter_context(
            Searcher.open(
                args.index,
                authority=args.authority,
                encoder=encoder,
                calibration=args.calibration,
                policies=args.policy,
                as_of=args.as_of,
                delta=args.delta,
                device=args.device,
                cross_encoder=args.cross_encoder,
                citations=args.citations,
            )
        )
        stack.enter_context(naming_damage(searcher.path, searcher.pinned.index.manifest))
        (ranking,) = searcher.search([query])
    if isinstance(ranking, Failure):
        raise QueryError(ranking.message)
    print(orjson.dumps(to_record(ranking)).decode() if args.json else render(ranking, args.explain))
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    return evaluate_verb.run(args)


def _compare(args: argparse.Namespace) -> int:
    from ranker.collection import read_qrels
    from ranker.runs import interval, measure, read_run

    qrels = read_qrels(args.qrels)
    a, b = (measure(_judged(read_run(path), path, qrels), qrels) for path in (args.run_a, args.run_b))
    rows = {name: {"a": interval(a[name]), "b": interval(b[name]), "b-a": interval(b[name] - a[name])} for name in a}
    if args.json:
        print(orjson.dumps({name: {k: v._asdict() for k, v in row.items()} for name, row in rows.items()}).decode())
        return 0
    print(f"a = {args.run_a}\nb = {args.run_b}\n{len(qrels)} judged queries\n\n{'measure':<10}{'a':>24}{'b':>24}{'b - a':>28}")
    for name, row in rows.items():
        sure = len(qrels) >= MIN_QUERIES and not row["b-a"].low <= 0 <= row["b-a"].high
        verdict = "  significant" if sure else ""
        print(f"{name:<10}{span(row['a']):>24}{span(row['b']):>24}{span(row['b-a'], '+'):>28}{verdict}")
    return 0


def _judged(run: Run, path: Path, qrels: Qrels) -> Run:
    from ranker.errors import EvaluationError

    if run.keys().isdisjoint(qrels):
        raise EvaluationError(f"run {path} has no query that is judged; are these its qrels?")
    return run


def _calibrate(args: argparse.Namespace) -> int:
    from ranker.calibrate_verb import run

    return run(args)


def _citations(args: argparse.Namespace) -> int:
    from indexer.corpus import read_corpus
    from indexer.durable import write_durably
    from ranker.citations import count_citations, written

    counts = count_citations(document for corpus in args.corpora for document in read_corpus(corpus))
    write_durably(args.out, written(counts))
    known = sum(count > 0 for count in counts.values())
    if args.json:
        print(orjson.dumps({"documents": len(counts), "cited": known, "citations": sum(counts.values())}).decode())
    else:
        print(f"{len(counts):,} documents, {known:,} of them cited, {sum(counts.values()):,} citations\nwrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
