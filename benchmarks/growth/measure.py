"""What does one index cost who searches it?

Run in a process of its own, ``python -m benchmarks.growth.measure INDEX QUESTIONS``, so that memory and the first opening are its
own. Prints ``[[name, unit, value], ...]`` as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np
import orjson

from benchmarks.given import GivenVectors
from indexer.encoders import Vectors, load_encoder
from indexer.index import Index
from ranker.bm25 import LexicalQuery, bm25
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.retrieve import DEPTH
from ranker.search import Searcher

OPENINGS = 5
NEAREST = 100
WARM_UP = 30
"""Queries of each kind that are asked before the clock runs: they map what all queries need."""

Figure = tuple[str, str, float]
T = TypeVar("T")


def main() -> None:
    """Measure and print."""
    index, questions = map(Path, sys.argv[1:])
    figures = list(_opening(index))
    asked = [orjson.loads(line) for line in (questions / "questions.jsonl").read_bytes().splitlines()]
    vectors: Vectors = np.load(questions / "questions.npy")
    exact = np.load(questions / f"exact-{index.name}.npy")
    with Index.open(index) as opened:
        figures += _dense(opened, vectors, exact)
        figures += _memory("after dense searches")
        for length in ("short", "long"):
            figures += _lexical(opened, [q["text"] for q in asked if q["length"] == length], length)
    texts = [q["text"] for q in asked]
    given = GivenVectors(load_encoder(), texts, vectors)
    with Searcher.open(index, authority="shipped", encoder=given) as searcher:
        for length in ("short", "long"):
            figures += _hybrid(searcher, [q["text"] for q in asked if q["length"] == length], length)
    figures += _memory("after all searches")
    print(json.dumps(figures))


def _opening(index: Path) -> Iterator[Figure]:
    yield from _memory("before opening")
    seconds = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        Index.open(index).close()
        seconds.append(time.perf_counter() - began)
    yield "opening, first", "s", seconds[0]
    yield "opening, again", "s", median(seconds[1:])
    with Index.open(index):
        yield from _memory("open")


def _dense(index: Index, vectors: Vectors, exact: np.ndarray) -> Iterator[Figure]:
    """Latency at the depth of a search; recall of the NEAREST best of what is proposed at that depth."""
    hits = 0
    for row, query in enumerate(vectors):
        (found,) = index.dense_candidates(query[None], NEAREST)
        best = found[np.argsort(-index.cosines(found, query), kind="stable")[:NEAREST]]
        hits += len(np.intersect1d(best, exact[row]))
    yield f"recall@{NEAREST}", "of exact", hits / exact.size
    yield from _percentiles("dense", lambda row: index.dense_candidates(vectors[row : row + 1], DEPTH), range(len(vectors)))


def _lexical(index: Index, texts: Sequence[str], length: str) -> Iterator[Figure]:
    """Candidates and their exact BM25."""

    def search(text: str) -> None:
        query = LexicalQuery.parse(text, index)
        exact = partial(bm25, query, index, k1=1.5, b=0.75)
        exact(index.lexical_candidates(query.proposal.terms, DEPTH, None, exact, query.proposal.weights))

    yield from _percentiles(f"lexical, {length}", search, texts)


def _hybrid(searcher: Searcher, texts: Sequence[str], length: str) -> Iterator[Figure]:
    """Whole answers, the query's vector given."""

    def search(text: str) -> None:
        (outcome,) = searcher.search([Query(text)])
        assert isinstance(outcome, Ranking), f"{text!r} was not answered: {outcome}"

    yield from _percentiles(f"hybrid, {length}", search, texts)


def _percentiles(name: str, ask: Callable[[T], object], asked: Sequence[T]) -> Iterator[Figure]:
    for item in asked[:WARM_UP]:
        ask(item)
    milliseconds = []
    for item in asked:
        began = time.perf_counter()
        ask(item)
        milliseconds.append((time.perf_counter() - began) * 1000)
    for percent in (50, 99):
        yield f"{name}, p{percent}", "ms", float(np.percentile(milliseconds, percent))


def _memory(when: str) -> Iterator[Figure]:
    """Memory of this process: its own, and pages of mapped files, which the system can take back."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    for key, name in (("RssAnon", "own"), ("RssFile", "mapped")):
        yield f"memory {when}, {name}", "MB", int(status[key].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    main()
