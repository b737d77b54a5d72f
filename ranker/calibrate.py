"""Which weights make the score a log-odds?

Two fits on judged queries. What ranks are the weights' proportions: a conditional logit over each query's candidates (McFadden
1974) finds them, so that no query's level can bend them. What makes the sum a log-odds is one level and one scale, by logistic
regression of "judged relevant" on that sum (Platt 1999). Every collection has the same say in both, however many queries it has.

Never report a collection's quality with weights fitted on the same queries: `cross_validate` says what other queries and other
collections would have got.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ranker.cross import CrossEncoder
from ranker.errors import CalibrationError
from ranker.judged import Judged
from ranker.pinned import Pinned
from ranker.relevance import Calibration
from ranker.reliability import Bin, bins_of, expected_error

RIDGE = 1e-4
"""Weight of the penalty, on standardised features, that keeps Newton's step defined on separable data."""
START = {"lexical": 5.0, "title": 3.0, "dense": 10.0, "cross": 0.5}
"""Where the choice of each document's best passage begins."""
FOLDS = 5

Weights = NDArray[np.float64]
"""(features,)"""


@dataclass(frozen=True, slots=True)
class Fit:
    """One model: ``b0 + x @ weights``."""

    b0: float
    weights: Weights


@dataclass(frozen=True, slots=True)
class Validation:
    """How one collection would have fared with weights that never saw it."""

    name: str
    """Collection and split."""
    queries: int
    other_queries: float
    """Mean nDCG@10, each query ranked with weights fitted on the other folds of all collections."""
    other_collections: float
    """The same with weights fitted on the other collections alone; NaN where there is only one."""
    error: float
    """Expected calibration error of P(relevant), each query predicted from the other folds."""
    bins: tuple[Bin, ...]
    """The same predictions beside what was judged."""


def calibrate(
    judged: Sequence[Judged],
    validations: Sequence[Validation],
    pinned: Pinned,
    name: str,
    k1: float,
    b: float,
    cross_encoder: CrossEncoder | None = None,
) -> Calibration:
    """Fit one calibration on all collections together, with the delta in force until one is tried on these weights.

    Raises CalibrationError where nothing relevant was proposed.
    """
    fitted = fit(judged)
    return Calibration(
        name=name,
        features=judged[0].features,
        encoder=pinned.encoder.name if pinned.encoder else "",
        encoder_fingerprint=pinned.encoder.fingerprint if pinned.encoder else "",
        b0=fitted.b0,
        weights=tuple(fitted.weights.tolist()),
        k1=k1,
        b=b,
        data=tuple(j.name for j in judged),
        queries=sum(j.queries for j in judged),
        ece=round(float(np.mean([v.error for v in validations])), 6),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        delta=pinned.delta,
        delta_data=(),
        cross_encoder=cross_encoder.name if cross_encoder else "",
        cross_fingerprint=cross_encoder.fingerprint if cross_encoder else "",
    )


def fit(judged: Sequence[Judged]) -> Fit:
    """Proportions first, then level and scale; which passage stands for a document depends on the weights, so all of it twice."""
    weights = np.array([START[name] for name in judged[0].features])
    for _ in range(2):
        best = [j.best(weights) for j in judged]
        weights = _proportions(best)
        b0, scale = _level(best, weights)
        weights = scale * weights
    return Fit(b0, weights)


def cross_validate(judged: Sequence[Judged]) -> list[Validation]:
    """What each collection gets from other queries and from other collections, and how reliable the predictions are."""
    predicted, gained = [np.empty(j.documents) for j in judged], [np.zeros(j.queries) for j in judged]
    relevant, known = [np.empty(j.documents) for j in judged], [np.empty(j.documents, np.bool_) for j in judged]
    for fold in range(FOLDS):
        fitted = fit([j.only(j.folds(FOLDS) != fold) for j in judged])
        for j, p, g, r, k in zip(judged, predicted, gained, relevant, known, strict=True):
            held = j.folds(FOLDS) == fold
            best = j.best(fitted.weights)
            rows = held[best.query]
            p[rows] = 1 / (1 + np.exp(-(fitted.b0 + best.x[rows] @ fitted.weights)))
            r[rows], k[rows] = best.relevant[rows], best.judged[rows]
            g[held] = best.ndcg(fitted.weights)[held]
    across = [_from_others(judged, i) for i in range(len(judged))]
    bins = [tuple(bins_of(*each)) for each in zip(predicted, relevant, known, strict=True)]
    return [
        Validation(j.name, j.queries, float(g.mean()), other, expected_error(b), b)
        for j, g, other, b in zip(judged, gained, across, bins, strict=True)
    ]


def _from_others(judged: Sequence[Judged], place: int) -> float:
    """Mean nDCG@10 of one collection by the weights of the other collections."""
    mine = judged[place]
    others = [j for j in judged if j.collection != mine.collection]
    if not others:
        return float("nan")
    weights = fit(others).weights
    return float(mine.best(weights).ndcg(weights).mean())


def _proportions(judged: Sequence[Judged]) -> Weights:
    """Weights up to scale: maximum likelihood that a query's relevant candidate is drawn from all its candidates."""
    x = np.concatenate([j.x for j in judged])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-12
    usable = [replace(j, x=(j.x - mean) / spread) for j in judged]
    if not any(j.relevant.any() for j in usable):
        raise CalibrationError("no proposed document is judged relevant; the collection does not fit the index")
    w = np.zeros(x.shape[1])
    value, slope, curve = _likelihood(usable, w)
    for _ in range(50):
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while (ahead := _likelihood(usable, w + size * step))[0] < value and size > 1e-4:
            size /= 2
        gain, w, (value, slope, curve) = ahead[0] - value, w + size * step, ahead
        if gain < 1e-10:
            break
    proportions: Weights = np.maximum(w / spread, 0.0)
    return proportions


def _likelihood(judged: Sequence[Judged], w: Weights) -> tuple[float, Weights, NDArray[np.float64]]:
    """Penalised log-likelihood, its gradient, and its negative Hessian."""
    value, slope, curve = -0.5 * RIDGE * float(w @ w), -RIDGE * w, RIDGE * np.eye(len(w))
    for j in judged:
        score = j.x @ w
        shifted = np.exp(score - np.maximum.reduceat(score, j.starts)[j.query])
        p = shifted / np.add.reduceat(shifted, j.starts)[j.query]
        found = np.add.reduceat(j.relevant, j.starts)
        judgeable = (found > 0)[j.query]
        target = np.where(judgeable, j.relevant / np.maximum(found, 1)[j.query], 0.0)
        p_used = np.where(judgeable, p, 0.0)
        value += float((target * np.log(np.maximum(p, 1e-300))).sum()) / j.queries
        slope = slope + j.x.T @ (target - p_used) / j.queries
        expected = np.add.reduceat(j.x * p_used[:, None], j.starts)
        curve = curve + ((j.x * p_used[:, None]).T @ j.x - expected.T @ expected) / j.queries
    return value, slope, curve


def _level(judged: Sequence[Judged], weights: Weights) -> tuple[float, float]:
    """b0 and a scale that turn ``x @ weights`` into log-odds: logistic regression, each collection with the same mass."""
    score = np.concatenate([j.x @ weights for j in judged])
    y = np.concatenate([j.relevant for j in judged])
    mass = np.concatenate([np.full(len(j.query), 1 / len(j.query)) for j in judged])
    x, w = np.column_stack([np.ones(len(score)), score - score.mean()]), np.array([np.log(max(y.mean(), 1e-6)), 0.5])
    for _ in range(100):
        p = 1 / (1 + np.exp(-(x @ w)))
        step = np.linalg.solve((x * (mass * p * (1 - p))[:, None]).T @ x + 1e-12 * np.eye(2), x.T @ (mass * (y - p)))
        w += np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(w[0] - w[1] * score.mean()), float(w[1])
