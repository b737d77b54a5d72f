"""What is refused before a request is read, and what does every answer carry?

A page on some other site can make a person's browser send requests here. So a server on loopback answers only to names of its own
(a site may point its name at 127.0.0.1), nothing that a page of another origin posts is accepted, and no answer allows other
origins. A body is read whole, up to a limit of size and time, before anything parses it. Only so many requests are worked
on at once. A slash too many in the path is taken away.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.replies import AGAIN_SOON, problem
from server.places import Places

PATIENCE = 10.0
"""Seconds that a client may take to send its body."""
HELD = 2**20
"""Bytes of bodies that are still arriving, for each request that may be in flight; beyond that requests are refused."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cache-control": "no-store",
}
"""On every answer that does not set its own: the page allows itself its scripts and styles."""
_SLASHES = re.compile(r"/{2,}")
SAFE = ("GET", "HEAD", "OPTIONS")


class Border:
    """Stands before the app."""

    def __init__(self, app: ASGIApp, *, max_body: int, max_requests: int, names: Collection[str] | None, tls: bool) -> None:
        """`names` are the hosts it answers to beside loopback's own; None answers to any."""
        self._app = app
        self._max_body = max_body
        self._names = None if names is None else frozenset(name.lower() for name in names)
        self._headers = HEADERS | ({"strict-transport-security": "max-age=31536000"} if tls else {})
        self._places = Places(max_requests)
        self._held, self._max_held = 0, max_requests * HELD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand the request on with its body read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = plain(scope["path"])  # in the server's own scope: the log reads from it what was routed
        dressed = self._dressed(send)
        refusal = self._refusal(scope)
        if refusal is None and self._places.full:
            wait = {"retry-after": str(AGAIN_SOON)}
            refusal = problem(
                429, "RESOURCE_EXHAUSTED", f"{self._places.taken} requests are being answered; come back soon", wait
            )
        if refusal:
            await refusal(scope, receive, dressed)
            return
        body = await self._body(receive, Headers(scope=scope))
        if isinstance(body, Response):
            await body(scope, receive, dressed)
        if body is None or isinstance(body, Response):
            return
        self._places.take()  # only now: whoever sends slowly must not keep others out
        try:
            scope["stepwell.disconnect"] = receive
            if scope["method"] == "HEAD":  # answered as GET; uvicorn, which has a scope of its own, sends no body
                scope = {**scope, "method": "GET"}
            await self._app(scope, _replay(body, receive), self._resting(dressed))
        finally:
            self._places.give()

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._names is not None and not _ours(host, self._names):
            return problem(421, "INVALID_ARGUMENT", f"this server does not answer to the host {host[:100]!r}; see --http-name")
        origin = headers.get("origin")
        if origin and scope["method"] not in SAFE and origin.partition("://")[2].lower() != host.lower():
            return problem(403, "PERMISSION_DENIED", f"pages of {origin[:100]!r} may not send requests here")
        return None

    async def _body(self, receive: Receive, headers: Headers) -> bytes | Response | None:
        """The whole body; a refusal where it is too long or too slow; None where the client hung up."""
        declared = headers.get("content-length", "0")
        if declared.isdigit() and len(declared) < 20 and int(declared) > self._max_body:
            return self._too_large()
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    self._held += len(parts[-1])
                    if size > self._max_body:
                        return self._too_large()
                    if self._held > self._max_held:
                        return problem(
                            429, "RESOURCE_EXHAUSTED", "too much is being sent", {"retry-after": "1", "connection": "close"}
                        )
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            message_of = f"the body did not arrive within {PATIENCE:g} s"
            return problem(408, "DEADLINE_EXCEEDED", message_of, {"connection": "close"})
        finally:
            self._held -= size

    def _too_large(self) -> Response:
        message = f"a request may have {self._max_body:,} bytes; send less at once"
        return problem(413, "RESOURCE_EXHAUSTED", message, {"connection": "close"})

    def _resting(self, send: Send) -> Send:
        """The same, without a place while the client does not take what was sent before."""

        async def resting(message: Message) -> None:
            self._places.give()
            try:
                await send(message)
            finally:
                self._places.take()

        return resting

    def _dressed(self, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        return dressed


def plain(path: str) -> str:
    """The path without a slash too many: clients join a base address and a path of their own, and either may bring one."""
    return _SLASHES.sub("/", path).rstrip("/") or path[:1]


def _ours(host: str, names: Collection[str]) -> bool:
    """Whether a Host header names this machine's loopback, or one of `names`."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name in names:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body in one message; then whatever still comes."""
    left = [body]

    async def replay() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return replay
