"""May this call go on, and what does its caller see when it breaks?

The door is asked before a request is decoded (who is it, may they do this) and after it (how much is it). A search that a full
server would refuse whatever it asks is refused before it is read: that costs least where there is least to spare. An exception
nobody expected is INTERNAL with an id and no traceback. Every call leaves one line in the log, however it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import grpc
import grpc.aio

from server.access.door import CALLER, Caller, Door
from server.access.scopes import OPEN, SCOPE, SEARCHES
from server.errors import Forbidden, Overloaded, ServerError, status_of
from server.faults import fault
from server.observe.calls import Observer
from server.observe.line import Line
from server.observe.metrics import InFlight
from server.places import Places
from server.rpc.heard import Hearing
from server.rpc.lasting import Lasting
from server.rpc.refusing import Context, abort, refused
from server.rpc.sending import Sending
from server.rpc.tally import Tally, code
from server.waiting import Waiting
from server.wire.reply import Reply

UNKNOWN = "unknown"
"""What the log calls methods that there are not: their names are a stranger's words."""

Work = Callable[[Any, Context, Tally], Awaitable[object]]
"""Answers a message."""


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
        """`max_calls` may be worked on; one that has not said yet what it asks, or is not read on, holds no place.

        `untaken` are the replies that are being sent; `full` says of a search that has so many seconds whether there is any use
        in reading it.
        """
        self._door, self._observe, self._in_flight, self._full = door, observe, in_flight, full
        self._places, self._hearing = Places(max_calls), Hearing()
        self._sending, self._lasting = Sending(untaken, self._places), Lasting(self._hearing)
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
            return self._lasting.handler(handler, line)
        token = dict(handler_call_details.invocation_metadata or ()).get("authorization")
        try:
            caller = self._door.caller(token if isinstance(token, str) else None)
        except ServerError as error:
            line.end(status_of(error))
            return refused(error)
        line.caller = caller.name
        if handler.stream_stream:  # reflection: any key may read the contract
            return self._lasting.handler(handler, line)
        return self._guarded(handler, method, line, caller)

    def _ended(self, line: Line, task: asyncio.Task[object]) -> None:
        self._answering.discard(task)
        self._sending.end(task)
        line.end("CANCELLED")

    def _guarded(
        self, handler: grpc.RpcMethodHandler[Any, Any], method: str, line: Line, caller: Caller
    ) -> grpc.RpcMethodHandler[Any, Any]:
        decode, serialize = handler.request_deserializer or bytes, _serializer(handler.response_serializer or bytes)
        answer: Any = handler.unary_unary
        answers: Any = handler.unary_stream

        async def once(message: Any, context: Context, tally: Tally) -> object:
            reply: object = await answer(message, context)
            tally.add(reply)
            self._sending.begin(line, context, reply)  # ends with the task
            return reply

        async def parted(message: Any, context: Context, tally: Tally) -> None:
            async with aclosing(answers(message, context)) as parts:
                async for part in parts:
                    tally.add(part)
                    await self._sending.part(line, context, part, tally.kept)

        async def watched(_: object, context: Context) -> object:
            refusal = self._refusal(method, caller, context)
            if refusal:
                line.end(status_of(refusal))
                return await abort(context, refusal)
            message, size = await self._hearing.message(decode, context, line)
            return await self._watched(once if answer else parted, message, Tally(message, size), method, line, caller, context)

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

    async def _watched(
        self, work: Work, message: Any, tally: Tally, method: str, line: Line, caller: Caller, context: Context
    ) -> object:
        """Around a call: may it go on, what becomes of its exceptions, what is written of it."""
        self._answering.add(line.task)
        token, done, full = CALLER.set(caller), False, self._places.full
        self._in_flight.begin()
        self._places.take()
        try:
            if full:
                raise Overloaded(f"{self._places.most} calls are being answered", 1)
            with self._door.paid(caller, SCOPE.get(method, "admin"), tally.asked):
                reply = await work(message, context, tally)
        except (grpc.aio.AbortError, grpc.aio.InternalError):  # ours; or nobody is there any more to write to
            raise
        except ServerError as error:
            return await abort(context, error)
        except Exception as error:  # noqa: BLE001 - the border of the process: whatever it was, the caller gets an id and the log the rest
            return await context.abort(grpc.StatusCode.INTERNAL, fault(method, error))
        else:
            done = True
            return reply
        finally:
            self._in_flight.end()
            self._places.give()
            CALLER.reset(token)
            line.end("OK" if done else code(context), tally.asked, tally.failed)


def _serializer(serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """What is bytes already goes as it is."""
    return lambda reply: reply.body if isinstance(reply, Reply) else serialize(reply)
