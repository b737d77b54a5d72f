"""What does one index cost who searches it?

Run in a process of its own, ``python -m benchmarks.growth.measure INDEX QUESTIONS PART``, so that memory and the first opening
are its own. Prints ``[[name, unit, value], ...]`` as JSON.

All queries are asked twice. The first time reads from disk what no search has touched yet, and says so in its name; the second is
what a machine takes that holds the index in memory.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

import numpy as np
import orjson

from benchmarks.given import GivenVectors
from indexer.encoders import Vectors, load_encoder
from indexer.index import Index
from indexer.progress import Progress
from ranker.bm25 import LexicalQuery, bm25
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.retrieve import DEPTH, by_words
from ranker.search import Searcher

OPENINGS = 5
NEAREST = 100
K1, B = 1.5, 0.75

Figure = tuple[str, str, float]
T = TypeVar("T")


class Asked(NamedTuple):
    """What is asked of which index."""

    index: Path
    texts: dict[str, list[str]]
    """By their length, ``short`` and ``long``."""
    vectors: Vectors
    """(queries, dim), of the short ones, then of the long ones."""
    exact: np.ndarray
    """(queries, NEAREST) passage numbers."""

    @classmethod
    def read(cls, index: Path, questions: Path) -> Asked:
        """What lies in the folder of questions."""
        lines = [orjson.loads(line) for line in (questions / "questions.jsonl").read_bytes().splitlines()]
        texts = {length: [line["text"] for line in lines if line["length"] == length] for length in ("short", "long")}
        return cls(index, texts, np.load(questions / "questions.npy"), np.load(questions / f"exact-{index.name}.npy"))


def main() -> None:
    """Measure one part and print it."""
    index, questions, part = sys.argv[1:]
    print(json.dumps(list(PARTS[part](Asked.read(Path(index), Path(questions))))))


def _opening(asked: Asked) -> Iterator[Figure]:
    yield from _memory("before opening")
    seconds = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        Index.open(asked.index).close()
        seconds.append(time.perf_counter() - began)
    yield "opening, first", "s", seconds[0]
    yield "opening, again", "s", median(seconds[1:])
    with Index.open(asked.index):
        yield from _memory("open")


def _dense(asked: Asked) -> Iterator[Figure]:
    """Latency at the depth of a search, with a lone query's threads; recall of the NEAREST best, where as many are asked for."""
    with Index.open(asked.index) as index, ThreadPoolExecutor(os.cpu_count() or 1) as pool:

        def search(row: int) -> object:
            return index.dense_candidates(asked.vectors[row : row + 1], DEPTH, pool=pool)

        yield from _times("dense", search, range(len(asked.vectors)))
        hits = 0
        for query, nearest in zip(asked.vectors, asked.exact, strict=True):
            (found,) = index.dense_candidates(query[None], NEAREST)
            best = found[np.argsort(-index.cosines(found, query), kind="stable")[:NEAREST]]
            hits += len(np.intersect1d(best, nearest))
        yield f"recall@{NEAREST}", "of exact", hits / asked.exact.size
        yield from _memory("after dense searches")


def _lexical(asked: Asked) -> Iterator[Figure]:
    """Candidates and their exact BM25, with the threads that a Searcher has for a lone query."""
    with Index.open(asked.index) as index, ThreadPoolExecutor(os.cpu_count() or 1) as pool:

        def search(text: str) -> object:
            query = LexicalQuery.parse(text, index)
            exact = partial(bm25, query, index, k1=K1, b=B)
            return exact(by_words(index, query, DEPTH, None, exact, pool))

        for length, texts in asked.texts.items():
            yield from _times(f"lexical, {length}", search, texts)


def _hybrid(asked: Asked) -> Iterator[Figure]:
    """Whole answers, the query's vector given."""
    given = GivenVectors(load_encoder(), [text for texts in asked.texts.values() for text in texts], asked.vectors)
    with Searcher.open(asked.index, authority="shipped", encoder=given) as searcher:

        def search(text: str) -> object:
            (outcome,) = searcher.search([Query(text)])
            assert isinstance(outcome, Ranking), f"{text!r} was not answered: {outcome}"
            return outcome

        for length, texts in asked.texts.items():
            yield from _times(f"hybrid, {length}", search, texts)
    yield from _memory("after whole answers")


def _times(name: str, ask: Callable[[T], object], asked: Sequence[T]) -> Iterator[Figure]:
    """Percentiles over all queries, and the processor time of the middle one over all threads."""
    with Progress(name, "queries", 2 * len(asked)) as progress:
        for told in (f"{name}, first time", name):
            wall, processor = [], []
            for item in asked:
                began, used = time.perf_counter(), time.process_time()
                ask(item)
                wall.append((time.perf_counter() - began) * 1000)
                processor.append((time.process_time() - used) * 1000)
                progress.advance()
            for percent in (50, 99):
                yield f"{told}, p{percent}", "ms", float(np.percentile(wall, percent))
    yield f"{name}, processor time", "ms", median(processor)


def _memory(when: str) -> Iterator[Figure]:
    """Memory of this process: its own, and pages of mapped files, which the system can take back."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    for key, name in (("RssAnon", "own"), ("RssFile", "mapped")):
        yield f"memory {when}, {name}", "MB", int(status[key].split()[0]) * 1024 / 1e6


PARTS: dict[str, Callable[[Asked], Iterator[Figure]]] = {
    "opening": _opening,
    "dense": _dense,
    "lexical": _lexical,
    "hybrid": _hybrid,
}
"""In the order of a run, each in a process of its own."""

if __name__ == "__main__":
    main()
