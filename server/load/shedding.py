"""What is left out when there is too much to do?

First the cross-encoder, of queries that asked for one. Then the dense part: encoding the query and asking FAISS are most of a
search's time. Without it a query is answered with the calibration for words alone. And once more calls are refused than answered,
fewer candidates, so that more of them are answered. Coverage says what was left out. A call is answered in one way from its
first query to its last.
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
FEWER_BEGIN, FEWER_END = 0.5, 0.25
"""The same for candidates, which go last: the share of calls that are refused."""
FEWER = 50
"""Passages that are then looked at, of 200: a search by words takes a quarter less."""
UNREAD = "the server is busy"
WORDS = "the server is busy: the dense part was left out, and the score is that of words alone"
FEW = f"the server is busy: only the {FEWER} best passages by words were ranked, the others left out"


class Shedding:
    """What is left out now, and what then answers."""

    def __init__(self) -> None:
        self.on = False
        """Whether the dense part is."""
        self.unread = False
        """Whether the cross-encoder is."""
        self.fewer = False
        """Whether most candidates are."""
        self._of: Pinned | None = None
        self._kept: dict[str, Pinned] = {}

    def look(self, wait: float, refused: float = 0.0) -> None:
        """A call would wait so many milliseconds, and this share of them was refused lately."""
        self.on = wait > (END if self.on else BEGIN)
        self.unread = wait > (UNREAD_END if self.unread else UNREAD_BEGIN)
        self.fewer = self.on and refused > (FEWER_END if self.fewer else FEWER_BEGIN)

    @property
    def told(self) -> tuple[str, ...]:
        """What is left out, in words."""
        if self.on:
            return (WORDS, FEW) if self.fewer else (WORDS,)
        return (f"reranking left out: {UNREAD}",) if self.unread else ()

    def of(self, pinned: Pinned) -> Pinned:
        """What answers instead of `pinned` now, one for all calls: the same snapshot and table, without what is left out."""
        if self._of is not pinned:
            calibration, coverage = choose("")
            unread = replace(pinned, reader=None, unread=UNREAD) if pinned.reader else pinned
            told = (*pinned.missing, *coverage, WORDS)
            lexical = replace(unread, encoder=None, calibration=calibration, coverage=told)
            fewer = replace(lexical, depth=FEWER, coverage=(*told, FEW))
            self._of, self._kept = pinned, {"unread": unread, "lexical": lexical, "fewer": fewer}
        left = "fewer" if self.fewer else "lexical" if self.on else "unread" if self.unread else ""
        return self._kept[left] if left else pinned
