"""What is left out before anybody is refused?

First the cross-encoder, of queries that asked for one. Then the dense part: encoding the query and asking FAISS are most of a
search's time. Without it a query is answered with the calibration for words alone. Coverage says what was left out. A call is
answered in one way from its first query to its last.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ranker.relevance import choose

if TYPE_CHECKING:
    from ranker.pinned import Pinned

BEGIN = 500.0
"""Milliseconds that a call would wait, from which on the dense part is left out."""
END = 100.0
"""Milliseconds below which it is taken up again; lower, so that it does not flutter."""
UNREAD_BEGIN, UNREAD_END = 200.0, 50.0
"""The same for the cross-encoder, which goes first."""
UNREAD = "the server is busy"
WORDS = "the server is busy: the dense part was left out, and the score is that of words alone"


class Shedding:
    """Whether the dense part is left out now, and what then answers."""

    def __init__(self) -> None:
        self.on = False
        """Whether it is."""
        self.unread = False
        """Whether the cross-encoder is."""
        self._of: Pinned | None = None
        self._kept: dict[str, Pinned] = {}

    def look(self, wait: float) -> None:
        """A call would wait so many milliseconds."""
        self.on = wait > (END if self.on else BEGIN)
        self.unread = wait > (UNREAD_END if self.unread else UNREAD_BEGIN)

    def of(self, pinned: Pinned) -> Pinned:
        """What answers instead of `pinned` now, one for all calls: the same snapshot and table, without what is left out."""
        if self._of is not pinned:
            calibration, coverage = choose("")
            unread = replace(pinned, reader=None, unread=UNREAD) if pinned.reader else pinned
            told = (*pinned.missing, *coverage, WORDS)
            lexical = replace(unread, encoder=None, calibration=calibration, coverage=told)
            self._of, self._kept = pinned, {"unread": unread, "lexical": lexical}
        return self._kept["lexical"] if self.on else self._kept["unread"] if self.unread else pinned
