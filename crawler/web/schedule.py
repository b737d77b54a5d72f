"""What does Scrapy's engine ask for next?

The spider's frontier decides; only what must be asked again at once (a retry, the next hop of a redirect) goes around it, and is
held in memory: a killed crawl begins such a page anew.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler


class FrontierScheduler(BaseScheduler):
    """For the SCHEDULER setting; its spider has `next_request` and `frontier`."""

    def __init__(self) -> None:
        self._again: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003 - Scrapy's interface
        """Scrapy's way of making a scheduler."""
        return cls()

    def open(self, spider: Spider) -> None:
        """The crawl begins."""
        self._spider: Any = spider

    def close(self, reason: str) -> None:
        """Nothing to do: the frontier belongs to the spider."""

    def has_pending_requests(self) -> bool:
        """False ends the crawl, once nothing is in flight either."""
        return bool(self._again) or bool(self._spider.frontier.waits())

    def enqueue_request(self, request: Request) -> bool:
        """A retry or a redirect."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """None where no host may be asked for anything now."""
        if self._again:
            return self._again.popleft()
        request: Request | None = self._spider.next_request()
        return request
