"""How fast is a search, in process and over gRPC?

A closed loop: one caller, the next call begins when the answer to the last is there. Both sides answer the same slices of the
same queries in turn, so their ratio is the price of the wire and of a second process.

queries  what is asked, cut from the index itself
stages   where the time inside goes
trust    what looking sources up costs
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.errors import ServerFailed
from benchmarks.latency.queries import LENGTHS, queries_from
from benchmarks.latency.stages import stages
from benchmarks.latency.trust import trust
from benchmarks.result import Parameters, Result, Series, of_series
from benchmarks.served import served
from indexer.progress import Progress
from ranker.ranking import Outcome, Ranking
from ranker.search import Searcher

BATCHES = (1, 32)
ROUNDS = 5
"""Slices of the queries, each answered by both sides in turn."""
WARM_UP = 32
"""Queries of each setting that are asked before the clock runs: maps pages, starts threads, opens the connection."""
PERCENTILE_CALLS = 100
"""Calls below which a 99th percentile would be the slowest call by another name; it is not given then."""
STAGE_QUERIES = 100
"""Queries whose stages are timed one by one."""
PEER = "the index in process"
AUTHORITY = "shipped"

Ask = Callable[[Sequence[str]], Sequence[Outcome]]
Seconds = list[list[float]]
"""Per round the duration of each call."""


def latency(folder: Path, queries: int) -> list[Result]:
    """Results over the index at `folder` with at least `queries` queries per setting.

    Given all at once, after the server has ended: only then does the system tell its processor time from that of strangers.
    """
    results: list[Result] = []
    with ExitStack() as stack:
        searcher = stack.enter_context(Searcher.open(folder, authority=AUTHORITY))
        client = stack.enter_context(served(folder, AUTHORITY))
        sides: dict[str, Ask] = {"in process": searcher.search, "gRPC": client.batch_search}
        status = searcher.status
        about: Parameters = {
            "index": folder.resolve().name,
            "snapshot": status.snapshot,
            "documents": status.documents,
            "passages": status.passages,
            "encoder": status.encoder or "none",
            "authority": status.authority_version,
            "k": 10,
            "warm_up": WARM_UP,
        }
        for length in LENGTHS:
            calls_of = {batch: ROUNDS * -(-queries // (batch * ROUNDS)) for batch in BATCHES}
            asked = sum(WARM_UP + calls * batch for batch, calls in calls_of.items())
            # no query is asked twice: a searcher remembers the vectors of its latest ones
            fresh = iter(queries_from(searcher.pinned.index, length, asked + STAGE_QUERIES))
            for batch, calls in calls_of.items():
                texts = list(islice(fresh, WARM_UP + calls * batch))
                seconds = measure(sides, texts, batch, f"{length} queries, batch {batch}")
                results += results_of(seconds, f"{length}, batch {batch}", batch, {**about, "queries": calls * batch})
            rest = list(fresh)
            results += stages(searcher, rest, length, about)
            if length == "short":
                results += trust(searcher, rest, about)
    return results


def measure(sides: dict[str, Ask], texts: Sequence[str], batch: int, what: str) -> dict[str, Seconds]:
    """Durations of all calls of both sides, round by round."""
    for ask in sides.values():
        _timed(ask, texts[:WARM_UP])
    calls = [texts[at : at + batch] for at in range(WARM_UP, len(texts), batch)]
    size = len(calls) // ROUNDS
    seconds: dict[str, Seconds] = {side: [] for side in sides}
    with Progress(what, "calls", len(calls) * len(sides)) as progress:
        for number in range(ROUNDS):
            for side in sorted(sides, reverse=bool(number % 2)):  # who answers first finds colder pages: that changes each round
                ask = sides[side]
                seconds[side].append([])
                for call in calls[number * size : (number + 1) * size]:
                    seconds[side][-1].append(_timed(ask, call))
                    progress.advance()
    return seconds


def _timed(ask: Ask, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    outcomes = ask(texts)
    taken = time.perf_counter() - began
    if failed := [outcome for outcome in outcomes if not isinstance(outcome, Ranking)]:
        raise ServerFailed(f"a query was not answered: {failed[0]}; search for it alone to see why")
    return taken


def results_of(seconds: dict[str, Seconds], setting: str, batch: int, about: Parameters) -> Iterator[Result]:
    """Queries per second, then percentiles of the calls, in process first."""
    theirs: dict[str, Series] = {}
    for side, rounds in seconds.items():
        calls = sum(map(len, rounds))
        parameters = {**about, "batch": batch, "calls": calls}
        measures = {"queries/s": Series(tuple(len(r) * batch / sum(r) for r in rounds))}
        measures["p50 ms/call"] = Series(tuple(percentile(r, 50) for r in rounds))
        if calls >= PERCENTILE_CALLS:
            measures["p99 ms/call"] = Series((percentile([t for r in rounds for t in r], 99),))
        for unit, series in measures.items():
            peer = (PEER, theirs[unit]) if unit in theirs else None
            yield of_series("latency", f"{side}, {setting}", unit, series, parameters, peer)
        theirs = theirs or measures


def percentile(seconds: Sequence[float], percent: int) -> float:
    return float(np.percentile(seconds, percent)) * 1000
