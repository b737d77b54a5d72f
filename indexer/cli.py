"""The command line of the indexer room: build, encode, inspect, verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from indexer import life_cli, plan_cli
from indexer.dense.layout import LAYOUTS, Layout
from indexer.mix import MIXES, SMALL

if TYPE_CHECKING:
    from indexer.build import BuildReport

EXAMPLES = {
    "build": "example:\n  stepwell indexer build corpus/acl --index index/acl\n"
    "  stepwell indexer build corpus/acl corpus/docs --index index/all --dense none",
    "add": "example:\n  stepwell indexer add corpus/acl corpus/docs --index index/all\n\n"
    "Only what is new or changed is indexed and encoded; what the corpora say is withdrawn is deleted.",
    "encode": "example:\n  stepwell indexer encode --index index/acl\n\nStopped in between, it goes on where it was.",
    "inspect": "example:\n  stepwell indexer inspect --index index/acl",
    "verify": "example:\n  stepwell indexer verify --index index/acl      # exit code 1 if any file is not what was committed\n\n"
    "Reads the files of every generation on disk, the held ones too.",
    **life_cli.EXAMPLES,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    args = _parser().parse_args(argv)
    verbs = {
        "build": _build,
        "add": _add,
        "encode": _encode,
        "inspect": _inspect,
        "verify": _verify,
        "plan": plan_cli.plan,
        **life_cli.VERBS,
    }
    return verbs[args.verb](args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stepwell indexer", description="Corpora into an index.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    build = _verb(verbs, "build", "index corpora and commit a generation")
    build.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS", help="corpus directories")
    build.add_argument(
        "--dense",
        metavar="MODEL|none",
        help="same as --encoder; none builds a lexical index at once, `encode` adds vectors later",
    )
    build.add_argument("--force", action="store_true", help="build again although nothing changed")
    build.add_argument("--limit", type=_positive, metavar="N", help="index the first N documents only")
    build.add_argument("--salvage", action="store_true", help="index what can be read of damaged corpora")
    build.add_argument("--segments", type=_positive, default=1, metavar="N", help="write N segments with N processes (default 1)")
    build.add_argument("--strict", action="store_true", help="exit code 1 if any record was set aside")
    build.add_argument(
        "--detect-language", action="store_true", help="tell the language of documents that say none from their words"
    )
    add = _verb(verbs, "add", "index only what is new or changed")
    add.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS", help="corpus directories")
    add.add_argument("--strict", action="store_true", help="exit code 1 if any record was set aside")
    merge = life_cli.add_verbs(partial(_verb, verbs), _positive)
    for verb in (build, add, merge):
        verb.add_argument(
            "--mix",
            choices=MIXES,
            default="small",
            help=f"which collections share a segment: those of fewer than {SMALL:,} documents (default), all, or none",
        )
    encode = _verb(verbs, "encode", "add vectors to an index, or change their encoder")
    for verb in (build, add, encode):
        verb.add_argument(
            "--encoder", metavar="MODEL", help="default all-MiniLM-L6-v2 on the CPU; any other by sentence-transformers"
        )
        verb.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where the encoder runs (default cpu)")
        verb.add_argument("--weights", type=Path, metavar="DIR", help="a directory with the encoder's weights")
    for verb in (build, encode, merge):
        verb.add_argument(
            "--layout",
            choices=("auto", *LAYOUTS),
            default="auto",
            help="structure over the vectors (default auto: exact up to 50,000 passages a segment, then ivf-rabitq)",
        )
    plan_cli.add_verb(verbs)
    _verb(verbs, "inspect", "what an index holds")
    _verb(verbs, "verify", "read every file and compare checksums")
    return parser


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name, help=what, description=what, epilog=EXAMPLES[name], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR", help="the index directory")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _layout(args: argparse.Namespace) -> Layout | None:
    return None if args.layout == "auto" else args.layout


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:50]} is not a positive number")
    return int(text)


def _build(args: argparse.Namespace) -> int:
    if args.segments > 1:
        from indexer.processes import start_early

        start_early()
    from indexer.build import build
    from indexer.encoders import DEFAULT_ENCODER, load_encoder
    from indexer.languages import DETECTOR

    if args.dense and args.encoder:
        print("stepwell indexer build: --dense and --encoder say the same; give one", file=sys.stderr)
        return 2
    name = args.dense or args.encoder or DEFAULT_ENCODER
    encoder = None if name == "none" else load_encoder(name, args.device, args.weights)
    report = build(
        args.corpora,
        args.index,
        encoder,
        force=args.force,
        limit=args.limit,
        segments=args.segments,
        salvage=args.salvage,
        layout=_layout(args),
        mix=args.mix,
        languages=DETECTOR if args.detect_language else "",
    )
    _print_report(args, report)
    return 1 if args.strict and report.set_aside else 0


def _encode(args: argparse.Namespace) -> int:
    from indexer.build import encode
    from indexer.encoders import DEFAULT_ENCODER, load_encoder

    encoder = load_encoder(args.encoder or DEFAULT_ENCODER, args.device, args.weights)
    _print_report(args, encode(args.index, encoder, _layout(args)))
    return 0


def _add(args: argparse.Namespace) -> int:
    from indexer.encoders import load_encoder
    from indexer.generation import current
    from indexer.update import add

    name = args.encoder or current(args.index).encoder
    encoder = load_encoder(name, args.device, args.weights) if name and name != "none" else None
    changes = add(args.corpora, args.index, encoder, args.mix)
    life_cli.print_changes(args, changes)
    return 1 if args.strict and changes.report.set_aside else 0


def _print_report(args: argparse.Namespace, report: BuildReport) -> None:
    manifest = report.manifest
    if args.json:
        record = {
            "snapshot": manifest.snapshot, "fresh": report.fresh, "resumed": report.resumed, "documents": manifest.documents,
            "passages": manifest.passages, "encoder": manifest.encoder, "set_aside": dict(report.set_aside),
            "lexical_seconds": round(report.lexical_seconds, 3), "encode_seconds": round(report.encode_seconds, 3),
            "cached_vectors": report.cached_vectors,
        }  # fmt: skip
        print(orjson.dumps(record).decode())
        return
    what = f"{manifest.documents:,} documents, {manifest.passages:,} passages, encoder {manifest.encoder or 'none'}"
    if not report.fresh:
        print(f"up to date: generation {manifest.snapshot}, {what}")
        return
    times = [f"indexed in {report.lexical_seconds:.1f} s"] if report.lexical_seconds else []
    if report.resumed:
        times.append("took over a finished segment of an interrupted build")
    if report.encode_seconds:
        times.append(f"encoded in {report.encode_seconds:.1f} s ({report.cached_vectors:,} vectors from the cache)")
    if report.dropped_encoder:
        print(
            f"note: the vectors of {report.dropped_encoder} are gone; `stepwell indexer encode` makes them again", file=sys.stderr
        )
    life_cli.say_unread(args.index)
    reasons = ", ".join(f"{reason} {n:,}" for reason, n in report.set_aside.most_common())
    aside = f"{report.set_aside.total():,} set aside" + (f" ({reasons})" if reasons else "")
    print(f"committed generation {manifest.snapshot}: {what}; {aside}; {', '.join(times)}")


def _inspect(args: argparse.Namespace) -> int:
    from indexer.index import Index

    with Index.open(args.index) as index:
        manifest = index.manifest
    size = sum(f.bytes for s in manifest.segments for f in s.files.values())
    rows = {
        "snapshot": manifest.snapshot,
        "created": manifest.created,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "segments": len(manifest.segments),
        "analyzer": manifest.analyzer,
        "languages": manifest.languages or "as stated",
        "encoder": manifest.encoder or "none",
        "dim": manifest.dim,
        "bytes": size,
        "bytes_per_passage": round(size / max(manifest.passages, 1)),
    }
    collections = manifest.collections
    if args.json:
        print(orjson.dumps(rows | {"collections": [asdict(c) for c in collections]}).decode())
        return 0
    for name, value in rows.items():
        print(f"{name.replace('_', ' '):<18} {value:,}" if isinstance(value, int) else f"{name:<18} {value}")
    width = max(10, *(len(c.collection) for c in collections))
    print(f"\n{'collection':<{width}}{'documents':>12}{'passages':>12}  last added")
    for c in collections:
        print(f"{c.collection or '(none)':<{width}}{c.documents:>12,}{c.passages:>12,}  {c.added}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from indexer.audit import all_pinned, damaged_files
    from indexer.generation import searchable
    from indexer.restore import unlike_copies

    with all_pinned(args.index) as (manifests, unread):
        if manifests and not unread:
            searchable(args.index, manifests[-1])
        files, damage = damaged_files(args.index, manifests)
        unread_ones = [f"generation {number}: {error}" for number, error in sorted(unread.items())]
        unread_ones += unlike_copies(args.index)
    broken = [*unread_ones, *map(str, damage)]
    numbers = [manifest.number for manifest in manifests]
    if args.json:
        snapshot = manifests[-1].snapshot if manifests else ""
        record = {"snapshot": snapshot, "generations": numbers, "files": files, "broken": broken}
        print(orjson.dumps(record).decode())
        return 1 if broken else 0
    for line in broken:
        print(f"stepwell indexer: {line}", file=sys.stderr)
    which = f"generation{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers)) or 'none'}"
    if broken:
        said = [f"{len(damage)} of {files} files", *([f"{len(unread_ones)} manifests or holds"] if unread_ones else [])]
        print(f"{which}: {' and '.join(said)} damaged; run: stepwell indexer repair --index {args.index}")
    else:
        print(f"{which}: all {files} files are what was committed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
