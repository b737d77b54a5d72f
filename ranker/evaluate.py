"""How well does each way of ranking do on a judged collection?

One retrieval per query feeds every system, so they differ in ranking alone: each leg by itself, their reciprocal rank fusion, the
log-odds model, and that with authority.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.build import build
from indexer.encoders import Encoder
from indexer.encoders.cache_root import cache_root
from indexer.errors import BuildError, IndexOpenError
from indexer.progress import Progress
from indexer.segment import vectors_folder
from ranker.collection import Collection
from ranker.fitted import caution, fitted_queries
from ranker.fusion import reciprocal_rank_fusion
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.retrieve import Candidates
from ranker.runs import MEASURES, Interval, Run, interval, measure
from ranker.search import Searcher
from ranker.settle import Collapsed, collapse, settle
from ranker.trust import values

DEPTH = 100
"""Documents per query in a run."""
BATCH = 32


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What every system reached on one collection."""

    collection: str
    split: str
    queries: int
    snapshot: str
    calibration: str
    authority_version: str
    delta: float
    """What full authority adds, in log-odds."""
    runs: dict[str, Run]
    measures: dict[str, dict[str, Interval]]
    """system -> measure -> mean with interval."""
    vs_bm25: dict[str, dict[str, Interval]]
    """The same of the paired difference to the bm25 system."""
    changed_by_authority: int
    """Queries whose top 10 documents differ, in set or order, once authority takes part."""
    fitted_on: int
    """Queries that the weights were fitted on."""
    caution: str
    """The same in words, with the way out; empty where there are none."""


def index_collection(collection: Collection, encoder: Encoder | None, force: bool = False) -> Path:
    """The collection's index for this encoder (None: lexical) in the cache folder, built if it is not there."""
    key = hashlib.sha256(str(collection.path.resolve()).encode()).hexdigest()[:8]
    folder = cache_root() / "collections" / f"{collection.name}-{key}"
    if force or not any((folder / "corpus").glob("*.zst")):
        collection.write_corpus(folder / "corpus")
    index = folder / (vectors_folder(encoder.fingerprint) if encoder else "lexical")
    try:
        build([folder / "corpus"], index, encoder, force=force)
    except (BuildError, IndexOpenError):  # of another release, or damaged: it is only a cache
        shutil.rmtree(index, ignore_errors=True)
        build([folder / "corpus"], index, encoder)
    return index


def evaluate(
    collection: Collection,
    searcher: Searcher,
    measures: tuple[str, ...] = MEASURES,
    each: Callable[[str, Candidates], None] = lambda _query, _candidates: None,
) -> Evaluation:
    """Run every system over the collection's queries and measure it; `each` is given every query's candidates as well."""
    pinned = searcher.pinned
    runs: dict[str, Run] = {}
    with Progress(f"searching {collection.name}", "queries", len(collection.queries)) as progress:
        for ids in _batches(list(collection.queries)):
            found = searcher.candidates([Query(collection.queries[i]) for i in ids], pinned)
            for query_id, candidates in zip(ids, found, strict=True):
                each(query_id, candidates)
                for system, ranking in rankings(candidates, pinned).items():
                    runs.setdefault(system, {})[query_id] = ranking[:DEPTH]
            progress.advance(len(ids))
    values_of = {system: measure(run, collection.qrels, measures) for system, run in runs.items()}
    return Evaluation(
        collection=collection.name,
        split=collection.split,
        queries=len(collection.queries),
        snapshot=pinned.index.manifest.snapshot,
        calibration=pinned.calibration.version,
        authority_version=pinned.trusted.version,
        delta=pinned.delta,
        runs=runs,
        measures={s: {m: interval(v) for m, v in per.items()} for s, per in values_of.items()},
        vs_bm25={
            s: {m: interval(v - values_of["bm25"][m]) for m, v in per.items()} for s, per in values_of.items() if s != "bm25"
        },
        changed_by_authority=_changed(runs),
        fitted_on=len(fitted_queries(collection, pinned.calibration.data)),
        caution=caution(collection, pinned.calibration.data),
    )


def rankings(candidates: Candidates, pinned: Pinned) -> dict[str, list[tuple[str, float]]]:
    """One query's documents as every system orders them."""
    documents = collapse(candidates, pinned.calibration.log_odds(candidates))
    ids = pinned.index.ids(documents.documents)
    authority = values(pinned.trusted.of_documents(documents.documents))
    by_bm25 = _best(candidates, documents, candidates.bm25)
    systems = {"bm25": _ordered(by_bm25, ids)}
    if pinned.encoder:
        systems["dense"] = _ordered(_best(candidates, documents, candidates.cosine), ids)
        legs = [[d for d, _ in systems[leg]] for leg in ("bm25", "dense")]
        systems["rrf"] = reciprocal_rank_fusion(legs)
        systems["hybrid"] = _ordered(documents.relevance, ids, documents.named(candidates))
    settled = settle(documents.relevance, authority, ids, pinned.delta, documents.named(candidates))
    scores = documents.relevance + pinned.delta * authority
    name = "hybrid+authority" if pinned.encoder else "bm25+authority"
    systems[name] = [(ids[row], float(scores[row])) for row in settled.tolist()]
    return systems


def _best(candidates: Candidates, documents: Collapsed, feature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each document's highest value of one feature over its candidate passages."""
    best = np.full(len(documents.documents), -np.inf)
    np.maximum.at(best, np.searchsorted(documents.documents, candidates.documents), feature)
    return best


def _ordered(scores: NDArray[np.float64], ids: list[str], first: NDArray[np.bool_] | None = None) -> list[tuple[str, float]]:
    order = settle(scores, np.zeros(len(ids)), ids, 0.0, first)
    return [(ids[row], float(scores[row])) for row in order.tolist()]


def _changed(runs: dict[str, Run]) -> int:
    off, on = ("hybrid", "hybrid+authority") if "hybrid" in runs else ("bm25", "bm25+authority")
    return sum([d for d, _ in runs[off][q][:10]] != [d for d, _ in runs[on][q][:10]] for q in runs[off])


def _batches(ids: list[str]) -> Iterator[list[str]]:
    source = iter(ids)
    while batch := list(islice(source, BATCH)):
        yield batch
