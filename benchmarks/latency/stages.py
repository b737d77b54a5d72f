"""Where does the time of one search go?

The stages of the read path, each timed on the same queries through the functions that the searcher itself calls.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from statistics import median

import numpy as np

from benchmarks.result import Parameters, Result
from ranker.bm25 import LexicalQuery, bm25, title_bm25_of_each
from ranker.query import Query
from ranker.rank import rank
from ranker.retrieve import DEPTH, by_words
from ranker.search import Searcher
from ranker.stopwatch import Stopwatch

STAGES = ("encode", "lexical", "dense", "features", "rank", "hits")
"""Query into vector; tantivy's candidates; FAISS's candidates; exact BM25 and cosine of all; score, collapse and settle; what is
shown of the first k: records read, passages, marked words, reasons."""


def stages(searcher: Searcher, queries: Sequence[str], length: str, parameters: Parameters) -> Iterator[Result]:
    """One result per stage: the median of its milliseconds, and its share of their sum."""
    asked = [_one(searcher, Query(text)) for text in queries]
    taken = [stages for stages, _ in asked]
    middle = {stage: median(t[stage] for t in taken) * 1000 for stage in STAGES if stage in taken[0]}
    total = sum(middle.values())
    for stage, milliseconds in middle.items():
        yield Result(
            "latency",
            f"stage {stage}, {length}, batch 1",
            milliseconds,
            "ms",
            min(t[stage] for t in taken) * 1000,
            max(t[stage] for t in taken) * 1000,
            f"min-max of {len(taken)} queries",
            ratio_to="all stages",
            ratio=milliseconds / total,
            parameters=parameters,
        )
    ranked = [stages["rank"] / count * 1e6 for stages, count in asked]
    yield Result(
        "latency",
        f"rank, {length}, batch 1",
        median(ranked),
        "us/candidate",
        min(ranked),
        max(ranked),
        f"min-max of {len(ranked)} queries",
        parameters={**parameters, "candidates": median(count for _, count in asked)},
    )


def _one(searcher: Searcher, query: Query) -> tuple[dict[str, float], int]:
    """Seconds of each stage that the snapshot has, and how many candidates there were."""
    pinned, clock = searcher.pinned, time.perf_counter
    index, model = pinned.index, pinned.calibration
    marks = [("", clock())]
    if pinned.encoder:
        vectors = pinned.encoder.encode([query.text], "query")
        marks.append(("encode", clock()))
    parsed = LexicalQuery.parse(query.text, index)
    by_words(index, parsed, DEPTH, None, partial(bm25, parsed, index, k1=model.k1, b=model.b))
    marks.append(("lexical", clock()))
    if pinned.encoder:
        index.dense_candidates(vectors, DEPTH)
        marks.append(("dense", clock()))
    (candidates,) = searcher.candidates([query], pinned)  # what the next two work on; not timed
    marks.append(("", clock()))
    bm25(parsed, index, candidates.passages, model.k1, model.b)
    title_bm25_of_each([parsed], index, np.unique(candidates.documents), model.k1, model.b)
    if pinned.encoder:
        index.cosines(candidates.passages, vectors[0])
    marks.append(("features", clock()))
    watch = Stopwatch()
    rank([query], [candidates], pinned, watch)
    spent = {name: at - before for (_, before), (name, at) in pairwise(marks) if name}
    return spent | {name: ms / 1000 for name, ms in watch.stages}, len(candidates.passages)
