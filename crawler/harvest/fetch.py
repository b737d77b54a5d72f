"""How is one URL fetched, from nowhere but where that is permitted?

Every connection goes through GuardedBackend: it resolves the name, asks crawler.safety about each address, and dials exactly the
address that was judged. URLs are judged too, those of redirects as well. Proxies of the environment, cookies and credentials are
not used, certificates are verified. Bodies are bounded before and after decompression, and so is the time of a whole answer.
For single files and for the interfaces of libraries; web pages are Scrapy's (crawler.web.dial).
"""

from __future__ import annotations

import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import httpcore

from crawler.errors import CrawlerError
from crawler.safety import AddressRefused, Reach

AGENT = "stepwell/0.1"
MAX_BODY = 64 * 1024 * 1024
"""Bytes of an answer that is held in memory, before and after decompression."""
TIMEOUT = 60.0
"""Seconds to connect, and between two packets."""
ANSWER_TIMEOUT = 300.0
"""Seconds for a whole answer that is held in memory."""
REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_FAILED = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)

Resolve = Callable[[str, int], Iterable[str]]
"""Host and port to addresses in text."""


class FetchFailed(CrawlerError, OSError):
    """Raised where a URL gives no answer that can be used; the message says why."""


class Answer:
    """What a server said: status, header fields (lower-case names) and the body, unpacked."""

    def __init__(self, url: str, status: int, fields: dict[str, str], body: bytes) -> None:
        self.url, self.status, self.fields, self.body = url, status, fields, body


class Fetcher:
    """GETs URLs one at a time. `contact` (an e-mail address or URL) goes into the user agent."""

    def __init__(self, reach: Reach, contact: str = "", resolve: Resolve | None = None) -> None:
        import httpx  # for the certificates it keeps up to date

        self.reach = reach
        self._backend = GuardedBackend(reach, resolve or addresses)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), max_connections=1, network_backend=self._backend
        )
        self._agent = f"{AGENT} (+{contact})" if contact else AGENT

    def get(self, url: str) -> Answer:
        """The whole answer, whatever its status. Raises FetchFailed or AddressRefused."""
        self._backend.deadline = time.monotonic() + ANSWER_TIMEOUT
        with _told(url), self._stream(url, packed=True) as (final, response):
            fields = _fields(response)
            body = b"".join(_bounded(response.iter_stream(), fields.get("content-encoding", "")))
            return Answer(final, response.status, fields, body)

    def open(self, url: str) -> HttpStream:
        """The body as a file to read from, of any size. Raises FetchFailed unless the answer is 200, or AddressRefused."""
        self._backend.deadline = None
        stream = self._stream(url, packed=False)
        with _told(url):
            final, response = stream.__enter__()
            fields = _fields(response)
            if response.status != 200 or fields.get("content-encoding", "identity") != "identity":
                stream.__exit__(None, None, None)
                raise FetchFailed(f"{url} answered {response.status}; nothing could be read from {final}")
            length = fields.get("content-length", "")
            return HttpStream(url, response.iter_stream(), int(length) if length.isdecimal() else 0, (self, stream))

    @contextmanager
    def _stream(self, url: str, packed: bool) -> Iterator[tuple[str, httpcore.Response]]:
        """The URL that answered in the end, and its answer."""
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT)
        headers = [("User-Agent", self._agent), ("Accept", "*/*"), ("Accept-Encoding", "gzip" if packed else "identity")]
        for _ in range(REDIRECTS + 1):
            self.reach.check_url(url)
            with self._pool.stream("GET", url, headers=headers, extensions={"timeout": timeout}) as response:
                target = _fields(response).get("location", "")
                if response.status not in _MOVED or not target:
                    yield url, response
                    return
            url = urljoin(url, target)
        raise FetchFailed(f"{url}: more than {REDIRECTS} redirects")


class HttpStream(io.RawIOBase):
    """The body of one answer, read as it comes; `size` is what the server announced, or 0."""

    def __init__(self, url: str, chunks: Iterable[bytes], size: int, connection: object = None) -> None:
        self.url, self.size = url, size
        self._connection = connection  # it closes when nobody holds it
        self._chunks = iter(chunks)
        self._rest = b""
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        """Bytes read so far."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        with _told(self.url):
            while not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    return 0
                self._rest = chunk
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        self._position += taken
        return taken


class GuardedBackend(httpcore.NetworkBackend):
    """Dials addresses that crawler.safety permits, and no others."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self.reach, self.resolve = reach, resolve
        self.deadline: float | None = None
        """Monotonic time at which the answer under way has to be complete; None for no limit."""
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first permitted address that takes the call. Raises AddressRefused if there is none."""
        refusal: AddressRefused | None = None
        failure: Exception | None = None
        for text in self.resolve(host, port):
            try:
                address = self.reach.check_address(text)
            except AddressRefused as refused:
                refusal = refused
                continue
            try:
                stream = self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
                return _Timed(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or refusal or httpcore.ConnectError(f"{host!r} does not resolve to an address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Never."""
        raise AddressRefused(f"refused address {path!r}: a socket of this machine")


class _Timed(httpcore.NetworkStream):
    """A connection that gives up at its backend's deadline, however slowly the bytes drip."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = None if self._backend.deadline is None else self._backend.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise httpcore.ReadTimeout(f"no complete answer in {ANSWER_TIMEOUT:.0f} s")
        return self._inner.read(max_bytes, timeout if left is None else min(timeout or left, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, timeout), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says now."""
    try:
        return list(dict.fromkeys(str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError):
        return []


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Failures of the connection, in a line that names the URL."""
    try:
        yield
    except _FAILED as error:
        raise FetchFailed(f"{url} could not be fetched: {str(error) or type(error).__name__}") from error


def _fields(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in response.headers}


def _bounded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The chunks, unpacked, as long as they stay within MAX_BODY."""
    unpack = zlib.decompressobj(wbits=47) if encoding.lower() in ("gzip", "x-gzip", "deflate") else None
    if unpack is None and encoding.lower() not in ("", "identity"):
        raise FetchFailed(f"the answer is packed as {encoding!r}, which was not asked for")
    size = 0
    for chunk in chunks:
        try:
            block = unpack.decompress(chunk, MAX_BODY + 1 - size) if unpack else chunk
        except zlib.error as error:
            raise FetchFailed(f"the answer is damaged: {error}") from error
        size += len(block)
        if size > MAX_BODY:
            raise FetchFailed(f"the answer is larger than {MAX_BODY:,} bytes")
        yield block
    if unpack and not unpack.eof:
        raise FetchFailed("the answer was cut short")
