"""Does anybody still wait for the answer?

When the client hangs up, the work for it is cancelled, and no further unit of it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from starlette.requests import Request

HUNG_UP = 499
"""Nobody reads this status; it is what the log and the metrics show."""

T = TypeVar("T")


class Gone(Exception):
    """The client hung up before it was answered."""


async def unless_gone(request: Request, answer: Awaitable[T]) -> T:
    """The answer; cancelled, with Gone, as soon as nobody waits for it."""
    working = asyncio.ensure_future(answer)
    watching = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        for task in (working, watching):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _gone(request: Request) -> None:
    """Return once the client has hung up. The border has read the body, so only that can arrive."""
    while (await request.scope["stepwell.disconnect"]())["type"] != "http.disconnect":
        pass
