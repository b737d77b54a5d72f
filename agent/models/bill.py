"""What did a model take so far, and may it be asked once more?

A reply may need several tries, and a step of the run several replies. All are on one bill while the step is under way, so that
limits bind between two tries, and what was taken is known when nobody waits for the reply any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from agent.errors import ModelError
from agent.models import NO_USAGE, Message, Model, Reply, ToolSchema, Usage
from agent.tokens import schemas, weight


class Try(Protocol):
    """One request."""

    @property
    def usage(self) -> Usage:
        """What it took as far as is known now."""
        ...


class Bill:
    """What one model takes in one step."""

    def __init__(self, affords: Callable[[], bool] = lambda: True) -> None:
        self.affords = affords
        """Whether the limits leave room for one more try."""
        self.closed = False
        """Whether nobody waits any more, so that nothing more may be taken."""
        self._tries: list[Try] = []

    def add(self, one: Try) -> None:
        """One more try begins. Raises ModelError where nobody waits for it."""
        if self.closed:
            raise ModelError("nobody waits for this reply any more")
        self._tries.append(one)

    @property
    def usage(self) -> Usage:
        """Of all tries; of one under way, an estimate."""
        return sum((one.usage for one in list(self._tries)), NO_USAGE)


@runtime_checkable
class Metered(Protocol):
    """A model that bills every try."""

    def metered(self, bill: Bill) -> Model:
        """The same model, with its tries on this bill."""
        ...


def metered(model: Model, bill: Bill, takes_tokens: bool) -> Model:
    """The model with what it takes on this bill, try by try where it can."""
    return model.metered(bill) if isinstance(model, Metered) else Whole(model, bill, takes_tokens)


class Asked:
    """A reply of a model that says what it took when it is done."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage


class Whole:
    """A model that is billed by the reply; while one is under way, its prompt is estimated."""

    def __init__(self, model: Model, bill: Bill, takes_tokens: bool) -> None:
        self.model = model
        self.bill = bill
        self.takes_tokens = takes_tokens

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The model's. Raises ModelError."""
        likely = Usage(weight(messages) + schemas(tools), 0, estimated=True) if self.takes_tokens else NO_USAGE
        asked = Asked(likely)
        self.bill.add(asked)
        try:
            reply = self.model.reply(messages, tools)
        except ModelError as error:
            asked.usage = error.spent or NO_USAGE
            raise
        asked.usage = reply.usage
        return reply
