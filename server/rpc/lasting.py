"""What of calls that last, and of those that anybody may make?

Health and the description of the contract are neither counted nor paid for; what of it lasts has places of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from server.errors import Overloaded
from server.observe.line import Line
from server.rpc.heard import Hearing
from server.rpc.refusing import Context, abort
from server.waiting import WATCHERS


class Lasting:
    """Of one worker."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._watchers = 0

    def handler(self, handler: grpc.RpcMethodHandler[Any, Any], line: Line) -> grpc.RpcMethodHandler[Any, Any]:
        """The same handler, with an end to its patience and to how many there may be."""
        decode, serialize = handler.request_deserializer or bytes, handler.response_serializer
        answer: Any = handler.unary_unary
        answers: Any = handler.unary_stream or handler.stream_stream

        async def once(_: object, context: Context) -> object:
            message, _size = await self._hearing.message(decode, context, line)
            line.omit()
            return await answer(message, context)

        async def last(requests: Any, context: Context) -> None:
            request = (await self._hearing.message(decode, context, line))[0] if handler.unary_stream else requests
            if self._watchers >= WATCHERS:
                line.end("RESOURCE_EXHAUSTED")
                await abort(context, Overloaded(f"{WATCHERS} calls of this kind are open", 60))
            self._watchers += 1
            try:
                parts = answers(request, context)
                if isinstance(parts, AsyncIterator):
                    async for part in parts:
                        await context.write(part)
                else:
                    await parts  # health writes for itself
                line.end("OK")
            finally:
                self._watchers -= 1

        if answer:
            return grpc.stream_unary_rpc_method_handler(once, None, serialize)
        return grpc.stream_stream_rpc_method_handler(last, decode if handler.stream_stream else None, serialize)
