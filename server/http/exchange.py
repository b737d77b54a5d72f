"""What does the service need of gRPC's context, for a call that came another way?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NoReturn

import grpc

from server.errors import error_of


class Exchange:
    """Of one call."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def time_remaining(self) -> float:
        """Seconds until the caller's deadline."""
        return self._until - time.monotonic()

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Sequence[tuple[str, str | bytes]] = ()
    ) -> NoReturn:
        """Refuse the whole call, as the error that a client of the contract would get."""
        wait = dict(trailing_metadata).get("retry-after")
        raise error_of(code.name, details, float(wait) if wait else None)
