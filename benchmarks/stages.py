"""What do the optional stages of the ranker gain, and what do they cost?

    stepwell bench stages --collections ../shared/data/collections/sci30k

Each stage alone, on the default ranking: nDCG@10 with the paired difference, and milliseconds a query. Counts of citations are
those that a collection's documents carry (`metadata.citations`); without any, impact is left out. A cross-encoder is measured
where one is named; its cost is measured in any case, on a model of the usual size (six layers, 384 wide) whose classifier is
random, which says nothing about what it would gain.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Parameters, Result
from benchmarks.table import table
from indexer.encoders import Encoder, load_encoder
from indexer.encoders.minilm import SHAPE
from indexer.encoders.weights import MODEL, TOKENIZER, find_weights
from ranker.citations import Citations
from ranker.collection import Collection
from ranker.cross import CrossEncoder, Reader, load_cross_encoder
from ranker.evaluate import index_collection
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.relevance import CROSS
from ranker.runs import Run, interval, measure
from ranker.search import Searcher

MEASURE = "nDCG@10"
BASE = "default"
STAGES: Mapping[str, Mapping[str, float]] = {
    BASE: {},
    "impact 0.1": {"impact": 0.1},
    "impact 0.2": {"impact": 0.2},
    "impact 0.3": {"impact": 0.3},
    "feedback 0.2": {"feedback": 0.2},
    "feedback 0.4": {"feedback": 0.4},
    "diversity 0.5": {"diversity": 0.5},
    "diversity 1": {"diversity": 1.0},
}
READ = 30
"""Documents that a cross-encoder reads."""
MADE_QUERIES = 20
"""Queries on which the made model's cost is measured."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and append rows."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="stepwell bench stages", description=__doc__.splitlines()[0])
    parser.add_argument("--collections", nargs="+", required=True, metavar="DIR", help="DIR, DIR:SPLIT, DIR:SPLIT#1/2")
    parser.add_argument("--cross-encoder", type=Path, metavar="DIR", help="a calibrated model to measure, too")
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE")
    args = parser.parse_args(argv)
    ledger, encoder = Ledger(args.out, ["stages", *argv]), load_encoder()
    results = []
    for name in args.collections:
        for result in stages(Collection.named(name), encoder, args.cross_encoder):
            ledger.add(result)
            results.append(result)
    print(table(results))
    return 0


def stages(collection: Collection, encoder: Encoder, cross_encoder: Path | None) -> Iterator[Result]:
    """Every stage on the collection, in both wordings where its queries have two; then what reading costs."""
    counts = counts_of(collection)
    with Searcher.open(index_collection(collection, encoder), authority="off", encoder=encoder) as searcher:
        pinned = replace(searcher.pinned, citations=counts or None)
        known: Parameters = {"documents": pinned.index.manifest.documents, "with_citations": len(counts)}
        settings = {name: options for name, options in STAGES.items() if counts or "impact" not in options}
        if cross_encoder:
            pinned = replace(pinned, reader=Reader.open(cross_encoder))
            settings[f"rerank {READ}, {cross_encoder.name}"] = {"rerank": READ}
        for asked in (collection, *collection.prompted()):
            yield from _gains(asked, searcher, pinned, settings, known)
        with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
            yield _cost(collection, searcher, pinned, load_cross_encoder(made_cross_encoder(Path(work, "made"))))


def counts_of(collection: Collection) -> Citations:
    """Citations by document, where its record in the collection says so."""
    counts = {}
    for record in collection.records():
        metadata = record.get("metadata")
        said = metadata.get("citations") if isinstance(metadata, dict) else None
        if isinstance(said, int) and said >= 0:
            counts[str(record["_id"])] = said
    return counts


def made_cross_encoder(folder: Path) -> Path:
    """The default encoder's layers with a random classifier: the cost of a cross-encoder of its size."""
    from safetensors.numpy import load, save_file

    weights = find_weights()
    folder.mkdir()
    tensors = {name: value for name, value in load(weights.read(MODEL)).items() if value.dtype == np.float32}
    hidden = tensors["pooler.dense.weight"].shape[0]
    chance = np.random.default_rng(5).normal(size=(1, hidden)).astype(np.float32)
    save_file(tensors | {"classifier.weight": chance, "classifier.bias": np.zeros(1, np.float32)}, folder / MODEL)
    shutil.copyfile(weights.folder / TOKENIZER, folder / TOKENIZER)
    said = {"model_type": "bert", "hidden_act": "gelu", "num_labels": 1, "num_hidden_layers": SHAPE.layers}
    said |= {"num_attention_heads": SHAPE.heads, "max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(said))
    return folder


def _gains(
    asked: Collection, searcher: Searcher, pinned: Pinned, settings: Mapping[str, Mapping[str, float]], known: Parameters
) -> Iterator[Result]:
    runs: dict[str, Run] = {name: {} for name in settings}
    spent: dict[str, list[float]] = {name: [] for name in settings}
    for query, text in asked.queries.items():
        for name, options in settings.items():
            (ranking,) = searcher.search([Query(text, passages=0, rerank_ms=60_000, **options)], pinned)  # type: ignore[arg-type]
            assert isinstance(ranking, Ranking), "a judged query can be answered"
            runs[name][query] = [(hit.doc_id, hit.score) for hit in ranking.hits]
            spent[name].append(sum(ms for stage, ms in ranking.stages if stage in ("rank", "hits", "rerank")))
    values = {name: measure(run, asked.qrels, (MEASURE,))[MEASURE] for name, run in runs.items()}
    for name, value in values.items():
        mean, change = interval(value), interval(value - values[BASE])
        about: Parameters = {
            "split": asked.split, "queries": len(value), "ms": median(spent[name]), "ms_default": median(spent[BASE]),
            "change": change.mean, "change_low": change.low, "change_high": change.high, **known,
        }  # fmt: skip
        told = f"{asked.name} {name}"
        yield Result("stages", told, mean.mean, MEASURE, mean.low, mean.high, "95 % bootstrap", parameters=about)


def _cost(collection: Collection, searcher: Searcher, pinned: Pinned, model: CrossEncoder) -> Result:
    """Milliseconds for each document that is read."""
    weights = replace(pinned.calibration, features=CROSS, weights=(*pinned.calibration.weights, 0.0))
    reading = replace(pinned, reader=Reader(model, weights))
    taken = []
    for text in list(collection.queries.values())[:MADE_QUERIES]:
        (ranking,) = searcher.search([Query(text, passages=0, rerank=READ, rerank_ms=60_000)], reading)
        assert isinstance(ranking, Ranking), "a judged query can be answered"
        taken.append(dict(ranking.stages)["rerank"] / READ)
    about: Parameters = {"read": READ, "queries": len(taken), "layers": SHAPE.layers}
    return Result(
        "stages", f"{collection.name} rerank, made model", median(taken), "ms a document", min(taken), max(taken),
        f"min-max of {len(taken)} queries", parameters=about,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
