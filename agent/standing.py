"""Where does a run stand?

Computed from its events alone, so a process that takes a run up knows exactly what the one before it knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from agent.models import Call, Usage
from agent.trajectory import Ended, Event, Limits, Replied, Reported, Resumed, Returned, Started

MAX_SILENCE = 3
"""Replies in a row without a tool call after which the loop stops asking."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the loop needs to know to take the next step."""

    started: Started
    limits: Limits
    """Those of the last process that took the run up."""
    steps: int
    """Replies so far."""
    seconds: float
    """Working time so far, up to the last event."""
    usage: Usage
    """Tokens so far."""
    pending: tuple[Call, ...]
    """Calls of the last reply that nobody has answered yet."""
    silent: int
    """Replies in a row without a call, up to now."""
    refusals: int
    """Times that finish was refused."""
    draft: str
    """SHA-256 of the report's draft, empty where none was written."""
    last_words: str
    """Text of the last reply without a call, empty where there is none."""
    finished: bool
    """Whether finish was accepted."""
    ended: Ended | None
    """How the loop stopped; None while it runs."""
    reported: Reported | None
    """What was written of the report after that; None where it still has to be."""

    @property
    def exhausted(self) -> str:
        """Which limit is reached, in words; empty where none is."""
        if self.steps >= self.limits.steps:
            return f"the limit of {self.limits.steps} steps was reached"
        if self.seconds >= self.limits.seconds:
            return f"the limit of {self.limits.seconds:g} seconds was reached"
        if self.silent >= MAX_SILENCE:
            return f"the model gave {self.silent} replies in a row without a tool call"
        return ""


def standing_of(events: list[Event], now: float | None = None) -> Standing:
    """Where the run stands after these events; `now` adds the time since the last of them."""
    started = events[0].payload
    assert isinstance(started, Started), "a log begins with started"
    payloads = [event.payload for event in events]
    replies = [p for p in payloads if isinstance(p, Replied)]
    returns = [p for p in payloads if isinstance(p, Returned)]
    resumed = [i for i, p in enumerate(payloads) if isinstance(p, Resumed)]
    since = payloads[resumed[-1] + 1 if resumed else 0 :]
    answered = {p.call_id for p in returns}
    silent = next((i for i, reply in enumerate(reversed(replies)) if reply.calls), len(replies))
    return Standing(
        started=started,
        limits=next((p.limits for p in reversed(payloads) if isinstance(p, Resumed)), started.limits),
        steps=len(replies),
        seconds=_worked(events) + (max(0.0, now - events[-1].time) if now is not None else 0.0),
        usage=Usage(sum(r.usage.read for r in replies), sum(r.usage.written for r in replies)),
        pending=tuple(c for c in replies[-1].calls if c.id not in answered) if replies else (),
        silent=silent,
        refusals=sum(p.tool == "finish" and not p.finished for p in returns),
        draft=next((p.draft for p in reversed(returns) if p.draft), ""),
        last_words=next((r.text for r in reversed(replies) if r.text and not r.calls), ""),
        finished=any(p.finished for p in returns),
        ended=next((p for p in reversed(since) if isinstance(p, Ended)), None),
        reported=next((p for p in reversed(since) if isinstance(p, Reported)), None),
    )


def _worked(events: list[Event]) -> float:
    """Seconds between the events, without the pauses that a resumption ended."""
    gaps = (b.time - a.time for a, b in pairwise(events) if not isinstance(b.payload, Resumed))
    return sum(max(0.0, gap) for gap in gaps)
