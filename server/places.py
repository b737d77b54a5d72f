"""How many calls are worked on at once?

Whoever finds all places taken is refused. A call that only waits for its client to read does no work and holds no place: what it
keeps is limited in bytes (`waiting`), and so many of them lock nobody out. When its reader is back it goes on at once, also
where that is one more than there are places: it was let in, and new ones wait outside until there is room again.
"""

from __future__ import annotations


class Places:
    """Of one wire in one worker; for one event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        """Calls that are let in."""
        self.taken = 0
        """Calls that are worked on."""

    @property
    def full(self) -> bool:
        """Whether nobody new is let in."""
        return self.taken >= self.most

    def take(self) -> None:
        """Work on it begins, or goes on."""
        self.taken += 1

    def give(self) -> None:
        """It has ended, or waits for its client."""
        self.taken -= 1
