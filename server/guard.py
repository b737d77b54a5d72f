"""What does a caller see when a call breaks?

A message that is not valid protobuf (broken UTF-8 in a string, for one) is INVALID_ARGUMENT. An exception nobody expected
is INTERNAL with a short id; the traceback goes to the server's log under that id and never over the wire.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

log = logging.getLogger("stepwell.server")


def fault(what: str, error: Exception) -> str:
    """Log an exception nobody expected; the message to send instead."""
    name = uuid.uuid4().hex[:8]
    log.error("fault %s in %s", name, what, exc_info=error)
    return f"the server failed; its log has the details under {name}"


class Guard(grpc.aio.ServerInterceptor):
    """Stands before every unary call of every service."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """The same handler, guarded."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:  # an unknown method, or a stream: health's Watch, reflection
            return handler
        answer: Callable[[Any, Any], Awaitable[Any]] = handler.unary_unary
        decode = handler.request_deserializer or bytes

        async def guarded(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> object:
            try:
                message = decode(request)
            except DecodeError:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "request is not valid protobuf; text must be UTF-8")
            try:
                return await answer(message, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:  # noqa: BLE001 - the border of the process: whatever it was, the caller gets an id and the log the rest
                await context.abort(grpc.StatusCode.INTERNAL, fault(handler_call_details.method, error))

        return grpc.unary_unary_rpc_method_handler(
            guarded,
            request_deserializer=None,
            response_serializer=handler.response_serializer,
        )
