"""What does the wire add to a search, and where does a query's time go?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.latency import AUTHORITY, WARM_UP, Ask, measure, results_of
from benchmarks.result import Parameters, Result
from benchmarks.served import served
from benchmarks.serving.asked import Asked
from ranker.ranking import Ranking
from ranker.search import Searcher
from server.client import Client

QUERIES = {1: 300, 8: 480, 32: 960}
"""By batch; for the seconds that are usual."""
USUAL = 4.0
"""Seconds a setting."""
STAGED = 200
"""Queries whose stages are read from their answers."""


def overhead(index: Path, seconds: float) -> Iterator[Result]:
    """Both sides in turn at every batch, then the stages of single queries."""
    asked, results = Asked(index), list[Result]()
    with Searcher.open(index, authority=AUTHORITY) as searcher, served(index, AUTHORITY) as client:
        sides: dict[str, Ask] = {"in process": searcher.search, "gRPC": client.batch_search}
        for batch, usual in QUERIES.items():
            texts = asked.take(WARM_UP + max(5, round(usual * seconds / USUAL / batch)) * batch)
            taken = measure(sides, texts, batch, f"overhead, batch {batch}")
            found = results_of(taken, f"overhead, batch {batch}", batch, {**asked.about, "queries": len(texts) - WARM_UP})
            results += (replace(result, benchmark="server") for result in found)
        results += _stages(client, asked.take(round(STAGED * seconds / USUAL)), asked.about)
    yield from results


def _stages(client: Client, texts: list[str], about: Parameters) -> Iterator[Result]:
    """Medians of what the answers say, and of what is left of the call: the wire on both sides."""
    taken: dict[str, list[float]] = {}
    for text in texts:
        began = time.perf_counter()
        (answer,) = client.batch_search([text])
        whole = (time.perf_counter() - began) * 1000
        assert isinstance(answer, Ranking)
        for stage, ms in (*answer.stages, ("wire", whole - answer.took_ms)):
            taken.setdefault(stage, []).append(ms)
    total = sum(map(median, taken.values()))
    for stage, ms in taken.items():
        yield Result(
            "server", f"stage {stage}", median(ms), "ms", min(ms), max(ms), f"min-max of {len(ms)} queries",
            ratio_to="all stages", ratio=median(ms) / total, parameters={**about, "batch": 1},
        )  # fmt: skip
