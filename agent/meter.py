"""What does the step under way take, whether or not it is waited for?

The loop gives a step up when a stop is wanted or time is over. What its models took until then was taken all the same, and
verdicts that the judge gave need not be asked for again.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from agent.answer import Parts
from agent.budget import affords
from agent.models.bill import Bill, metered
from agent.sandbox import Ending
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
        self._over = threading.Event()

    def affords(self) -> bool:
        """Whether tokens and money are left for one more try of either."""
        return affords(self.standing, self.own.usage, self.others.usage)

    def on(self, parts: Parts) -> Parts:
        """The same parts, metered; a command ends when the step is given up."""
        started = self.standing.started
        judge = started.judge or started.model
        return replace(
            parts,
            model=metered(parts.model, self.own, started.model.takes_tokens),
            judge=metered(parts.judge, self.others, judge.takes_tokens) if parts.judge else None,
            note=self.checked.append,
            sandbox=parts.sandbox.until(self._over) if isinstance(parts.sandbox, Ending) else parts.sandbox,
        )

    def give_up(self) -> None:
        """Nobody waits for the step: what still goes on in it asks no model any more, and runs no command."""
        self.own.closed = self.others.closed = True
        self._over.set()

    def given_up(self, reason: str) -> Ended:
        """The end of a run whose step nobody waits for."""
        self.give_up()
        return Ended(False, reason, self.own.usage, self.others.usage, tuple(self.checked))
