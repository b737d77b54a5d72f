"""How fast may a host be asked?

Scrapy's AutoThrottle follows the host's latency, never below the configured delay. Two things are added: a floor that the host
itself states (robots.txt crawl-delay), and a pause of the whole host when it answers 429 or 503, for as long as Retry-After
asks (RFC 9110, section 10.2.3). Scrapy's RetryMiddleware asks again; it waits here for its turn like every other request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawler.web.hostbook import HostBook

MAX_PAUSE = 300.0
"""Seconds; a longer Retry-After is waited for this long at most, so that no answer can stall a crawl for a day."""
BACKOFF = 1.0
"""Seconds of the first pause where the host names none; doubled with each retry of the page."""
BUSY = frozenset({429, 503})


class Pace(AutoThrottle):
    """AutoThrottle with floors and pauses; one slot is one host."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        self._base = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._pauses: dict[str, tuple[float, float]] = {}  # slot: (monotonic end of the pause, delay to go back to)

    def _spider_opened(self, spider: Spider) -> None:
        """A pause that a killed crawl was keeping goes on: the host's slot begins as if it had just been asked."""
        super()._spider_opened(spider)
        downloader = self.crawler.engine.downloader
        for host, seconds in _book(spider).paused().items():
            downloader.per_slot_settings[host] = {"delay": seconds}
            _, slot = downloader._get_slot(Request(f"http://{host}/", meta={"download_slot": host}))  # noqa: SLF001
            slot.lastseen = monotonic()
            self._pauses[host] = (slot.lastseen + seconds, downloader._delay)  # noqa: SLF001
            del downloader.per_slot_settings[host]

    def floor_of(self, host: str) -> float:
        """Seconds between two requests to this host that hold whatever its latency: the crawl's delay or its own crawl-delay."""
        return max(self._base, self._floors.get(host, 0.0))

    def raise_floor(self, host: str, seconds: float) -> None:
        """Never ask `host` more often than every `seconds`."""
        self._floors[host] = seconds
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[host] = {"delay": max(seconds, downloader._delay)}  # noqa: SLF001 - as AutoThrottle does
        if host in downloader.slots:
            downloader.slots[host].delay = max(downloader.slots[host].delay, seconds)

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        """Runs before the slot picks its next request, so a pause that begins here holds for that one already."""
        host, slot = self._get_slot(request, spider)
        if host is None or slot is None:
            return
        end, before = self._pauses.get(host, (0.0, slot.delay))
        paused = monotonic() < end
        if not paused:
            self._pauses.pop(host, None)
            slot.delay = before
            super()._response_downloaded(response, request, spider)
            slot.delay = max(slot.delay, self._floors.get(host, 0.0))
        if response.status in BUSY:
            wait = pause_seconds(response.headers.get("Retry-After"), request.meta.get("retry_times", 0))
            now = monotonic()
            if now + wait > end:
                self._pauses[host] = (now + wait, before if paused else slot.delay)
                slot.delay = max(slot.delay, wait)
                slot.lastseen = now
                _book(spider).pause(host, wait)


def pause_seconds(retry_after: bytes | None, retries: int) -> float:
    """Seconds to leave a busy host alone: its Retry-After (seconds or a date) up to MAX_PAUSE, else exponential back-off."""
    text = (retry_after or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_PAUSE)
    try:
        wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # absent, or not a date; a date without a zone cannot be compared
        wait = BACKOFF * 2**retries
    return min(max(wait, 0.0), MAX_PAUSE)


def _book(spider: Any) -> HostBook:
    book: HostBook = spider.book
    return book
