"""A client of gRPC that begins calls and never says what it asks, or asks and takes no reply.

Frames of HTTP/2 by hand (RFC 9113), for no client package would do it.
"""

from __future__ import annotations

import socket
import struct
from typing import Self

from server.address import Bound

DATA, HEADERS, RESET, SETTINGS = 0x0, 0x1, 0x3, 0x4
END_STREAM, END_HEADERS = 0x1, 0x4
NO_WINDOW = struct.pack(">HI", 0x4, 0)
"""A setting: no byte of any reply may be sent."""


class Silent:
    """One connection; a context manager."""

    def __init__(self, bound: Bound, path: str = "/stepwell.v1.Search/BatchSearch") -> None:
        self._socket = socket.create_connection((bound.grpc.host, bound.grpc.port), 20)
        self._authority = str(bound.grpc)
        self._path = path
        self._next = 1
        self._socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0, NO_WINDOW))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def begin(self, calls: int) -> None:
        """So many calls more, each without its request."""
        frames = []
        for _ in range(calls):
            frames.append(_frame(HEADERS, END_HEADERS, self._next, self._head()))
            self._next += 2
        self._socket.sendall(b"".join(frames))

    def ask(self, request: bytes) -> None:
        """One call with its request."""
        self.begin(1)
        body = b"\0" + struct.pack(">I", len(request)) + request
        self._socket.sendall(_frame(DATA, END_STREAM, self._next - 2, body))

    def reset(self, seconds: float) -> bool:
        """Whether the server breaks a call off before so many seconds of silence."""
        self._socket.settimeout(seconds)
        try:
            while head := self._exactly(9):
                self._exactly(int.from_bytes(head[:3]))
                if head[3] == RESET:
                    return True
        except TimeoutError:
            pass
        return False

    def ended(self, seconds: float) -> bool:
        """Whether the server ends the connection before so many seconds of silence."""
        self._socket.settimeout(seconds)
        try:
            while self._socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self._socket.recv(count - len(read))
            if not more:
                return b""
            read += more
        return read

    def _head(self) -> bytes:
        """HPACK (RFC 7541): literals that no table remembers."""
        fields = {
            ":method": "POST",
            ":scheme": "http",
            ":path": self._path,
            ":authority": self._authority,
            "te": "trailers",
            "content-type": "application/grpc",
        }
        return b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())


def _text(text: str) -> bytes:
    assert len(text) < 127
    return bytes([len(text)]) + text.encode()


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body
