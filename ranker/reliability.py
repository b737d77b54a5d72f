"""Do documents that are said to be relevant with probability p turn out so p of the time?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranker.errors import CalibrationError

BINS = 10


class Bin(NamedTuple):
    """Documents of like predictions."""

    documents: int
    mass: float
    """Its share of all that was weighed."""
    predicted: float
    """Mean P(relevant)."""
    observed: float
    """Share judged relevant."""
    judged: float
    """Share that anybody judged: what nobody judged counts as not relevant, and may be."""


def bins_of(
    predicted: NDArray[np.float64],
    relevant: NDArray[np.float64],
    judged: NDArray[np.bool_] | None = None,
    mass: NDArray[np.float64] | None = None,
) -> list[Bin]:
    """Ten bins that hold the same mass of relevant documents each, lowest predictions first.

    All are (documents,); by default every document is judged and has a `mass` of 1. Almost all candidates are not relevant:
    bins of equal size would put all that matters into the last one.
    """
    mass = np.ones(len(predicted)) if mass is None else mass
    judged = np.ones(len(predicted), np.bool_) if judged is None else judged
    order = np.argsort(predicted, kind="stable")
    share = np.cumsum((relevant * mass)[order]) / max((relevant * mass).sum(), 1e-12)
    place = np.minimum((share * BINS).astype(np.int64), BINS - 1)
    cut = [rows for rows in np.split(order, np.searchsorted(place, np.arange(1, BINS))) if len(rows)]
    return [
        Bin(
            len(rows),
            float(mass[rows].sum() / mass.sum()),
            float(np.average(predicted[rows], weights=mass[rows])),
            float(np.average(relevant[rows], weights=mass[rows])),
            float(np.average(judged[rows], weights=mass[rows])),
        )
        for rows in cut
    ]


def expected_error(bins: Sequence[Bin]) -> float:
    """Mean |predicted - observed|, each bin with its mass."""
    return sum(b.mass * abs(b.predicted - b.observed) for b in bins)


def draw(curves: Mapping[str, Sequence[Bin]], title: str, path: Path) -> None:
    """Write the reliability diagram of each collection, SVG or PNG by the file's suffix.

    A filled mark says that somebody judged at least half of the bin. Raises CalibrationError where matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise CalibrationError("a picture needs matplotlib; run: pip install 'stepwell[plots]'") from None
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([1e-4, 1], [1e-4, 1], color="grey", linewidth=1, linestyle="--", label="perfect")
    for name, bins in curves.items():
        (line,) = axes.plot([b.predicted for b in bins], [max(b.observed, 1e-4) for b in bins], label=name)
        for b in bins:
            filled = line.get_color() if b.judged >= 0.5 else "white"
            axes.plot(b.predicted, max(b.observed, 1e-4), marker="o", color=line.get_color(), markerfacecolor=filled)
    axes.set(xscale="log", yscale="log", xlabel="predicted P(relevant)", ylabel="share judged relevant", title=title)
    axes.legend()
    figure.savefig(path)
