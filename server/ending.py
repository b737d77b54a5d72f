"""What becomes of requests that are still being answered when the time of a drain is over?

They end as every request ends, with words: a status and a body, or the last line of a stream. Left to uvicorn they would be
cancelled, which looks like a fault of the server. gRPC says so by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.errors import Draining

CUT = "this server has ended before this was answered; ask again"


class Ending:
    """The end of all work, which comes once."""

    def __init__(self) -> None:
        self._come = False
        self._working: set[asyncio.Timeout] = set()

    def come(self) -> None:
        """Nothing goes on from here."""
        self._come = True
        for work in self._working:
            work.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def ends(self) -> AsyncIterator[None]:
        """Around work of one task. Raises Draining where the end comes before its own."""
        try:
            async with asyncio.timeout(0 if self._come else None) as work:
                self._working.add(work)
                try:
                    yield
                finally:
                    self._working.discard(work)
        except TimeoutError:
            if not work.expired():
                raise
            raise Draining(CUT) from None
