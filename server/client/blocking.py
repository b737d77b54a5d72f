"""How does a thread wait for a server?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Self, Unpack

import grpc

from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome, Ranking, Status
from server.address import DEFAULT, Address
from server.client import conversations
from server.client.access import Access
from server.client.asking import PLAIN, TIMEOUT, Asking, QueryOptions, several
from server.client.conversations import Answer, Conversation
from server.client.methods import Call, Reply, serialize
from server.client.refusal import refusal_of
from server.client.retries import Attempts, Budget, Retries
from server.client.streaming import Placed, Streaming
from server.errors import DeadlineExceeded, RequestRefused, ServerError
from server.overview import Overview
from server.part import Part, Reading


class Client:
    """Connections to one server; thread-safe, and a context manager.

    Every method raises ServerUnreachable where nobody answers, else the ServerError that server.errors names for the status.
    """

    def __init__(
        self,
        address: str = str(DEFAULT),
        timeout: float = TIMEOUT,
        access: Access | None = None,
        retries: Retries | None = None,
        connections: int = 1,
    ) -> None:
        """`timeout`, in seconds, is the default of every method; `access` is the key and TLS, by default STEPWELL_KEY and none.

        Calls take the `connections` in turn; several are for a server of several workers, each of which may get one. Raises
        AddressError on what is not HOST:PORT, TlsError on authorities that cannot be read, RequestRefused without a connection.
        """
        self.timeout, self._closed = timeout, False
        self._address = Address.parse(address)
        self._access = access or Access()
        self._retries = retries or Retries()
        self._budget = Budget(self._retries)
        self._channels = [self._access.channel(self._address) for _ in range(several(connections))]
        self._turn = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; calls in flight are cancelled, and further ones refused."""
        self._closed = True
        for channel in self._channels:
            channel.close()

    def batch_search(
        self,
        queries: Sequence[Query | str],
        *,
        timeout: float | None = None,
        asking: Asking = PLAIN,
        as_of: str = "",
        **options: Unpack[QueryOptions],
    ) -> list[Outcome]:
        """One outcome per query, in input order; `options` are for the queries given as text, and `as_of` is that of `asking`.

        What is wrong with one query is its own Failure, and so is a deadline that passed before it was answered.
        """
        return self.ask(conversations.batch_search(queries, options, asking.at(as_of)), timeout)

    def stream_search(
        self,
        queries: Sequence[Query | str],
        *,
        timeout: float | None = None,
        asking: Asking = PLAIN,
        as_of: str = "",
        **options: Unpack[QueryOptions],
    ) -> Iterator[Placed]:
        """Place and outcome of every query, once, as soon as the server knows it; goes on after a break."""
        streaming, until = Streaming(queries, options, asking.at(as_of)), self._until(timeout)
        yield from streaming.refused
        while call := streaming.call():
            yield from self._parts(streaming, call, until)

    def search(
        self,
        text: str,
        *,
        timeout: float | None = None,
        asking: Asking = PLAIN,
        as_of: str = "",
        **options: Unpack[QueryOptions],
    ) -> Ranking:
        """The ranking of one query; its Failure is raised as the ServerError that server.errors names for the code."""
        return self.ask(conversations.search(text, options, asking.at(as_of)), timeout)

    def fetch(self, targets: Sequence[str], *, timeout: float | None = None, as_of: str = "") -> list[Fetched | Failure]:
        """One whole document per id or URL, or why not, in input order."""
        return self.ask(conversations.fetch(targets, as_of), timeout)

    def read(self, parts: Sequence[Part], *, timeout: float | None = None, as_of: str = "") -> list[Reading | Fetched | Failure]:
        """One part of a document each, or why not, in input order; what is wanted whole comes as Fetched."""
        return self.ask(conversations.read(parts, as_of), timeout)

    def status(self, *, timeout: float | None = None) -> Status:
        """What the server serves."""
        return self.ask(conversations.status(), timeout)

    def overview(self, *, timeout: float | None = None) -> Overview:
        """What the server serves and, where the key has the scope `admin`, how it is."""
        return self.ask(conversations.overview(), timeout)

    def ask(self, conversation: Conversation[Answer], timeout: float | None = None) -> Answer:
        """The answer to a conversation: one of `server.client.table`, say, or of `server.client.worker`."""
        until = self._until(timeout)
        try:
            call = next(conversation)
            while True:
                try:
                    reply = self._reply(call, until)
                except ServerError as error:
                    call = conversation.throw(error)
                else:
                    call = conversation.send(reply)
        except StopIteration as done:
            answer: Answer = done.value
            return answer

    def _until(self, timeout: float | None) -> float:
        return time.monotonic() + (self.timeout if timeout is None else timeout)

    def _channel(self) -> grpc.Channel:
        if self._closed:
            raise RequestRefused("this client is closed; make another one")
        return self._channels[next(self._turn) % len(self._channels)]

    def _reply(self, call: Call[Reply], until: float) -> Reply:
        """The reply to one call, where there is one before `until`. Raises ServerError."""
        attempts = Attempts(self._retries, self._budget, until, call.method.repeatable)
        while True:
            method: Any = self._channel().unary_unary(call.method.path, serialize, call.method.reply.FromString)
            try:
                reply: Reply = method(call.request, timeout=attempts.left, metadata=self._access.metadata)
            except grpc.RpcError as error:
                refusal = refusal_of(error)
                if (pause := attempts.pause(refusal)) is None:
                    raise refusal.error(self._address) from None
                time.sleep(pause)
            else:
                attempts.replied()
                return reply

    def _parts(self, streaming: Streaming, call: Call[Any] | None, until: float) -> Iterator[Placed]:
        """The outcomes of one call that streams, made again for what is left where it breaks. Raises ServerError."""
        attempts = Attempts(self._retries, self._budget, until, repeatable=True)
        while call:
            method: Any = self._channel().unary_stream(call.method.path, serialize, call.method.reply.FromString)
            running = method(call.request, timeout=attempts.left, metadata=self._access.metadata)
            try:
                for part in running:
                    attempts.progressed()
                    yield from streaming.take(part)
            except grpc.RpcError as error:
                refusal = refusal_of(error)
                if (pause := attempts.pause(refusal)) is None:
                    raised = refusal.error(self._address)
                    if not isinstance(raised, DeadlineExceeded):
                        raise raised from None
                    yield from streaming.late(raised)
                    return
                time.sleep(pause)
                call = streaming.call()
            else:
                attempts.replied()
                yield from streaming.end()
                return
            finally:
                running.cancel()
