"""What belongs together for as long as one search runs?"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.encoders import Encoder
from indexer.index import Index
from ranker.citations import Citations
from ranker.cross import Reader
from ranker.relevance import Calibration
from ranker.retrieve import DEPTH
from ranker.trust import Trusted


@dataclass(frozen=True, slots=True)
class Pinned:
    """A snapshot, the table that judges its sources, and the model that scores it."""

    index: Index
    trusted: Trusted
    calibration: Calibration
    encoder: Encoder | None
    """None where the snapshot has no vectors."""
    delta: float
    """What full authority adds, in log-odds."""
    coverage: tuple[str, ...]
    """What every answer must say of this combination."""
    missing: tuple[str, ...] = ()
    """What of the snapshot is withdrawn, because it is damaged; part of `coverage`."""
    newest: str = ""
    """Name of the snapshot that would be served if nothing were withdrawn."""
    refused: str = ""
    """Why nothing can be answered at all; empty as long as something can."""
    reader: Reader | None = None
    """Reads the best documents of a query that asks for it; None where there is none."""
    citations: Citations | None = None
    """Counts for queries that want `impact`; None where none are loaded."""
    unread: str = "no cross-encoder is loaded"
    """Why there is no reader."""
    depth: int = DEPTH
    """Passages that each retriever proposes."""
