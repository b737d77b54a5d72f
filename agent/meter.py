"""What does the step under way take, whether or not it is waited for?

The loop gives a step up when a stop is wanted or time is over. What its models took until then was taken all the same, and
verdicts that the judge gave need not be asked for again.
"""

from __future__ import annotations

from dataclasses import replace

from agent.answer import Parts
from agent.budget import affords
from agent.models.bill import Bill, metered
from agent.standing import Standing
from agent.trajectory import Ended
from agent.verdicts import Checked


class Meter:
    """One step's bills and verdicts."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.own = Bill(self.affords)
        """The run's model."""
        self.others = Bill(self.affords)
        """The judge."""
        self.checked: list[Checked] = []
        """Verdicts of the judge so far."""

    def affords(self) -> bool:
        """Whether tokens and money are left for one more try of either."""
        return affords(self.standing, self.own.usage, self.others.usage)

    def on(self, parts: Parts) -> Parts:
        """The same parts, metered."""
        started = self.standing.started
        judge = started.judge or started.model
        return replace(
            parts,
            model=metered(parts.model, self.own, started.model.takes_tokens),
            judge=metered(parts.judge, self.others, judge.takes_tokens) if parts.judge else None,
            note=self.checked.append,
        )

    def given_up(self, reason: str) -> Ended:
        """The end of a run whose step nobody waits for; what still goes on in it asks no model any more."""
        self.own.closed = self.others.closed = True
        return Ended(False, reason, self.own.usage, self.others.usage, tuple(self.checked))
