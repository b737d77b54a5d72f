"""What does a call ask, and what if it never says?

gRPC itself would wait for ever for the one message of a request; so it is read as if there could be many, and waited for some
seconds. A message that is not valid protobuf (broken UTF-8 in a string, for one) is INVALID_ARGUMENT.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError

from server.errors import DeadlineExceeded, RequestRefused, ServerError, status_of
from server.observe.line import Line
from server.rpc.refusing import Context, abort
from server.waiting import HEARD, UNHEARD, Waiting


class Hearing:
    """Of all calls of one worker."""

    def __init__(self) -> None:
        self._unheard = Waiting(UNHEARD, HEARD)

    async def message(self, decode: Callable[[bytes], Any], context: Context, line: Line) -> tuple[Any, int]:
        """The message, and how many bytes it came in; where there is none the call ends."""
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            line.task.cancel()

        try:
            self._unheard.begin(line.task, give_up)
            try:
                request = await context.read()
            finally:
                self._unheard.end(line.task)
            line.begin()
            if isinstance(request, bytes):
                return decode(request), len(request)
            line.end("CANCELLED")  # hung up, or longer than may be: then gRPC has said so
            error: ServerError = RequestRefused("the call ended before its request was whole")
        except asyncio.CancelledError:
            if not late or line.task.uncancel():
                raise
            error = DeadlineExceeded("the request did not come in time")
        except DecodeError:
            error = RequestRefused("request is not valid protobuf; text must be UTF-8")
        line.end(status_of(error))
        return await abort(context, error)
