"""How likely is a candidate relevant?

One linear model in log-odds over features that depend on neither depth nor k:

    relevance = b0 + sum of weight * feature        # logit P(relevant)

    lexical   bm25 / (best_bm25(q) + max_bm25(q) / 10)           how near a passage comes to the best match there is
    title     title_bm25 / (best_bm25(q) + max_bm25(q) / 2)      the same of the document's title alone
    dense     cosine of query and passage
    cross     logit of a cross-encoder, of the documents that it has read (`ranker.stages.reading`)

The weights are fitted on judged queries (`ranker calibrate`) and shipped as a small file each, with the data, the calibration
error and the date they come from. A lexical index and a hybrid one have a calibration of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from ranker.errors import CalibrationError
from ranker.ranking import DELTA
from ranker.retrieve import Candidates

LEXICAL, HYBRID, CROSS = ("lexical", "title"), ("lexical", "title", "dense"), ("lexical", "title", "dense", "cross")
"""The feature sets. CROSS is that of the documents that a cross-encoder has read; the others keep HYBRID."""

Columns = Mapping[str, NDArray[np.float64]]
"""Features by name, (n,) each."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns features into log-odds."""

    name: str
    features: tuple[str, ...]
    """LEXICAL, HYBRID or CROSS."""
    encoder: str
    """Name of the encoder the dense weight was fitted for; empty for LEXICAL."""
    encoder_fingerprint: str
    b0: float
    weights: tuple[float, ...]
    """One a feature, none negative: more of a feature never makes a document less relevant."""
    k1: float
    b: float
    """BM25's parameters, part of the lexical features."""
    data: tuple[str, ...]
    """Collections and splits it was fitted on."""
    queries: int
    ece: float
    """Expected calibration error of P(relevant), ten bins of equal mass, cross-validated by query."""
    date: str
    """ISO 8601, when it was fitted."""
    delta: float
    """What full authority adds, in log-odds, 0 to DELTA: the most that did no harm to `delta_data` under any table."""
    delta_data: tuple[str, ...]
    """Collections and splits that `delta` was tried on; empty where it was taken over from another calibration."""
    cross_encoder: str = ""
    """Name of the cross-encoder the last weight was fitted for; empty but for CROSS."""
    cross_fingerprint: str = ""

    def __post_init__(self) -> None:
        known = self.features in (LEXICAL, HYBRID, CROSS) and len(self.weights) == len(self.features)
        possible = known and min(self.weights) >= 0 and self.k1 > 0 and 0 <= self.b <= 1 and 0 <= self.delta <= DELTA
        if not possible:
            raise CalibrationError(f"calibration {self.name!r} has impossible values; fit it again with `ranker calibrate`")

    @property
    def version(self) -> str:
        """Name and content hash, as answers carry it."""
        return f"{self.name}-{hashlib.sha256(self.to_json()).hexdigest()[:8]}"

    def to_json(self) -> bytes:
        """The file's content."""
        return orjson.dumps({n: getattr(self, n) for n in self.__slots__}, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a calibration file; raises CalibrationError if it is not one."""
        try:
            record: dict[str, Any] = orjson.loads(path.read_bytes())
        except OSError as error:
            raise CalibrationError(f"calibration {path} cannot be read ({error.strerror}); restore it, or name another") from None
        except ValueError as error:
            raise CalibrationError(f"{path} is not a calibration ({error}); make one with `ranker calibrate`") from None
        try:
            return cls(**{**record, **{name: tuple(record[name]) for name in ("features", "weights", "data", "delta_data")}})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CalibrationError(f"{path} is not a calibration ({error}); make one with `ranker calibrate`") from None

    def log_odds(self, candidates: Candidates) -> NDArray[np.float64]:
        """logit P(relevant) of every candidate, (n,)."""
        return self.of({name: candidates.feature(name) for name in self.features})

    def of(self, columns: Columns) -> NDArray[np.float64]:
        """logit P(relevant) from features, (n,); terms are added in the order of `features`."""
        total = np.full(len(columns[self.features[0]]), self.b0)
        for name, weight in zip(self.features, self.weights, strict=True):
            total += weight * columns[name]
        return total

    def parts(self, candidates: Candidates, row: int) -> dict[str, float]:
        """What each feature adds to one candidate's log-odds."""
        return {n: w * float(candidates.feature(n)[row]) for n, w in zip(self.features, self.weights, strict=True)}


def shipped() -> list[Calibration]:
    """The calibrations that come with this release."""
    with resources.as_file(resources.files("ranker") / "calibrations") as folder:
        return [Calibration.load(path) for path in sorted(folder.glob("*.json"))]


def choose(encoder_fingerprint: str) -> tuple[Calibration, tuple[str, ...]]:
    """The shipped calibration for an index's encoder (empty: a lexical index), and what a caller must be told of the choice."""
    features = HYBRID if encoder_fingerprint else LEXICAL
    fitting = [c for c in shipped() if c.features == features]
    for calibration in fitting:
        if calibration.encoder_fingerprint == encoder_fingerprint:
            return calibration, ()
    borrowed = fitting[0]
    return borrowed, (f"calibration borrowed from {borrowed.encoder}: log-odds are not calibrated; run `ranker calibrate`",)
