"""How good are the rankings, with and without each part, and what does authority do to them?

Every system that ranker.evaluate knows, on judged collections in the BEIR layout: one result per system and measure, the paired
difference of the hybrid to each of the others, and for every kind of authority table what it did to the lists. Classes of queries
(`ds_`, `rb_`) are reported apart. The shipped table is used, not that of the user, so that anybody gets the same figures.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import write_sample
from benchmarks.lucene_run import lucene_runs
from benchmarks.machine import ROOT
from benchmarks.result import Parameters, Result
from indexer.build import build
from indexer.encoders import Encoder
from ranker.collection import Collection, Qrels, read_qrels
from ranker.evaluate import Evaluation, evaluate, index_collection
from ranker.proof.classes import classes_of
from ranker.proof.effect import Effect, effect
from ranker.proof.exposure import Exposure, exposure
from ranker.proof.pool import Pool, Pools, domains_of, pool_of
from ranker.proof.tables import off, tables_for
from ranker.runs import Interval, Run, interval, measure
from ranker.search import Searcher

DATA = Path(os.environ.get("STEPWELL_DATA", ROOT.parent / "shared" / "data"))
"""Real data for benchmarks; the one place that knows where it may lie."""
COLLECTIONS = DATA / "collections"
"""Where judged collections lie on this machine, one folder each."""
SMALL = ("scifact",)
"""Those indexed within minutes on two cores; the others are measured on demand."""
PEER = "bm25"
MEASURE = "nDCG@10"
SYSTEM = "hybrid"
"""What is compared with every other system."""
LEAST = 10
"""Queries that a class needs to be reported apart."""


@dataclass(frozen=True, slots=True)
class Lucene:
    """Where Lucene is, to be ranked with beside ours."""

    environments: Path
    """As `stepwell bench peers --install` makes them."""
    work: Path
    """Its indexes, one folder a collection."""


def quality(
    names: Sequence[str], split: str, encoder: Encoder | None, prompts: bool = False, lucene: Lucene | None = None
) -> Iterator[Result]:
    """Results of every system on each collection (``PATH``, ``PATH:SPLIT#1/2``); its index is kept in the cache folder."""
    for name in names:
        collection = Collection.named(name, split)
        index = index_collection(collection, encoder)
        with Searcher.open(index, authority="shipped", encoder=encoder) as searcher:
            asked = collection.as_prompts() if prompts else collection
            others: dict[str, Run] = {}
            if lucene:
                work = lucene.work / collection.path.resolve().name
                others = dict(lucene_runs(asked.queries, index.parent / "corpus", lucene.environments, work))
            yield from measured(asked, searcher, others)


def measured(collection: Collection, searcher: Searcher, others: Mapping[str, Run] | None = None) -> Iterator[Result]:
    """Quality, differences and authority of one collection, from one retrieval a query; `others` are runs of other engines."""
    found: list[Pool] = []
    pinned = searcher.pinned
    evaluation = evaluate(
        collection,
        searcher,
        each=lambda q, c: found.append(pool_of(q, collection.queries[q], c, pinned, collection.qrels.get(q, {}))),
    )
    yield from results(evaluation)
    for part, qrels in parts_of(collection).items():
        yield from differences(evaluation, part, qrels, others or {})
    pools = Pools(collection.name, tuple(found), collection.qrels, domains_of(found, pinned.index), pinned.delta)
    yield from authority(evaluation, pools)


def quality_of_sample(encoder: Encoder | None) -> Iterator[Result]:
    """The same on the bundled sample, with its own authority table; a test of the machinery and no evidence of quality."""
    import orjson

    folder = ROOT / "crawler" / "sample"
    qrels = read_qrels(folder / "qrels.tsv")
    queries = {q["_id"]: q["text"] for q in map(orjson.loads, (folder / "queries.jsonl").read_bytes().splitlines())}
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        write_sample(Path(work, "corpus"))
        build([Path(work, "corpus")], Path(work, "index"), encoder)
        with Searcher.open(Path(work, "index"), authority="sample", encoder=encoder) as searcher:
            collection = Collection(folder, "sample", "all", {q: queries[q] for q in qrels}, qrels)
            yield from measured(collection, searcher)


def results(evaluation: Evaluation) -> Iterator[Result]:
    """One result per system and measure."""
    e = evaluation
    for system, measures in e.measures.items():
        for name, value in measures.items():
            versus = e.vs_bm25[system][name] if system in e.vs_bm25 else None
            peer = e.measures[PEER][name].mean
            extra: Parameters = {"vs_bm25": versus.mean, "vs_bm25_low": versus.low, "vs_bm25_high": versus.high} if versus else {}
            yield Result(
                "quality",
                f"{e.collection} {system}",
                value.mean,
                name,
                value.low,
                value.high,
                "95 % bootstrap",
                ratio_to=PEER if versus else "",
                ratio=value.mean / peer if versus and peer else None,
                parameters={**_about(e, e.queries), "changed_by_authority": e.changed_by_authority, **extra},
            )


def parts_of(collection: Collection) -> dict[str, Qrels]:
    """The whole, and the classes that ids tell apart (``ds_``) where there is more than one."""
    parts: dict[str, Qrels] = {}
    for query, grades in collection.qrels.items():
        parts.setdefault(classes_of(query, collection.queries[query]).get("prefix", ""), {})[query] = grades
    classes = {f" {name}": part for name, part in sorted(parts.items()) if name and len(part) >= LEAST and len(parts) > 1}
    return {"": collection.qrels, **classes}


def differences(evaluation: Evaluation, part: str, qrels: Qrels, others: Mapping[str, Run]) -> Iterator[Result]:
    """nDCG@10 of every system on some of the queries (all are in `results`), and the hybrid's paired difference to it."""
    e = evaluation
    values = {system: measure(run, qrels, (MEASURE,))[MEASURE] for system, run in {**others, **e.runs}.items()}
    for system, value in values.items():
        if part or system in others:
            yield _row(f"{e.collection}{part} {system}", MEASURE, interval(value), _about(e, len(qrels)))
        if SYSTEM in values and system not in (SYSTEM, f"{SYSTEM}+authority"):
            name = f"{e.collection}{part} {SYSTEM} - {system}"
            yield _row(name, f"{MEASURE}, difference", interval(values[SYSTEM] - value), _about(e, len(qrels)))


def authority(evaluation: Evaluation, pools: Pools) -> Iterator[Result]:
    """What each kind of table does at the delta in force: the change with its interval; lists, gap and exposure as parameters."""
    for name, family in tables_for(pools).items():
        done = effect(name, pools, family)
        shown = [exposure(pools, family[0], listing) for listing in (off(pools), family[0])]
        if done.change:
            about = {**_about(evaluation, len(pools)), **_lists(done, *shown)}
            yield _row(f"{evaluation.collection} authority {name}", f"{MEASURE}, on - off", done.change, about)


def _lists(done: Effect, without: Exposure, shown: Exposure) -> Parameters:
    gini = {} if without.gini is None or shown.gini is None else {"gini_off": without.gini, "gini": shown.gini}
    return {
        "delta": done.delta,
        "draws": done.draws,
        "lists_changed": done.changed,
        "entered": done.entered,
        "worst_gap": done.worst_gap,
        "listed_off": without.listed,
        "listed": shown.listed,
        "overlap": shown.overlap,
        **gini,
    }


def _row(name: str, unit: str, value: Interval, about: Parameters) -> Result:
    return Result("quality", name, value.mean, unit, value.low, value.high, "95 % bootstrap", parameters=about)


def _about(e: Evaluation, queries: int) -> Mapping[str, str | int | float | bool]:
    return {
        "collection": e.collection,
        "split": e.split,
        "queries": queries,
        "snapshot": e.snapshot,
        "calibration": e.calibration,
        "authority": e.authority_version,
    }


def collections_here(everything: bool, split: str) -> list[Path]:
    """The collections of this machine that have that split: the small ones, or all."""
    found = sorted(path.parent.parent for path in COLLECTIONS.glob(f"*/qrels/{split}.tsv"))
    if everything:
        for other in sorted({path.parent.parent for path in COLLECTIONS.glob("*/qrels/*.tsv")} - set(found)):
            print(f"left out {other.name}: it has no split {split!r}", file=sys.stderr)
    return [path for path in found if everything or path.name in SMALL]
