"""What if a file of the index decays while it is served?

A bit is flipped in the lengths of one segment: scores change, and nothing fails. From then until the file is read again answers
may be wrong without knowing it; they are counted apart. As soon as one worker has found it, none may answer from it, and all must
say so.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.errors import ServerFailed
from benchmarks.faults.callers import asking
from benchmarks.faults.fault import Extent, Fault
from benchmarks.faults.site import PATIENCE, queries_of, site
from benchmarks.faults.truth import Truth, same
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import load_encoder
from indexer.generation import current
from indexer.update import add
from ranker.query import Query
from ranker.search import Searcher

RATE = "200"
"""Million bytes a second that are read again, of all workers: the time until it is found is this and nothing else."""
PAUSE = 1.0
"""Seconds after the first answer that says so, in which the other worker hears of it; answers in them count as unnoticed."""


def damaged(index: Path, extent: Extent, folder: Path) -> Iterator[Fault]:
    """The smaller one of two segments; both workers read."""
    index = Path(shutil.copytree(index, folder / "index"))
    queries = queries_of(index)
    _second_segment(index, queries, folder)
    with (
        Truth(index, "shipped", queries) as truth,
        site(index, "shipped", "--scrub", RATE, workers=2) as server,
        asking(server, queries) as seen,
    ):
        time.sleep(min(extent.seconds, 3.0))
        began, path = time.monotonic(), _flip(index)
        while not any("withdrawn" in line for _, answer in seen.answers[-50:] for line in answer.coverage):
            if time.monotonic() > began + PATIENCE:
                raise ServerFailed(f"nobody has found the damage in {path.name}")
            time.sleep(0.02)
        found = time.monotonic()
        time.sleep(PAUSE + min(extent.seconds, 5.0))
    with Searcher.open(index, authority="shipped") as searcher:
        searcher.withdraw(path)
        rankings = searcher.search([Query(query, k=10, passages=0) for query in queries])
        left = {r.query: tuple((hit.doc_id, hit.score) for hit in r.hits) for r in rankings if hasattr(r, "hits")}
    unnoticed, after = 0, []
    for when, answer in seen.answers:
        told = any("withdrawn" in line for line in answer.coverage)
        if told and same(left[answer.query], answer.hits):
            continue
        if began <= when < found + PAUSE and not told:
            unnoticed += not truth.holds(answer)
            continue
        after.append((when, answer))
    seen.answers = after
    yield seen.fault("a served file flipped", truth, unnoticed=unnoticed, seconds_until_found=round(found - began, 2))


def _second_segment(index: Path, queries: list[str], folder: Path) -> None:
    """Documents that answer the queries, too."""
    encoder = load_encoder(current(index).encoder) if current(index).encoder else None
    with CorpusWriter(folder / "corpus") as writer:
        for number, query in enumerate(queries):
            writer.add(Document(id=f"fault:{number}", title=query, text=f"{query}. " * 5, url=f"https://fault.example/{number}"))
    add([folder / "corpus"], index, encoder)


def _flip(index: Path) -> Path:
    path = index / "segments" / current(index).segments[-1].name / "forward" / "lengths.npy"
    with path.open("r+b") as file:
        file.seek(-4, 2)
        byte = file.read(1)
        file.seek(-4, 2)
        file.write(bytes([byte[0] ^ 1]))
    return path
