"""What does the supervisor want of a worker?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from server.settings import ServerSettings

if TYPE_CHECKING:
    from ranker.search import Searcher


class Opens(Protocol):
    """Opens what is to be served; can be pickled."""

    def open(self) -> Searcher:
        """A new searcher; whoever asked closes it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the supervisor wants of a worker."""

    number: int
    """Its place, from 1."""
    opens: Opens
    """What to serve."""
    settings: ServerSettings
    """With the port that the supervisor holds."""
