"""What is known of a run after its events so far?

The projections that every step needs, each kept up event by event: where the run stands, what evidence it has, which results can
be read again, and what was said. Nothing is in here that the events do not hold.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.blobs import Blobs
from agent.evidence import Evidence
from agent.models import Message
from agent.profiles import profile_of
from agent.standing import Standing, Tally
from agent.trajectory import Event, Replied, Returned, Started
from agent.turns import Turn, take


class Known:
    """The run, as its events tell it."""

    def __init__(self, events: Iterable[Event], blobs: Blobs) -> None:
        self.blobs = blobs
        self.events: list[Event] = []
        self.evidence = Evidence(blobs.text)
        self.answers: dict[str, Returned] = {}
        """What came of every call, refusals among them, by its id."""
        self.replies: list[Replied] = []
        self.turns: list[Turn] = []
        self.told: dict[tuple[int, int], Message] = {}
        """Summaries that were made already, by the replies they stand for and their room."""
        self._tally = Tally()
        self._nudge = ""
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """One more event."""
        self.events.append(event)
        self._tally.take(event)
        if isinstance(event.payload, Started):
            self._nudge = profile_of(event.payload.model).nudge
        take(self.turns, event, self.blobs, self._nudge)
        if isinstance(event.payload, Replied):
            self.replies.append(event.payload)
        if isinstance(event.payload, Returned):
            self.evidence.learn(event.payload.sources, event.payload.spans)
            self.answers[event.payload.call_id] = event.payload

    def standing(self, now: float | None = None) -> Standing:
        """Where the run stands; `now` adds the time since the last event."""
        return self._tally.standing(now)
