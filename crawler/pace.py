"""How fast may a host be asked?

Scrapy's AutoThrottle follows the host's latency, never below the configured delay. Two things are added: a floor that the host
itself states (robots.txt crawl-delay), and a pause of the whole host when it answers 429 or 503, for as long as Retry-After
asks (RFC 9110, section 10.2.3). Scrapy's RetryMiddleware asks again; it waits here for its turn like every other request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

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
        self._pauses: dict[str, tuple[float, float]] = {}  # slot: (monotonic end of the pause, delay to go back to)

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
