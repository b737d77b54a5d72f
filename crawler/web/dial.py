"""How does Scrapy dial only what crawler.safety permits?

Twisted's HTTP agent opens every connection through HostnameEndpoint, which asks the reactor's name resolver, for names and for
literal addresses alike, and then connects to exactly the addresses it was handed. GuardedResolver sits there and hands on only
permitted ones, so what was checked is what is dialled; each new connection is resolved and checked again. GuardedHandler is
the last step of every request, whoever made it (page, robots.txt, redirect, retry): it checks the URL, and refuses to work
unless the guarded resolver is in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.safety import AddressRefused, Reach
from crawler.web.pace import Pace
from crawler.web.turns import Turns

LOOPBACK_SETTING = "STEPWELL_LOOPBACK"
"""Scrapy setting that holds `Reach.loopback`."""

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefused, "refused address"),
    (CannotResolveHostError, "unknown host"),
    (DownloadConnectionRefusedError, "connection refused"),
    (DownloadTimeoutError, "timed out"),
    (DownloadCancelledError, "too large"),
    (ResponseDataLossError, "cut short"),
    (IgnoreRequest, "too large when decompressed"),  # all that HttpCompressionMiddleware raises it for
    (OSError, "broken compression"),
)


def reason_of(error: BaseException | None) -> str:
    """A failed download in a few words, the same for all failures of a kind."""
    if "certificate verify failed" in str(error):
        return "certificate not trusted"
    return next((reason for kind, reason in REASONS if isinstance(error, kind)), "connection failed")


def detail_of(error: BaseException | None) -> str:
    """Its message; where Twisted wraps other failures, theirs, instead of how Python shows a list of them."""
    cause = None if error is None else error.__cause__
    inner: Sequence[Failure] = getattr(error, "reasons", ()) or getattr(cause, "reasons", ())
    return "; ".join(f"{type(one.value).__name__}: {one.getErrorMessage()}" for one in inner) or str(error)


def reach_of(settings: BaseSettings) -> Reach:
    """The crawl's reach, from its settings; without the setting, public."""
    return Reach(loopback=settings.getbool(LOOPBACK_SETTING))


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names and literal addresses, and hands on only addresses that may be dialled; for TWISTED_DNS_RESOLVER."""

    def __init__(self, reactor: Any, reach: Reach, inner: Any = None) -> None:
        self.reactor = reactor
        self.reach = reach
        self.inner = inner or reactor.nameResolver
        self.refused: dict[str, AddressRefused] = {}
        """The newest refusal of each host, so that a failed connection can say why."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Scrapy's way of making a resolver."""
        return cls(reactor, reach_of(crawler.settings))

    def install_on_reactor(self) -> None:
        """Scrapy calls this before the reactor runs."""
        self.reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Any]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Twisted's interface: addresses go to the receiver one by one; none at all means that the name is not known."""
        sieve = _Sieve(resolutionReceiver, hostName, self)
        resolution: IHostResolution = self.inner.resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)
        return resolution


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes permitted addresses on to the receiver behind it."""

    def __init__(self, receiver: Any, host: str, guard: GuardedResolver) -> None:
        self.receiver, self.host, self.guard = receiver, host, guard

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803
        self.receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        host: str = getattr(address, "host", "")
        try:
            self.guard.reach.check_address(host)
        except AddressRefused as refusal:
            self.guard.refused[self.host] = refusal
        else:
            self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.receiver.resolutionComplete()


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 downloads, each URL checked; for DOWNLOAD_HANDLERS. Raises AddressRefused."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.reach = reach_of(crawler.settings)
        self.turns = Turns(crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        self.crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Download, or say why not: a name of which every address was refused is a refusal, not an unknown host."""
        from twisted.internet import reactor

        resolver = reactor.nameResolver
        # Not asserts: these must hold under `python -O` too.
        if not isinstance(resolver, GuardedResolver) or resolver.reach != self.reach:
            raise AddressRefused(f"refused address {request.url!r}: the name resolver is not the guarded one")
        if request.meta.get("proxy"):
            raise AddressRefused(f"refused address {request.url!r}: a proxy would dial it unseen")
        self.reach.check_url(request.url)
        host = urlsplit(request.url).hostname or ""
        pace = self.crawler.get_extension(Pace)
        try:
            async with self.turns.turn(await self.turns.addresses(resolver, host), pace.floor_of(host) if pace else 0.0):
                return await super().download_request(request)
        except CannotResolveHostError:
            refusal = resolver.refused.pop(host, None)
            if refusal is None:
                raise
            raise refusal from None
