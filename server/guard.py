"""May this call go on, and what does its caller see when it breaks?

The door is asked before a request is decoded (who is it, may they do this) and after it (how much is it). A message that is not
valid protobuf (broken UTF-8 in a string, for one) is INVALID_ARGUMENT. An exception nobody expected is INTERNAL with a short id;
the traceback goes to the server's log under that id and never over the wire.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from protos.stepwell.v1 import search_pb2 as pb
from server.access.door import STATE, Caller, Door
from server.errors import Overloaded, RateLimited, ServerError, status_of
from server.observe.calls import Call, Observer
from server.observe.metrics import InFlight
from server.wire.reply import Reply

log = logging.getLogger("stepwell.server")

CALLER: ContextVar[Caller] = ContextVar("caller")
"""Who made the call that is being answered."""
OPEN = "/grpc.health.v1."
"""What anybody may call: a load balancer has no key."""
SCOPE = {
    "/stepwell.v1.Search/BatchSearch": "search",
    "/stepwell.v1.Search/Fetch": "fetch",
    "/stepwell.v1.Search/BatchSearchStream": "search",
    "/stepwell.v1.Search/Status": "search",
    "/stepwell.v1.Authority/List": "search",
    "/stepwell.v1.Authority/Explain": "search",
    "/stepwell.v1.Authority/History": "search",
    "/stepwell.v1.Authority/Set": "authority",
    "/stepwell.v1.Authority/Remove": "authority",
    "/stepwell.v1.Authority/Revert": "authority",
    "/stepwell.v1.Admin/Status": STATE,
    "/stepwell.v1.Admin/Snapshots": STATE,
}
"""The scope that each method needs; what is not here needs `admin`."""


def fault(what: str, error: Exception) -> str:
    """Log an exception nobody expected; the message to send instead."""
    name = uuid.uuid4().hex[:8]
    log.error("fault %s in %s", name, what, exc_info=error)
    return f"the server failed; its log has the details under {name}"


class Guard(grpc.aio.ServerInterceptor):
    """Stands before every call of every service."""

    def __init__(self, door: Door, observe: Observer, in_flight: InFlight, max_calls: int = 256) -> None:
        """`max_calls` whose request is whole may be in flight; one that has not said yet what it asks holds no place."""
        self._door = door
        self._observe = observe
        self._in_flight = in_flight
        self._max_calls, self._calls = max_calls, 0

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """The same handler, guarded."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN):  # an unknown method, or one that anybody may call
            return handler
        token = dict(handler_call_details.invocation_metadata or ()).get("authorization")
        try:
            caller = self._door.caller(token if isinstance(token, str) else None)
        except ServerError as error:
            self._observe(Call(method.rpartition("/")[2], "anonymous", status_of(error), 1, 0, 0.0))
            return _refused(handler, error)
        return self._guarded(handler, method, caller)

    def _guarded(self, handler: grpc.RpcMethodHandler[Any, Any], method: str, caller: Caller) -> grpc.RpcMethodHandler[Any, Any]:
        decode, serialize = handler.request_deserializer or bytes, _serializer(handler.response_serializer or bytes)
        answer: Any = handler.unary_unary
        answers: Any = handler.unary_stream

        async def one(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> object:
            message = await _decoded(decode, request, context)
            async with self._watched(message, method, caller, context) as seen:
                reply = await answer(message, context)
                seen.add(reply)
                return reply
            raise AssertionError  # `_watched` lets nothing pass in silence

        async def many(request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[object]:
            message = await _decoded(decode, request, context)
            async with self._watched(message, method, caller, context) as seen:
                async for part in answers(message, context):
                    seen.add(part)
                    yield part

        if answer:
            return grpc.unary_unary_rpc_method_handler(one, request_deserializer=None, response_serializer=serialize)
        if answers:
            return grpc.unary_stream_rpc_method_handler(many, request_deserializer=None, response_serializer=serialize)
        return handler  # reflection: any key may read the contract

    @asynccontextmanager
    async def _watched(
        self, message: Any, method: str, caller: Caller, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[_Seen]:
        """Around a call: may it go on, what becomes of its exceptions, what is written of it."""
        began, seen, done = time.perf_counter(), _Seen(), False
        token = CALLER.set(caller)
        self._in_flight.begin()
        self._calls += 1
        try:
            if self._calls > self._max_calls:
                raise Overloaded(f"{self._max_calls} calls are being answered", 1)
            self._door.admit(caller, SCOPE.get(method, "admin"), _cost(message))
            yield seen
            done = True
        except grpc.aio.AbortError:
            raise
        except ServerError as error:
            await _abort(context, error)
        except Exception as error:  # noqa: BLE001 - the border of the process: whatever it was, the caller gets an id and the log the rest
            await context.abort(grpc.StatusCode.INTERNAL, fault(method, error))
        finally:
            self._in_flight.end()
            self._calls -= 1
            CALLER.reset(token)
            code = "OK" if done else _code(context)
            ms = (time.perf_counter() - began) * 1000
            self._observe(Call(method.rpartition("/")[2], caller.name, code, _cost(message), seen.failed, ms))


def _cost(message: Any) -> int:
    """Queries or documents that a request asks for; 1 for everything else."""
    return max(
        len(getattr(message, "queries", ())) + len(getattr(message, "targets", ())) + len(getattr(message, "parts", ())), 1
    )


class _Seen:
    """What a call has answered so far."""

    def __init__(self) -> None:
        self.failed = 0
        """Outcomes that are failures."""

    def add(self, reply: Any) -> None:
        """A reply, or one part of a stream."""
        if isinstance(reply, Reply):
            self.failed += reply.failed
            return
        outcomes = [reply.outcome] if isinstance(reply, pb.BatchSearchPart) else getattr(reply, "outcomes", ())
        self.failed += sum(outcome.HasField("failure") for outcome in outcomes)


def _serializer(serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """What is bytes already goes as it is."""
    return lambda reply: reply.body if isinstance(reply, Reply) else serialize(reply)


async def _decoded(decode: Callable[[bytes], Any], request: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
    try:
        return decode(request)
    except DecodeError:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "request is not valid protobuf; text must be UTF-8")


def _code(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """The status that a call without a reply ended with."""
    code = context.code()
    return code.name if isinstance(code, grpc.StatusCode) and code is not grpc.StatusCode.OK else "CANCELLED"


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: ServerError) -> NoReturn:
    trailing = (("retry-after", f"{math.ceil(error.retry_after)}"),) if isinstance(error, RateLimited) else ()
    await context.abort(grpc.StatusCode[status_of(error)], str(error), trailing)


def _refused(handler: grpc.RpcMethodHandler[Any, Any], error: ServerError) -> grpc.RpcMethodHandler[Any, Any]:
    """A handler of the same kind that only says no."""

    async def unary(_: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await _abort(context, error)

    async def stream(_: object, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[object]:
        await _abort(context, error)
        yield  # makes it a generator, as gRPC wants of a stream

    if handler.unary_unary:
        return grpc.unary_unary_rpc_method_handler(unary)
    if handler.unary_stream:
        return grpc.unary_stream_rpc_method_handler(stream)
    return grpc.stream_stream_rpc_method_handler(stream)
