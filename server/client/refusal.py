"""Why did a call get no reply, and which error is that?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import grpc

from server.address import Address
from server.errors import AS_OF, ServerError, error_of

WORDS = {
    "UNAVAILABLE": "no server answers at {address}; start one with: stepwell server run --index DIR",
    "UNIMPLEMENTED": "what answers at {address} is not a Stepwell server of this release",
    "DEADLINE_EXCEEDED": "no answer from {address} in time; allow more seconds, or ask for less at once",
}
"""Our words for statuses whose details gRPC itself wrote; the others were written by the server."""
FULL = "Concurrent RPC limit exceeded!"
"""gRPC's words where a server has as many calls in flight as it takes; the call was not looked at."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call ended without its reply."""

    code: str
    """gRPC status name."""
    details: str
    retry_after: float | None = None
    """Seconds after which the server wants to be asked again; it then has done nothing of the call."""

    @property
    def untouched(self) -> bool:
        """Whether the server says that it did nothing and may do it later: any call may then be made again."""
        return self.retry_after is not None or (self.code == "RESOURCE_EXHAUSTED" and self.details == FULL)

    def error(self, address: Address) -> ServerError:
        """What the client raises."""
        words = None if self.details.startswith(AS_OF) else WORDS.get(self.code)  # a server does answer
        return error_of(self.code, words.format(address=address) if words else self.details or self.code, self.retry_after)


def refusal_of(error: grpc.RpcError) -> Refusal:
    """What an error of gRPC says."""
    code = error.code().name
    trailing = dict(cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ()))
    wait = trailing.get("retry-after") if code == "RESOURCE_EXHAUSTED" else None
    return Refusal(code, error.details() or "", _seconds(wait))


def _seconds(wait: str | bytes | None) -> float | None:
    try:
        seconds = float(wait) if wait is not None else -1.0
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
