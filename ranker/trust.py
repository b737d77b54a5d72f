"""How much is each source of a snapshot trusted?

One table and one snapshot, pinned together. A source (host, venue, ISSN) is looked up once, then remembered by its number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from authority.table import Table
from indexer.columns import source_of
from indexer.document import Document
from indexer.index import Index, Numbers
from ranker.ranking import Trust

UNLISTED = Trust(0.0, "", "")
OFF = "off"
"""Version that a ranking without a table carries."""


class Trusted:
    """A table applied to a snapshot; `table` None trusts nobody."""

    def __init__(self, index: Index, table: Table | None) -> None:
        self._index, self._table = index, table
        self._known: dict[int, Trust] = {}
        self.version = table.version if table else OFF

    def of_documents(self, documents: Numbers) -> list[Trust]:
        """What the table says of each document's source."""
        if self._table is None:
            return [UNLISTED] * len(documents)
        numbers = self._index.source_numbers(documents).tolist()
        return [self._known.get(n) or self._known.setdefault(n, self._look_up(*self._index.source(n))) for n in numbers]

    def of_document(self, document: Document) -> Trust:
        """The same for one whole document."""
        return self._look_up(*source_of(document)) if self._table else UNLISTED

    def _look_up(self, host: str, venue: str, issn: str) -> Trust:
        assert self._table is not None
        match = self._table.lookup(host, venue, issn)
        return Trust(match.value, match.tier, match.key)


def values(trusts: list[Trust]) -> NDArray[np.float64]:
    """The authority values, (n,)."""
    return np.fromiter((t.value for t in trusts), np.float64, len(trusts))
