"""What does the agent read from?

Anything that searches and fetches as `server.client.Client` does: a server far away, or one in this process. The agent
knows no other door to the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from server.client import Failure, Fetched, Query, Ranking


class Library(Protocol):
    """The two calls the agent needs; both keep input order and give a Failure where one item failed."""

    def batch_search(self, queries: Sequence[Query | str]) -> list[Ranking | Failure]:
        """One outcome per query."""
        ...

    def fetch(self, targets: Sequence[str]) -> list[Fetched | Failure]:
        """One outcome per document id or URL."""
        ...


def fetch_all(library: Library, targets: Sequence[str]) -> dict[str, Fetched | Failure]:
    """Fetch the targets, each once: ``{target: outcome}``."""
    wanted = list(dict.fromkeys(targets))
    return dict(zip(wanted, library.fetch(wanted), strict=True)) if wanted else {}
