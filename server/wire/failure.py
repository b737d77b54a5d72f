"""How does the reason for having no answer cross the wire?"""

from __future__ import annotations

from protos.stepwell.v1 import search_pb2 as pb
from ranker.ranking import Failure

ECHO = 200
"""Characters of a failed query or target that are sent back; enough to recognise it."""


def refusal(text: str, error: Exception, code: str = "INVALID_ARGUMENT") -> Failure:
    """A query or target that failed for a stated reason; lone surrogates in its text become ``?``, so it can be sent."""
    return Failure(text.encode("utf-8", "replace").decode(), code, str(error))


def failure_to_proto(failure: Failure) -> pb.Failure:
    """Code and message; the query it belongs to travels in the outcome."""
    return pb.Failure(code=failure.code, message=failure.message)


def failure_from_proto(message: pb.SearchOutcome | pb.FetchOutcome, query: str) -> Failure:
    """Inverse of failure_to_proto; an outcome that is neither answer nor failure comes from a newer server."""
    if message.WhichOneof("outcome") is None:
        return Failure(query, "INTERNAL", "the server sent an outcome this client does not know; update the client")
    return Failure(query, message.failure.code, message.failure.message)
