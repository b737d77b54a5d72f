"""What does the supervisor want of a worker?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from server.memory import Memory
from server.settings import ServerSettings

if TYPE_CHECKING:
    from ranker.search import Searcher


class Opens(Protocol):
    """Opens what is to be served; can be pickled."""

    def open(self, memory: Memory | None = None) -> Searcher:
        """A new searcher, with what `memory` knows where a file cannot be read; whoever asked closes it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the supervisor wants of a worker."""

    number: int
    """Its place, from 1."""
    opens: Opens
    """What to serve."""
    settings: ServerSettings
    """With the port that the supervisor holds."""
    memory: Memory
    """Of all workers."""
