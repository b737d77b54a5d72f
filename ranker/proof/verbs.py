"""`stepwell authority audit` and `authority try`: the verbs that need a ranking to judge a table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from ranker.proof.audit import Audit
    from ranker.proof.exposure import Exposure
    from ranker.proof.pool import Pools
    from ranker.proof.query_log import QueryLog
    from ranker.proof.trial import Tried
    from ranker.search import Searcher

SHOWN = 20
"""Queries that are printed one by one; --json has all."""

EXAMPLES = {
    "audit": "example:\n  stepwell authority audit --index index/acl --queries queries.txt\n"
    "  stepwell authority audit --queries ../shared/data/collections/medquad_liveqa",
    "try": "example:\n  stepwell authority try set who.int --tier established --index index/acl --queries queries.txt\n"
    "  stepwell authority try tag who.int --add children --index index/acl --queries queries.txt\n"
    "  stepwell authority try mine.tsv --queries ../shared/data/collections/medquad_liveqa",
}


def main(argv: Sequence[str]) -> int:
    """Run one verb; returns the exit code."""
    args = _parser().parse_args(argv)
    code: int = args.run(args)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("stepwell authority", description="What a table does to rankings.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    raw = argparse.RawDescriptionHelpFormatter

    def verb(name: str, what: str) -> argparse.ArgumentParser:
        this = verbs.add_parser(name, help=what, description=what, epilog=EXAMPLES[name], formatter_class=raw)
        this.add_argument(
            "--queries",
            required=True,
            metavar="FILE|COLLECTION",
            help="a query log; or a judged collection: PATH, PATH:SPLIT, or a part of its queries, PATH:SPLIT#1/2",
        )
        this.add_argument("--qrels", type=Path, metavar="FILE", help="judgements of the log's queries; others are then left out")
        this.add_argument("--split", default="test", help="which qrels of a collection (default test)")
        this.add_argument("--index", type=Path, metavar="DIR", help="the index (default for a collection: the one in the cache)")
        this.add_argument(
            "--table", metavar="FILE", help="a table file, shipped or sample (default: yours, else the shipped one)"
        )
        this.add_argument(
            "--delta", type=_delta, metavar="X", help="width of a near tie to try, 0 to 1 (default: the one in force)"
        )
        this.add_argument("--encoder", metavar="MODEL|none", help="default: the index's own")
        this.add_argument("--json", action="store_true", help="print the result as JSON")
        return this

    verb("audit", "measure the echo chamber: whom the table shows and hides on an index and a query log").set_defaults(run=_audit)
    this = verb("try", "show what a change of the table would do, before it is saved")
    this.add_argument(
        "change", nargs="+", metavar="CHANGE", help="a table file; or: add, set, tag or remove KEY, with the options of that verb"
    )
    _change_options(this)
    this.set_defaults(run=_try)
    return parser


def _change_options(this: argparse.ArgumentParser) -> None:
    from authority.tiers import TIERS

    this.add_argument("--tier", choices=TIERS, help="of add and set")
    this.add_argument("--evidence", help="of add and set; without it the entry keeps its evidence, topics and note")
    this.add_argument("--topics", metavar="A,B", help="of add and set")
    this.add_argument("--note", help="of add and set")
    this.add_argument("--add", metavar="A,B", default="", help="of tag")
    this.add_argument("--drop", metavar="A,B", default="", help="of tag")
    for name in ("--why", "--who"):
        this.add_argument(name, help="taken as the verb takes it; nothing is signed, because nothing is saved")


def _delta(text: str) -> float:
    if not 0 <= (value := float(text)) <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not in 0..1")
    return value


def _audit(args: argparse.Namespace) -> int:
    from authority.tables import load_table
    from ranker.proof.audit import audit

    log = _log(args)
    with _searcher(args) as searcher:
        found = audit(_pools(args, log, searcher), searcher.pinned.index, load_table(args.table), searcher.pinned.trusted.version)
    _print(args, asdict(found), audit_in_words(found))
    return 0


def _try(args: argparse.Namespace) -> int:
    from authority.errors import TableError
    from authority.tables import load_table
    from ranker.proof.trial import Wording, attempt, changed_table

    table = load_table(args.table)
    if table is None:
        raise TableError("off switches authority off and cannot be changed; name a table")
    wording = Wording(args.tier, args.evidence, args.topics, args.note, args.add, args.drop)
    changed, log = changed_table(table, args.change, wording), _log(args)
    with _searcher(args) as searcher:
        found = attempt(_pools(args, log, searcher), searcher.pinned.index, table, changed)
    _print(args, asdict(found), trial_in_words(found))
    return 0


def _print(args: argparse.Namespace, record: object, lines: Iterator[str]) -> None:
    print(orjson.dumps(record, default=lambda interval: interval._asdict()).decode() if args.json else "\n".join(lines))


def _log(args: argparse.Namespace) -> QueryLog:
    """Before an index is opened or made: a name that is wrong is told at once."""
    from ranker.proof.query_log import QueryLog

    log = QueryLog.read(args.queries, args.qrels, args.split).judged_only()
    for fault in log.set_aside:
        print(f"set aside: {fault}", file=sys.stderr)
    return log


def _searcher(args: argparse.Namespace) -> Searcher:
    from indexer.encoders import DEFAULT_ENCODER, load_encoder
    from ranker.errors import EvaluationError
    from ranker.evaluate import index_collection
    from ranker.proof.query_log import collection_named
    from ranker.search import Searcher

    encoder = load_encoder(args.encoder) if args.encoder not in (None, "none") else None
    if args.index is None:
        if (collection := collection_named(args.queries, args.split)) is None:
            raise EvaluationError("a query log needs an index; give --index DIR")
        encoder = encoder or (None if args.encoder == "none" else load_encoder(DEFAULT_ENCODER))
        args.index = index_collection(collection, encoder)
    return Searcher.open(args.index, authority=args.table, encoder=encoder)


def _pools(args: argparse.Namespace, log: QueryLog, searcher: Searcher) -> Pools:
    from ranker.proof.pool import gather

    return gather(log.name, log.queries, log.qrels, searcher, args.delta)


def audit_in_words(found: Audit) -> Iterator[str]:
    """The audit as tables for people."""
    places = sum(group.on for group in found.languages)
    yield f"{found.log}: {found.queries} queries, {places:,} places in their top 10, {found.domains:,} domains among candidates"
    yield f"snapshot {found.snapshot}, authority {found.authority_version}"
    yield f"\n{'':<10}{'listed':>9}{'gini':>8}{'overlap':>9}{'lists changed':>15}{'nDCG@10 - off':>28}{'unlisted relevant':>20}"
    for name, shown in found.exposures.items():
        effect = found.effects.get(name)
        changed = f"{effect.changed:g} of {effect.queries}" if effect else ""
        gain = (
            f"{effect.change.mean:+.4f} [{effect.change.low:+.4f}, {effect.change.high:+.4f}]" if effect and effect.change else ""
        )
        tail = f"{shown.tail_found:g} of {shown.tail_relevant:g}" if found.judged else "not judged"
        gini = "-" if shown.gini is None else f"{shown.gini:.3f}"
        yield f"{name:<10}{shown.listed:>9.1%}{gini:>8}{shown.overlap:>9.3f}{changed:>15}{gain:>28}{tail:>20}"
    for title, groups in (("region of the source", found.regions), ("language of the document", found.languages)):
        yield f"\n{title:<28}{'off':>8}{'on':>8}{'listed':>9}"
        yield from (f"{group.group:<28}{group.off:>8}{group.on:>8}{group.listed:>9}" for group in groups)
    if found.judged:
        total = sum(map(len, found.lost.values()))
        yield f"\nrelevant documents of unlisted sources that authority pushed out of the top 10: {total}"
        yield from (f"  {query}: {', '.join(documents)}" for query, documents in list(found.lost.items())[:SHOWN])


def trial_in_words(found: Tried) -> Iterator[str]:
    """What a change would do, for people."""
    entries = len(found.differences)
    yield f"{entries} {'entry' if entries == 1 else 'entries'} would change, version {found.versions[0]} -> {found.versions[1]}"
    yield f"{len(found.moved)} of {found.queries} queries of {found.log} would change their top 10"
    for moved in found.moved[:SHOWN]:
        gain = f"  nDCG@10 {moved.ndcg:+.4f}" if moved.ndcg is not None else ""
        yield f"\n  {moved.query_id}: {moved.text[:90]}{gain}"
        yield from (f"    {sign} {document}" for sign, ids in (("-", moved.left), ("+", moved.entered)) for document in ids)
        if not moved.entered:
            yield "    the same ten in another order"
    if len(found.moved) > SHOWN:
        yield f"\n  and {len(found.moved) - SHOWN} more; --json has them all"
    if found.change:
        yield f"\nnDCG@10 {found.change.mean:+.5f} [{found.change.low:+.5f}, {found.change.high:+.5f}]"
    yield _exposure("before", found.before)
    yield _exposure("after", found.after)
    yield "nothing was saved"


def _exposure(name: str, shown: Exposure) -> str:
    gini = "" if shown.gini is None else f", gini over domains {shown.gini:.3f}"
    return f"{name:<7}{shown.listed:.1%} of the places on listed sources{gini}"
