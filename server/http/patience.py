"""How long does a connection over HTTP wait for its client?

For a request's head as long as HEAD, and for a reply to be taken as long as the settings say: a client that says or takes a byte
now and then holds a connection and a buffer for that long and no longer. The border waits for bodies; uvicorn closes what idles
after a reply. What never becomes a request leaves its line in the log, too.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.http.logged import UNKNOWN
from server.observe.calls import Call, Observer
from server.room import connections
from server.waiting import Waiting

HEAD = 15.0
"""Seconds from the connection, or from a request's first byte, to the end of its head."""
HEAD_BYTES = 256 * 1024
"""In a request's head: a query of 10,000 characters in a GET may be 120 KB; uvicorn would keep whatever comes."""
UNSENT = 64 * 1024
"""Bytes that the kernel takes before the client does: more would hide from us that nothing is taken, and lie in its memory."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's, with an end to its patience."""

    if TYPE_CHECKING:
        transport: asyncio.Transport
    _head: asyncio.TimerHandle | None = None
    _heard = 0
    _kept = 0

    def __init__(self, untaken: Waiting, observe: Observer, **given: Any) -> None:
        """`untaken` are the replies that are being sent, over both wires; the rest is uvicorn's."""
        super().__init__(**given)
        self._untaken, self._observe = untaken, observe

    def data_received(self, data: bytes) -> None:
        """Hang up on a head that has no end."""
        super().data_received(data)
        self._heard = self._heard + len(data) if self._head else 0
        if self._heard > HEAD_BYTES:
            self._refuse("RESOURCE_EXHAUSTED")
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """What comes is no HTTP; where that is the rest of a request, the line is that one's."""
        if not self.cycle or self.cycle.response_complete:
            self._refuse("INVALID_ARGUMENT")
        super().send_400_response(msg)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head, and be told of every byte that is not taken at once."""
        super().connection_made(transport)
        if len(self.connections) > connections():
            transport.abort()
            return
        transport.set_write_buffer_limits(high=1, low=0)  # with 0 TLS would wait for nothing
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a body waits 40 ms for the receipt of its head
        self._head = self.loop.call_later(HEAD, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Another request on a connection that was kept."""
        super().on_message_begin()
        self._kept = 0
        if self._head is None:
            self._head = self.loop.call_later(HEAD, self._late)

    def on_headers_complete(self) -> None:
        """The head is there."""
        if self._head:
            self._head.cancel()
            self._head = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A stream keeps its request until its end."""
        self._kept += len(body)
        super().on_body(body)

    def pause_writing(self) -> None:
        """Something was not taken at once."""
        super().pause_writing()
        self._untaken.begin(self, self.transport.abort, self._kept + self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Everything is taken."""
        super().resume_writing()
        self._untaken.end(self)

    def _late(self) -> None:
        if self._heard:  # who said nothing asked for nothing
            self._refuse("DEADLINE_EXCEEDED")
        self.transport.abort()

    def _refuse(self, code: str) -> None:
        self._observe(Call(UNKNOWN, "anonymous", code, 1, 0, 0.0))

    def _stop(self) -> None:
        self._untaken.end(self)
        if self._head:
            self._head.cancel()
        self._head = None
