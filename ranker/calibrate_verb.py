"""What does `stepwell ranker calibrate` do and print?"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from ranker.errors import UsageError

if TYPE_CHECKING:
    from indexer.encoders import Encoder
    from ranker.calibrate import Validation
    from ranker.relevance import Calibration

K1, B = 1.5, 0.75
"""BM25's parameters unless others are asked for; the choice is measured in benchmarks/LOG.md."""
READ = 50
"""Documents of each query that a cross-encoder reads to be calibrated: as many as it may well be asked to read later."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the verb takes beside the encoder."""
    parser.add_argument("collections", nargs="*", metavar="COLLECTION", help="PATH, PATH:SPLIT, or a part of it, PATH:SPLIT#1/2")
    parser.add_argument("--split", help="which qrels file where none is named (default train; test for --delta)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the calibration goes")
    parser.add_argument(
        "--delta", nargs="+", metavar="COLLECTION", help="find what full authority may add without harm to these, other queries"
    )
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="weights to find a delta for, where none are fitted")
    parser.add_argument(
        "--cross-encoder", type=Path, metavar="DIR", help="say what the logits of the model in this folder are worth, beside it"
    )
    parser.add_argument(
        "--read", type=int, default=READ, metavar="N", help=f"documents of a query that it reads, 1 to 100 (default {READ})"
    )
    parser.add_argument("--diagram", type=Path, metavar="FILE", help="draw the reliability diagram, .svg or .png")
    parser.add_argument("--name", help="name that answers carry (default: the encoder's, or lexical)")
    parser.add_argument("--k1", type=float, default=K1, help=f"BM25's saturation (default {K1})")
    parser.add_argument("--b", type=float, default=B, help=f"BM25's length normalisation (default {B})")


def run(args: argparse.Namespace) -> int:
    """Fit weights on the named collections, find delta on those of --delta, write both, and say what came out."""
    from indexer.encoders import DEFAULT_ENCODER, load_encoder
    from ranker.cross import CALIBRATION

    if args.cross_encoder and not args.out:
        args.out = args.cross_encoder / CALIBRATION
    if args.cross_encoder and (args.delta or args.encoder == "none" or not 1 <= args.read <= 100):
        raise UsageError("--cross-encoder goes with an encoder, 1 to 100 documents to --read, and the delta of the index")
    if not (args.collections or args.delta):
        raise UsageError(
            "name judged collections to fit weights on, or --delta COLLECTION... to find a delta for those there are"
        )
    if args.collections and (args.calibration or not args.out):
        raise UsageError("weights are fitted into a file of their own: give --out FILE, and no --calibration")
    for file in (args.out, args.diagram):
        if file and not os.access(file.parent, os.W_OK | os.X_OK):
            raise UsageError(f"{file} cannot be written: {file.parent} is no folder that takes files; make it, or name another")
    encoder = None if args.encoder == "none" else load_encoder(args.encoder or DEFAULT_ENCODER, args.device, args.weights)
    if args.delta:
        _check_unseen(args, encoder)
    lines, record = _fit(args, encoder) if args.collections else ([], {})
    if args.delta:
        found, evidence = _find_delta(args, encoder)
        lines, record = [*lines, *found], record | evidence
    if args.out:
        lines += ["", f"wrote {args.out}"]
    print(orjson.dumps(record).decode() if args.json else "\n".join(lines))
    return 0


def _fit(args: argparse.Namespace, encoder: Encoder | None) -> tuple[list[str], dict[str, object]]:
    """Weights, cross-validated and written, with the delta in force; what to print of them."""
    from indexer.durable import write_durably
    from ranker.calibrate import calibrate, cross_validate
    from ranker.collection import Collection
    from ranker.cross import load_cross_encoder
    from ranker.evaluate import index_collection
    from ranker.judged import Read, gather
    from ranker.reliability import draw
    from ranker.search import Searcher

    judged = []
    reading = Read(load_cross_encoder(args.cross_encoder, args.device), args.read) if args.cross_encoder else None
    for collection in [Collection.named(name, args.split or "train") for name in args.collections]:
        with Searcher.open(index_collection(collection, encoder), authority="off", encoder=encoder) as searcher:
            judged.append(gather(collection, searcher, args.k1, args.b, reading))
            pinned = searcher.pinned
    validations = cross_validate(judged)
    named = args.name or "+".join([encoder.name if encoder else "lexical", *([reading.encoder.name] if reading else [])])
    fitted = calibrate(judged, validations, pinned, named, args.k1, args.b, reading.encoder if reading else None)
    write_durably(args.out, fitted.to_json())
    if args.diagram:
        draw({v.name: v.bins for v in validations}, f"{fitted.name}: {fitted.queries} queries, cross-validated", args.diagram)
    lines = _table(fitted, validations)
    if not args.delta:
        lines += [
            "",
            f"delta {fitted.delta:g} is taken over and was not tried with these weights; find one by --delta COLLECTION...",
        ]
    return lines, _record(fitted, validations)


def _check_unseen(args: argparse.Namespace, encoder: Encoder | None) -> None:
    """Raises UsageError where a delta would be found on queries that its weights were fitted on, before anything is fitted."""
    from ranker.collection import Collection
    from ranker.fitted import caution
    from ranker.relevance import Calibration, choose

    if args.collections:
        fitted = [Collection.named(name, args.split or "train") for name in args.collections]
        data = tuple(f"{c.name}/{c.split}" for c in fitted)
    elif args.calibration:
        data = Calibration.load(args.calibration).data
    else:
        data = choose(encoder.fingerprint if encoder else "")[0].data
    for name in args.delta:
        if said := caution(Collection.named(name, args.split or "test"), data):
            raise UsageError(f"a delta is found on queries that no weight has seen: {said}")


def _find_delta(args: argparse.Namespace, encoder: Encoder | None) -> tuple[list[str], dict[str, object]]:
    """The largest delta without harm, put into --out where that is given; what to print of it."""
    from indexer.durable import write_durably
    from ranker.collection import Collection
    from ranker.proof import delta_verb

    collections = [Collection.named(name, args.split or "test") for name in args.delta]
    calibration, choice = delta_verb.choose(collections, encoder, args.out if args.collections else args.calibration)
    if args.out:
        data = tuple(f"{c.name}/{c.split}" for c in collections)
        write_durably(args.out, replace(calibration, delta=choice.delta, delta_data=data).to_json())
    return ["", *delta_verb.in_words(choice)], delta_verb.record(choice)


def _record(fitted: Calibration, validations: Sequence[Validation]) -> dict[str, object]:
    return {
        "calibration": orjson.loads(fitted.to_json()),
        "collections": [asdict(v) | {"bins": [b._asdict() for b in v.bins]} for v in validations],
    }


def _table(fitted: Calibration, validations: Sequence[Validation]) -> list[str]:
    lines = [f"{'coefficient':<34}{'value':>10}", f"{'b0':<34}{fitted.b0:>+10.3f}"]
    lines += [f"{name:<34}{weight:>+10.3f}" for name, weight in zip(fitted.features, fitted.weights, strict=True)]
    lines += ["", f"{'nDCG@10 with weights from':<34}{'queries':>10}{'other queries':>16}{'other collections':>20}{'ECE':>10}"]
    lines += [
        f"{v.name:<34}{v.queries:>10}{v.other_queries:>16.4f}{v.other_collections:>20.4f}{v.error:>10.5f}" for v in validations
    ]
    for v in validations:
        lines += ["", f"{v.name:<34}{'documents':>10}{'predicted':>12}{'relevant':>12}{'judged':>12}"]
        lines += [f"{'':<34}{b.documents:>10,}{b.predicted:>12.4f}{b.observed:>12.4f}{b.judged:>12.4f}" for b in v.bins]
    return lines
