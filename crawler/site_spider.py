"""Which pages of one site are fetched, and what becomes of each?

Every URL that is asked for ends in exactly one place: kept, set aside with a reason, or counted in the tally. Redirects are
followed here, hop by hop, and not by Scrapy, so that each target passes the same questions as a link.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from time import monotonic
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.linkextractors import IGNORED_EXTENSIONS
from twisted.python.failure import Failure

from crawler.decode import decode
from crawler.dial import reason_of
from crawler.errors import DecodeError, ExtractionError
from crawler.extract import Extracted, extract
from crawler.media import HTML_TYPES, PARSED_TYPES, charset, content_type_of, kind_of
from crawler.page import Page, canonical_url, read_page
from crawler.robots import RefusedByRobots
from crawler.safety import AddressRefused, Reach
from crawler.site_tally import Scope, Tally
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.errors import CorpusError
from indexer.progress import Progress

REDIRECTS = 5
"""Redirects that are followed for one page."""
MAX_URL = 2083
"""Characters of a URL; longer ones are traps. The limit of Scrapy's UrlLengthMiddleware, counted here."""
COMMIT_PAGES = 200
COMMIT_SECONDS = 30.0
"""A kept page is durable after this many pages or seconds, whichever comes first."""

_BINARY = frozenset(f".{extension}" for extension in IGNORED_EXTENSIONS)


class SiteSpider(Spider):
    """One site into one corpus."""

    name = "site"

    def __init__(self, scope: Scope, reach: Reach, writer: CorpusWriter, progress: Progress, tally: Tally) -> None:
        super().__init__()
        self.scope, self.reach, self.writer, self.progress, self.tally = scope, reach, writer, progress, tally
        self._seen: set[str] = set()  # canonical URLs that were asked for, or skipped by their ending
        self._asked = 0
        self._settled: set[str] = set()
        self._kept: set[str] = set()
        self._waiting: dict[str, Document] = {}  # by the canonical URL whose own page has not come yet
        self._uncommitted, self._committed = 0, monotonic()
        self._clock: asyncio.Task[None] | None = None
        # One thread: a slow extraction must not stall the reactor, whose timers would then fail healthy downloads.
        self._extractor = ThreadPoolExecutor(1, thread_name_prefix="extract")

    async def start(self) -> AsyncIterator[Request]:
        """The first request; commits by the clock begin with it."""
        self._clock = asyncio.get_running_loop().create_task(self._commit_regularly())
        for request in self._ask(self.scope.start, 0):
            yield request

    def closed(self, _reason: str) -> None:
        """Scrapy calls this when nothing is left to do, or after an interrupt."""
        if self._clock:
            self._clock.cancel()
        self._extractor.shutdown()
        with suppress(CloseSpider):  # the tally has the reason
            for document in self._waiting.values():
                self._keep(document)

    # Asking

    def _ask(self, url: str, depth: int, *, first: bool = False) -> Iterator[Request]:
        """A request for the URL, if it is a page of the site that was not asked for yet; `first` puts it before all others."""
        too_deep = self.scope.max_depth is not None and depth > self.scope.max_depth
        if too_deep or not self.scope.contains(url) or (key := canonical_url(url)) in self._seen:
            return
        ending = PurePosixPath(urlsplit(url).path).suffix.lower()
        if ending in _BINARY or len(url) > MAX_URL:
            self._seen.add(key)
            self.tally.skipped[ending if ending in _BINARY else f"URL over {MAX_URL:,} characters"] += 1
        elif self._asked >= self.scope.max_pages:
            self.tally.stopped = True
        else:
            self._seen.add(key)
            self._asked += 1
            yield self._request(url, depth, (url,), first=first)

    def _request(self, url: str, depth: int, hops: tuple[str, ...], *, first: bool = False) -> Request:
        """`hops` are the URLs from the link to this one; breadth first is a matter of priority."""
        return Request(
            url,
            callback=self.arrived,
            errback=self.failed,
            cb_kwargs={"depth": depth, "hops": hops},
            priority=1 if first or len(hops) > 1 else -depth,
            meta={"handle_httpstatus_all": True},
            dont_filter=True,  # _seen has decided
        )

    # Answers

    async def arrived(self, response: Response, depth: int, hops: tuple[str, ...]) -> AsyncIterator[Request]:
        """An answer of any status."""
        location = response.headers.get("Location")
        if 300 <= response.status < 400 and location:
            target = urljoin(response.url, location.decode("utf-8", errors="replace").strip()).partition("#")[0]
            for request in self._redirected(target, depth, hops):
                yield request
            return
        if not 200 <= response.status < 300:
            self._fail(hops, f"HTTP {response.status}")
            return
        self.tally.fetched += 1
        self.progress.advance()
        try:
            for request in await self._read(response, depth):
                yield request
        finally:
            self._settle(hops)

    async def failed(self, failure: Failure) -> None:
        """No answer, or one that was not read to its end."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        hops: tuple[str, ...] = request.cb_kwargs["hops"]
        if isinstance(error, RefusedByRobots):
            self.tally.refused_by_robots += 1
            self._note_start(hops, str(error))
            self._settle(hops)
        else:
            self._fail(hops, reason_of(error), str(error))

    def _redirected(self, target: str, depth: int, hops: tuple[str, ...]) -> Iterator[Request]:
        try:
            self.reach.check_url(target)
            key = canonical_url(target)
        except AddressRefused as refusal:
            self._fail(hops, "refused address", str(refusal))
            return
        except ValueError:
            self._fail(hops, "redirect to what is no URL", target)
            return
        if not self.scope.contains(target):
            self._fail(hops, "redirect off the site", target)
        elif target in hops:
            self._fail(hops, "redirect loop", " -> ".join((*hops, target)))
        elif len(hops) > REDIRECTS:
            self._fail(hops, f"more than {REDIRECTS} redirects", target)
        elif key in self._seen and key not in {canonical_url(hop) for hop in hops}:
            self.tally.known += 1
            self._settle(hops)
        else:
            self._seen.add(key)
            yield self._request(target, depth, (*hops, target))

    # Pages

    async def _read(self, response: Response, depth: int) -> list[Request]:
        """Keep what the page says, and return the requests that it leads to."""
        url, kind, declared = response.url, kind_of(response), charset(content_type_of(response.headers))
        if kind not in PARSED_TYPES:
            self.tally.skipped[kind] += 1
            return []
        robots = [value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag")]
        step = partial(understand, response.body, url, html=kind in HTML_TYPES, declared=declared, robots=robots)
        try:
            page, found = await asyncio.get_running_loop().run_in_executor(self._extractor, step)
        except DecodeError as error:
            self._set_aside(url, "no text", str(error))
            return []
        requests = []
        canonical = page.canonical if page.canonical and self.scope.contains(page.canonical) else url
        if not page.keep:
            self.tally.noindex += 1
        elif found is None:
            self._set_aside(url, "no text")
        else:
            requests += self._place(self._document(found, canonical), canonical, url, depth)
        requests += [request for link in page.links for request in self._ask(link, depth + 1)]
        return requests

    def _document(self, found: Extracted, url: str) -> Document:
        key = canonical_url(url)
        return Document(
            id=f"web:{key}",
            title=found.title or unquote(PurePosixPath(urlsplit(key).path).name) or key,
            text=found.text,
            url=url.partition("#")[0],
            authors=found.authors,
            venue=found.site_name,
            published=found.published,
            language=found.language,
            collection=self.scope.collection,
        )

    def _place(self, document: Document, canonical: str, url: str, depth: int) -> list[Request]:
        """Keep the document; under another page's name only if that page does not come itself.

        Without the wait the two would overwrite each other on every crawl, and nothing would ever be unchanged.
        """
        key = canonical_url(canonical)
        if key == canonical_url(url):
            self._keep(document)
            return []
        requests = list(self._ask(canonical, depth, first=True))
        if key in self._kept or key in self._waiting:
            self.tally.duplicates += 1
        elif key in self._seen and key not in self._settled:
            self._waiting[key] = document
        else:
            self._keep(document)
        return requests

    # Endings

    def _keep(self, document: Document) -> None:
        self._kept.add(document.id.removeprefix("web:"))
        self._write(lambda: self.writer.add(document, document.url))

    def _set_aside(self, url: str, reason: str, excerpt: str = "") -> None:
        self._write(lambda: self.writer.set_aside(url, reason, excerpt))

    def _fail(self, hops: tuple[str, ...], reason: str, excerpt: str = "") -> None:
        self._note_start(hops, excerpt if reason == "refused address" else f"{reason} ({hops[-1]})" if len(hops) > 1 else reason)
        self._set_aside(hops[0], reason, excerpt)
        self._settle(hops)

    def _note_start(self, hops: tuple[str, ...], reason: str) -> None:
        if hops[0] == self.scope.start:
            self.tally.start_failure = reason

    def _settle(self, hops: tuple[str, ...]) -> None:
        """These URLs will bring nothing more; what waited for one of them is decided."""
        for key in map(canonical_url, hops):
            self._settled.add(key)
            if document := self._waiting.pop(key, None):
                if key in self._kept:
                    self.tally.duplicates += 1
                else:
                    self._keep(document)

    # The corpus

    def _write(self, step: Any) -> None:
        """One write; a corpus that cannot be written ends the crawl instead of losing page after page."""
        try:
            step()
            self._uncommitted += 1
            if self._uncommitted >= COMMIT_PAGES or monotonic() - self._committed >= COMMIT_SECONDS:
                self._commit()
        except (OSError, CorpusError) as error:
            self.tally.corpus_failure = error
            raise CloseSpider("the corpus cannot be written") from error

    def _commit(self) -> None:
        self.writer.commit()
        self._uncommitted, self._committed = 0, monotonic()

    async def _commit_regularly(self) -> None:
        """Commits also while a slow host keeps the crawl waiting."""
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            try:
                if self._uncommitted and monotonic() - self._committed >= COMMIT_SECONDS:
                    self._commit()
            except (OSError, CorpusError) as error:
                self.tally.corpus_failure = error
                await self.crawler.engine.close_spider_async(reason="the corpus cannot be written")


def understand(
    body: bytes, url: str, *, html: bool, declared: str | None, robots: Iterable[str]
) -> tuple[Page, Extracted | None]:
    """What one answer tells crawlers, and what it tells people: None where it has no text, or asks not to be kept.

    Runs in a thread of its own and touches nothing shared. Raises DecodeError on binary data.
    """
    markup = decode(body, declared, markup=html)
    page = read_page(markup if html else "", url, robots)
    if not page.keep:
        return page, None
    if not html:
        return page, Extracted(title="", text=markup.strip()) if markup.strip() else None
    try:
        return page, extract(body, url, declared)
    except ExtractionError:
        return page, None
