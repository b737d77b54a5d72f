"""May this URL be fetched? robots.txt by RFC 9309.

Scrapy's RobotsTxtMiddleware (2.19) is replaced, not extended: it reads the body of any answer as rules, so that a 500 with an
HTML page allows everything, and a download error allows everything too; the RFC asks for the opposite (2.3.1.4: unreachable
means complete disallow). It also needs Scrapy's redirects, which are off here, and it does not honour crawl-delay.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler.safety import AddressRefused
from crawler.web.dial import reason_of
from crawler.web.pace import Pace

AGENT = "stepwell"
"""The product token that robots.txt groups are matched against."""
PARSED_BYTES = 500 * 1024
"""Bytes that are read as rules; the RFC asks for at least these 500 KiB (2.5)."""
REDIRECTS = 5
"""Redirects that are followed, also to other hosts (2.3.1.2); each target is checked like any other address."""
LIFETIME = 24 * 3600.0
"""Seconds after which the file is fetched again (2.4)."""
UNREADABLE_LIFETIME = 3600.0
"""Seconds after which a file that could not be read is asked for again; until then the site is forbidden."""
NOBODY = "nobody"
"""Stands for all other crawlers in the rules that are parsed; no part of AGENT."""
_TOKEN = re.compile(r"[a-z_-]*", re.IGNORECASE)
_GROUP_NAMES = frozenset({"user-agent", "user agent", "useragent"})
ROBOTS_META = "stepwell_robots"
"""Request.meta key of a request for robots.txt itself, which no robots.txt forbids."""


class RefusedByRobots(IgnoreRequest):
    """Raised for a URL that robots.txt forbids, or may forbid because it could not be read (then `transient`)."""

    def __init__(self, why: str, *, transient: bool = False) -> None:
        super().__init__(why)
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host's robots.txt says to us."""

    parser: Protego | None
    """The rules; None where the answer is the same for every URL."""
    forbidden: str = ""
    """Why every URL is forbidden; empty where they are not."""
    crawl_delay: float = 0.0
    """Seconds between requests that the host asks for; 0 where it does not say."""
    sitemaps: tuple[str, ...] = ()
    """URLs of its sitemaps, as it gives them."""

    def refusal(self, url: str) -> str:
        """Why this URL may not be fetched; empty where it may."""
        if self.parser is None:
            return self.forbidden
        return "" if self.parser.can_fetch(url, AGENT) else "refused by robots.txt"


def read_rules(status: int, body: bytes) -> Rules:
    """Rules from the final answer to GET /robots.txt: 2xx is parsed, 4xx allows all, everything else forbids all.

    429 forbids: the RFC lets a crawler ignore the rules of a 4xx, and a host that says "too many" is not a host without rules.
    """
    if status == 429 or not (200 <= status < 300 or 400 <= status < 500):
        return Rules(None, f"robots.txt answered HTTP {status}, which forbids the whole site for now")
    if status >= 400:
        return Rules(None)
    if len(body) > PARSED_BYTES:  # half a line could mean its opposite
        body = body[: body.rfind(b"\n", 0, PARSED_BYTES) + 1]
    text = body.decode("utf-8-sig", errors="replace")
    parser = Protego.parse("\n".join(_with_our_token(line) for line in text.splitlines()))
    delay = parser.crawl_delay(AGENT) or 0.0
    return Rules(parser, crawl_delay=delay if math.isfinite(delay) and delay > 0 else 0.0, sitemaps=tuple(parser.sitemaps))


def _with_our_token(line: str) -> str:
    """A User-agent line for the product token alone (2.2.1): Protego takes `stepwell/0.1` for another's, and `step` for ours."""
    name, colon, value = line.partition(":")
    if not colon or name.strip().lower() not in _GROUP_NAMES:
        return line
    value = value.partition("#")[0].strip()
    found = _TOKEN.match(value)
    token = value if value == "*" else found[0].lower() if found else ""
    return f"User-agent: {token if token in ('*', AGENT) else NOBODY}"


class RobotsMiddleware:
    """Downloader middleware that lets a request pass only after its host's robots.txt was read and allows it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, tuple[float, asyncio.Task[Rules]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making a middleware."""
        return cls(crawler)

    @property
    def _spider(self) -> Any:
        """Has `book` and `robots_read`; Scrapy makes it after its middlewares."""
        return self.crawler.spider

    async def process_request(self, request: Request) -> None:
        """Raises RefusedByRobots."""
        if request.meta.get(ROBOTS_META):
            return
        parts = urlsplit(request.url)
        rules = await asyncio.shield(self._rules_of(f"{parts.scheme}://{parts.netloc}"))
        if why := rules.refusal(request.url):
            raise RefusedByRobots(why, transient=bool(rules.forbidden))

    def _rules_of(self, origin: str) -> asyncio.Task[Rules]:
        """One fetch an origin, shared by all who wait for it."""
        until, task = self._rules.get(origin, (-math.inf, None))
        if task is None or time.monotonic() > until:
            task = asyncio.get_running_loop().create_task(self._read(origin))
            self._rules[origin] = (time.monotonic() + LIFETIME, task)
        return task

    async def _read(self, origin: str) -> Rules:
        """From the book where it is fresh there, else from the host; what the host says is heard by the pace and the spider."""
        age, rules = 0.0, None
        if noted := self._spider.book.robots(origin, LIFETIME):
            age, rules = noted[0], read_rules(*noted[1:])
        if rules is None:
            rules = await self._fetch(origin)
        lifetime = UNREADABLE_LIFETIME if rules.forbidden else LIFETIME - age
        self._rules[origin] = (time.monotonic() + lifetime, self._rules[origin][1])
        if rules.crawl_delay and (pace := self.crawler.get_extension(Pace)):
            pace.raise_floor(urlsplit(origin).hostname or "", rules.crawl_delay)
        self._spider.robots_read(origin, rules)
        return rules

    async def _fetch(self, origin: str) -> Rules:
        url = f"{origin}/robots.txt"
        for _ in range(1 + REDIRECTS):
            request = Request(url, callback=NO_CALLBACK, meta={ROBOTS_META: True})
            try:
                response = await self.crawler.engine.download_async(request)
            except Exception as error:  # noqa: BLE001 - whatever went wrong: rules that were not read forbid everything
                what = str(error) if isinstance(error, AddressRefused) else reason_of(error)
                return Rules(None, f"robots.txt could not be read ({what}), which forbids the whole site for now")
            location = response.headers.get("Location")
            if not (300 <= response.status < 400 and location):
                rules = read_rules(response.status, response.body)
                if not rules.forbidden:
                    self._spider.book.keep_robots(origin, response.status, response.body[: PARSED_BYTES + 1])
                return rules
            try:
                url = urljoin(url, location.decode("latin-1").strip())
            except ValueError:
                return Rules(None, "robots.txt redirects to what is no URL, which forbids the whole site for now")
        return Rules(None, f"robots.txt redirects more than {REDIRECTS} times, which forbids the whole site for now")
