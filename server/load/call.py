"""What is one batch on its way?"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from ranker.query import Query
from ranker.ranking import Outcome
from server.load.estimate import characters, cost
from server.units import MARGIN

if TYPE_CHECKING:
    from ranker.batch import Retrieved
    from ranker.pinned import Pinned
    from ranker.steps import Steps
    from server.load.pile import Pile

Answer = TypeVar("Answer")

PRESSING = 0.6
"""Share of a call's time that is left when it no longer waits for its turn; less than what it may be let in to wait."""


@dataclass(slots=True)
class Ticket:
    """Queries that stay together: the wordings of one question, mostly one; of a call that is alone many questions."""

    queries: list[tuple[int, Query]]
    """Each with its place in the call."""
    retrieved: Retrieved | None = None
    """Their candidates, where they were retrieved ahead."""
    steps: Steps[list[Retrieved]] | None = None
    """What is left of retrieving them, where that was begun: many queries are more than a unit."""
    begun: bool = False
    """Whether it was part of a unit."""

    cost: int = field(init=False)
    """Of all its queries."""
    characters: int = field(init=False)
    """The same, as retrieving goes by."""

    def __post_init__(self) -> None:
        self.cost = sum(cost(query) for _, query in self.queries)
        self.characters = sum(characters(query) for _, query in self.queries)

    def questions(self) -> list[Ticket]:
        """Each of its questions alone."""
        groups: dict[str | int, list[tuple[int, Query]]] = {}
        for place, query in self.queries:
            groups.setdefault(query.fuse or place, []).append((place, query))
        return list(map(Ticket, groups.values()))


@dataclass(slots=True, eq=False)
class Call(Generic[Answer]):
    """One batch."""

    queries: Sequence[tuple[int, Query]]
    """With their places in the caller's batch."""
    pinned: Pinned
    """What to answer from."""
    present: Callable[[int, Outcome], Answer]
    """From a query's place and its outcome; runs on the thread that searched."""
    caller: str
    """For the query log."""
    seconds: float | None = None
    """Left to the caller; None for no deadline."""
    size: Callable[[Answer], int] | None = None
    """Bytes of an answer, where answers wait for a reader who takes one after the other; None where they are taken at once."""
    pile: Pile | None = None
    """Of what waits for such a reader."""
    answers: asyncio.Queue[list[tuple[int, Answer]] | BaseException | None] = field(default_factory=asyncio.Queue)
    """What is done, or why nothing can be answered any more; None when its time is over."""
    until: float = float("inf")
    """time.monotonic() at which the reply must be on its way."""
    gone: bool = False
    """Whether nobody waits for it any more."""

    def __post_init__(self) -> None:
        if self.seconds is not None:
            self.until = time.monotonic() + self.seconds - min(MARGIN, self.seconds / 10)

    @property
    def dense(self) -> bool:
        """Whether its queries are encoded."""
        return self.pinned is not None and self.pinned.encoder is not None

    @property
    def left(self) -> float | None:
        """Seconds until the reply must be on its way; None for no deadline."""
        return None if self.until == float("inf") else max(0.0, self.until - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether nothing of it need be done any more: nobody waits, or its time has passed."""
        return self.gone or time.monotonic() >= self.until

    def may_begin(self, ticket: Ticket) -> bool:
        """Whether one of its tickets may be part of a unit: what was begun goes on, whoever takes it."""
        return ticket.begun or self.pile is None or self.pile.room

    def begin(self, ticket: Ticket) -> None:
        """It is part of a unit."""
        if self.pile and not ticket.begun:
            self.pile.begin(ticket.cost)
        ticket.begun = True

    def pressing(self, now: float) -> bool:
        """Whether less than PRESSING of its time is left at `now`, seconds of time.monotonic().

        A stream whose reader stalled takes turns to its end: others were let in meanwhile.
        """
        if self.seconds is None or (self.pile and self.pile.back):
            return False
        return self.until - now < PRESSING * self.seconds

    def tickets(self, parts: int | None = None) -> list[Ticket]:
        """Its queries, those of one question together; in so many `parts` of about as many questions, where that is said."""
        tickets = Ticket(list(self.queries)).questions()
        size = math.ceil(len(tickets) / parts) if parts else 1
        if size == 1:
            return tickets
        groups = (tickets[first : first + size] for first in range(0, len(tickets), size))
        return [Ticket([one for ticket in group for one in ticket.queries]) for group in groups]
