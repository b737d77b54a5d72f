"""How do the outcomes of a call become one reply?

Each is written on the thread that found it, as a reply of its own: protobuf reads replies one after the other as one reply with
all their outcomes. What is left for the event loop is to join bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protos.stepwell.v1 import search_pb2 as pb
from ranker.ranking import Failure, Outcome
from server.wire.ranking import fill_outcome


@dataclass(frozen=True, slots=True)
class Reply:
    """A BatchSearchResponse as it is sent, or one part of a stream."""

    body: bytes
    failed: int
    """Outcomes in it that are failures."""

    def size(self) -> int:
        """Bytes."""
        return len(self.body)

    @property
    def part(self) -> pb.BatchSearchPart:
        """Of a stream, for those who send something else."""
        return pb.BatchSearchPart.FromString(self.body)

    @property
    def message(self) -> pb.BatchSearchResponse:
        """For those who send something else."""
        return pb.BatchSearchResponse.FromString(self.body)


def reply_of(outcome: Outcome, explain: bool = True) -> Reply:
    """A reply with one outcome, with the terms of its hits only to `explain`."""
    message = pb.BatchSearchResponse()
    fill_outcome(message.outcomes.add(), outcome, explain)
    return Reply(message.SerializeToString(), isinstance(outcome, Failure))


def part_of(place: int, outcome: pb.SearchOutcome) -> Reply:
    """One part of a stream."""
    return Reply(pb.BatchSearchPart(query=place, outcome=outcome).SerializeToString(), outcome.HasField("failure"))


def joined(replies: Sequence[Reply]) -> Reply:
    """One reply with the outcomes of all, in order."""
    return Reply(b"".join(reply.body for reply in replies), sum(reply.failed for reply in replies))
