"""Which queries does a load ask, so that none is remembered?

A server keeps the vectors of its latest queries. So there are twice as many as it keeps, and every load goes on where the one
before it ended.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.latency.queries import queries_from
from benchmarks.result import Parameters
from benchmarks.serving.load import Load, Outcomes, put
from indexer.encoders.query_cache import REMEMBERED
from indexer.index import Index

LENGTH = "short"


class Asked:
    """Queries cut from one index, each asked once a round."""

    def __init__(self, index: Path) -> None:
        with Index.open(index) as opened:
            self._queries = queries_from(opened, LENGTH, 2 * REMEMBERED)
            manifest = opened.manifest
        self.about: Parameters = {"passages": manifest.passages, "encoder": manifest.encoder, "length": LENGTH, "k": 10}
        """What was measured on."""

    def by(self, load: Load, address: str) -> Outcomes:
        """What becomes of that load."""
        seen = put(load, address, self._queries)
        at = seen.asked % len(self._queries)
        self._queries = self._queries[at:] + self._queries[:at]
        return seen

    def take(self, count: int) -> list[str]:
        """The next ones, to be asked by other means."""
        taken, rest = self._queries[:count], self._queries[count:]
        self._queries = rest + taken
        return taken
