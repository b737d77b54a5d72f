"""What is a run, and how good is it?

A run is one system's ranked documents per query, kept as a TREC file (``query Q0 document rank score tag``) and measured by
ir_measures. Means come with a 95 % bootstrap interval over queries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranker.collection import Qrels
from ranker.errors import EvaluationError

Run = dict[str, list[tuple[str, float]]]
"""query id -> (document id, score), best first."""

MEASURES = ("nDCG@10", "R@100", "RR@10", "AP@100")
"""What is reported, in ir_measures' notation."""
RESAMPLES = 10_000
"""Bootstrap samples; the seed is fixed, so a run always gets the same interval."""


class Interval(NamedTuple):
    """A mean with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def write_run(path: Path, run: Run, tag: str) -> None:
    """Write a TREC run. Scores are written as given, ranks from 1."""
    with path.open("w", encoding="utf-8") as file:
        for query, hits in run.items():
            file.writelines(f"{query} Q0 {document} {rank} {score:.9g} {tag}\n" for rank, (document, score) in enumerate(hits, 1))


def read_run(path: Path) -> Run:
    """Read a TREC run in its own order of ranks. Raises EvaluationError naming the line that is not one."""
    rows: dict[str, list[tuple[int, str, float]]] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"run {path} cannot be read: {error}") from None
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields:
            continue
        try:
            query, _, document, rank, score, _ = fields
            if not math.isfinite(float(score)):
                raise ValueError("not a finite score")
            rows.setdefault(query, []).append((int(rank), document, float(score)))
        except ValueError:
            raise EvaluationError(f"{path}:{number}: not a line of a TREC run (query Q0 document rank score tag)") from None
    if not rows:
        raise EvaluationError(f"run {path} is empty")
    return {query: [(document, score) for _, document, score in sorted(hits)] for query, hits in rows.items()}


def measure(run: Run, qrels: Qrels, measures: Sequence[str] = MEASURES) -> dict[str, NDArray[np.float64]]:
    """Per measure the value of every judged query, in the order of `qrels`; a query without hits counts 0.

    Ranks, not scores, are measured: two documents with equal scores keep the order of the run.
    """
    import ir_measures

    asked = {name: ir_measures.parse_measure(name) for name in measures}
    judged = [ir_measures.Qrel(q, d, grade) for q, row in qrels.items() for d, grade in row.items()]
    scored = [
        ir_measures.ScoredDoc(q, d, -float(rank)) for q, hits in run.items() if q in qrels for rank, (d, _) in enumerate(hits)
    ]
    found: dict[str, dict[str, float]] = {name: {} for name in measures}
    names = {str(measure): name for name, measure in asked.items()}
    if scored:
        for metric in ir_measures.iter_calc(list(asked.values()), judged, scored):
            found[names[str(metric.measure)]][metric.query_id] = metric.value
    return {name: np.array([values.get(q, 0.0) for q in qrels]) for name, values in found.items()}


def interval(values: NDArray[np.float64]) -> Interval:
    """Mean of per-query values, (q,), with its 95 % percentile bootstrap interval (Efron 1979)."""
    samples = np.random.default_rng(20_261_122).integers(0, len(values), (RESAMPLES, len(values)))
    means = values[samples].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
