"""May this call go on, and what does its caller see when it breaks?

The door is asked before a request is decoded (who is it, may they do this) and after it (how much is it). A search that a full
server would refuse whatever it asks is refused before it is read: that costs least where there is least to spare. A message that
is not valid protobuf (broken UTF-8 in a string, for one) is INVALID_ARGUMENT. An exception nobody expected is INTERNAL with a
short id; the traceback goes to the server's log under that id and never over the wire. Every call leaves one line in the log,
however it ends.
"""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from contextvars import ContextVar
from functools import partial
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from server.access.door import STATE, Caller, Door
from server.errors import DeadlineExceeded, Forbidden, Overloaded, RateLimited, RequestRefused, ServerError, status_of
from server.hanging_up import HangingUp
from server.observe.calls import Observer
from server.observe.line import Line
from server.observe.metrics import InFlight
from server.waiting import HEARD, UNHEARD, WATCHERS, Waiting
from server.wire.reply import Reply

Context = grpc.aio.ServicerContext[Any, Any]

log = logging.getLogger("stepwell.server")

CALLER: ContextVar[Caller] = ContextVar("caller")
"""Who made the call that is being answered."""
OPEN = "/grpc.health.v1."
"""What anybody may call: a load balancer has no key. It asks every other second, so that a Check leaves no line in the log."""
UNKNOWN = "unknown"
"""What the log calls methods that there are not: their names are a stranger's words."""
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
SEARCHES = frozenset({"/stepwell.v1.Search/BatchSearch", "/stepwell.v1.Search/BatchSearchStream"})
"""What a server that has too much to do refuses before it is read."""


def fault(what: str, error: Exception) -> str:
    """Log an exception nobody expected; the message to send instead."""
    name = uuid.uuid4().hex[:8]
    log.error("fault %s in %s", name, what, exc_info=error)
    return f"the server failed; its log has the details under {name}"


class Guard(grpc.aio.ServerInterceptor):
    """Stands before every call of every service."""

    def __init__(
        self,
        door: Door,
        observe: Observer,
        in_flight: InFlight,
        untaken: Waiting,
        max_calls: int = 256,
        full: Callable[[float | None], Overloaded | None] = lambda _: None,
    ) -> None:
        """`max_calls` whose request is whole may be in flight; one that has not said yet what it asks holds no place.

        `untaken` are the replies that are being sent; `full` says of a search that has so many seconds whether there is any use
        in reading it.
        """
        self._door = door
        self._observe = observe
        self._in_flight = in_flight
        self._max_calls, self._calls, self._full = max_calls, 0, full
        self._unheard, self._untaken = Waiting(UNHEARD, HEARD), untaken
        self._hanging_up = HangingUp()
        self._watchers = 0
        self._answering: set[asyncio.Task[object]] = set()

    async def idle(self) -> None:
        """Until no call is answered any more: those whose requests never came, and watchers, do not count."""
        while self._answering:
            await asyncio.wait(self._answering)

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """The same handler, guarded."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        line = Line(method.rpartition("/")[2] if handler else UNKNOWN, self._observe)
        if handler is None:
            line.end("UNIMPLEMENTED")
            return None
        line.task.add_done_callback(partial(self._ended, line))
        if method.startswith(OPEN):
            return self._open(handler, line)
        token = dict(handler_call_details.invocation_metadata or ()).get("authorization")
        try:
            caller = self._door.caller(token if isinstance(token, str) else None)
        except ServerError as error:
            line.end(status_of(error))
            return _refused(error)
        line.caller = caller.name
        if handler.stream_stream:  # reflection: any key may read the contract
            return self._open(handler, line)
        return self._guarded(handler, method, line, caller)

    def _ended(self, line: Line, task: asyncio.Task[object]) -> None:
        self._answering.discard(task)
        self._untaken.end(task)
        line.end("CANCELLED")

    def _open(self, handler: grpc.RpcMethodHandler[Any, Any], line: Line) -> grpc.RpcMethodHandler[Any, Any]:
        """What is neither counted nor paid for; what of it lasts has places of its own."""
        decode, serialize = handler.request_deserializer or bytes, handler.response_serializer
        answer: Any = handler.unary_unary
        answers: Any = handler.unary_stream or handler.stream_stream

        async def once(_: object, context: Context) -> object:
            message = await self._heard(decode, context, line)
            line.omit()
            return await answer(message, context)

        async def last(requests: Any, context: Context) -> None:
            request = await self._heard(decode, context, line) if handler.unary_stream else requests
            if self._watchers >= WATCHERS:
                line.end("RESOURCE_EXHAUSTED")
                await _abort(context, Overloaded(f"{WATCHERS} calls of this kind are open", 60))
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

    def _guarded(
        self, handler: grpc.RpcMethodHandler[Any, Any], method: str, line: Line, caller: Caller
    ) -> grpc.RpcMethodHandler[Any, Any]:
        decode, serialize = handler.request_deserializer or bytes, _serializer(handler.response_serializer or bytes)
        answer: Any = handler.unary_unary
        answers: Any = handler.unary_stream

        async def once(message: Any, context: Context, seen: _Seen) -> object:
            reply: object = await answer(message, context)
            seen.add(reply)
            self._sending(line, context, reply)  # ends with the task
            return reply

        async def parted(message: Any, context: Context, seen: _Seen) -> None:
            async with aclosing(answers(message, context)) as parts:
                async for part in parts:
                    seen.add(part)
                    self._sending(line, context, part)
                    await context.write(part)
                    self._untaken.end(line.task)

        async def watched(_: object, context: Context) -> object:
            refusal = self._refusal(method, caller, context)
            if refusal:
                line.end(status_of(refusal))
                return await _abort(context, refusal)
            message = await self._heard(decode, context, line)
            return await self._watched(once if answer else parted, message, method, line, caller, context)

        if answer:
            return grpc.stream_unary_rpc_method_handler(watched, None, serialize)
        return grpc.stream_stream_rpc_method_handler(watched, None, serialize)

    def _refusal(self, method: str, caller: Caller, context: Context) -> ServerError | None:
        """Why there is no use in reading a search; who may not search hears that first, for it does not pass."""
        if method not in SEARCHES:
            return None
        try:
            self._door.allow(caller, SCOPE[method])
        except Forbidden as error:
            return error
        return self._full(context.time_remaining())

    def _sending(self, line: Line, context: Context, reply: Any) -> None:
        """Count it until it is taken; a client that does not take it loses the connection, which would keep it in memory."""

        def give_up() -> None:
            line.task.cancel()
            self._hanging_up.on(context.peer())

        self._untaken.begin(line.task, give_up, len(reply.body) if isinstance(reply, Reply) else reply.ByteSize())

    async def _heard(self, decode: Callable[[bytes], Any], context: Context, line: Line) -> Any:
        """The one message of the request, for which gRPC itself would wait for ever; so it is read as if there could be many."""
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
                return decode(request)
            line.end("CANCELLED")  # hung up, or longer than may be: then gRPC has said so
            error: ServerError = RequestRefused("the call ended before its request was whole")
        except asyncio.CancelledError:
            if not late or line.task.uncancel():
                raise
            error = DeadlineExceeded("the request did not come in time")
        except DecodeError:
            error = RequestRefused("request is not valid protobuf; text must be UTF-8")
        line.end(status_of(error))
        return await _abort(context, error)

    async def _watched(
        self,
        work: Callable[[Any, Context, _Seen], Awaitable[object]],
        message: Any,
        method: str,
        line: Line,
        caller: Caller,
        context: Context,
    ) -> object:
        """Around a call: may it go on, what becomes of its exceptions, what is written of it."""
        self._answering.add(line.task)
        seen, done, cost = _Seen(), False, _cost(message)
        token = CALLER.set(caller)
        self._in_flight.begin()
        self._calls += 1
        try:
            if self._calls > self._max_calls:
                raise Overloaded(f"{self._max_calls} calls are being answered", 1)
            with self._door.paid(caller, SCOPE.get(method, "admin"), cost):
                reply = await work(message, context, seen)
        except (grpc.aio.AbortError, grpc.aio.InternalError):  # ours; or nobody is there any more to write to
            raise
        except ServerError as error:
            return await _abort(context, error)
        except Exception as error:  # noqa: BLE001 - the border of the process: whatever it was, the caller gets an id and the log the rest
            return await context.abort(grpc.StatusCode.INTERNAL, fault(method, error))
        else:
            done = True
            return reply
        finally:
            self._in_flight.end()
            self._calls -= 1
            CALLER.reset(token)
            line.end("OK" if done else _code(context), cost, seen.failed)


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
        self.failed += sum(outcome.HasField("failure") for outcome in getattr(reply, "outcomes", ()))


def _serializer(serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """What is bytes already goes as it is."""
    return lambda reply: reply.body if isinstance(reply, Reply) else serialize(reply)


def _code(context: Context) -> str:
    """The status that a call without a reply ended with."""
    code = context.code()
    return code.name if isinstance(code, grpc.StatusCode) and code is not grpc.StatusCode.OK else "CANCELLED"


async def _abort(context: Context, error: ServerError) -> NoReturn:
    trailing = (("retry-after", f"{math.ceil(error.retry_after)}"),) if isinstance(error, RateLimited) else ()
    await context.abort(grpc.StatusCode[status_of(error)], str(error), trailing)


def _refused(error: ServerError) -> grpc.RpcMethodHandler[Any, Any]:
    """A handler that only says no, whatever is asked."""

    async def no(_: object, context: Context) -> None:
        await _abort(context, error)

    return grpc.stream_stream_rpc_method_handler(no)
