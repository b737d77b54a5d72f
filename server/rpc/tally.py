"""What does a call ask for, and what became of it?"""

from __future__ import annotations

from typing import Any

import grpc

from server.rpc.refusing import Context
from server.wire.reply import Reply

QUERY = 1000
"""Bytes that a stream keeps for each of its questions, beside those of its request."""


class Tally:
    """Of one call."""

    def __init__(self, message: Any, size: int) -> None:
        """`size` is that of its request, bytes."""
        self.asked = _cost(message)
        """Queries or documents."""
        self.failed = 0
        """Outcomes so far that are failures."""
        self._size = size

    @property
    def kept(self) -> int:
        """Bytes that it keeps as long as it lasts."""
        return self._size + QUERY * self.asked

    def add(self, reply: Any) -> None:
        """A reply, or one part of a stream."""
        if isinstance(reply, Reply):
            self.failed += reply.failed
            return
        self.failed += sum(outcome.HasField("failure") for outcome in getattr(reply, "outcomes", ()))


def _cost(message: Any) -> int:
    """Queries or documents that a request asks for; 1 for everything else."""
    return max(
        len(getattr(message, "queries", ())) + len(getattr(message, "targets", ())) + len(getattr(message, "parts", ())), 1
    )


def code(context: Context) -> str:
    """The status that a call without a reply ended with."""
    said = context.code()
    return said.name if isinstance(said, grpc.StatusCode) and said is not grpc.StatusCode.OK else "CANCELLED"
