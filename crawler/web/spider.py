"""Which pages are fetched, and what becomes of each?

Every URL that is asked for ends in exactly one place, and the frontier knows which. Redirects are followed here, hop by hop, and
not by Scrapy, so that each target passes the same questions as a link.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from time import monotonic
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.linkextractors import IGNORED_EXTENSIONS
from twisted.python.failure import Failure

from crawler.safety import AddressRefused, Reach
from crawler.web.dial import detail_of, reason_of
from crawler.web.feeds import MAX_LIST, ListError, read_list
from crawler.web.frontier import (
    ASIDE,
    GONE,
    KEPT,
    KNOWN,
    LISTED,
    NOINDEX,
    ROBOTS,
    SKIPPED,
    UNCHANGED,
    Ending,
    Frontier,
    Link,
    Task,
    Write,
)
from crawler.web.hostbook import HostBook
from crawler.web.media import PARSED_TYPES, WHOLE_META, charset, content_type_of, form_of, kind_of
from crawler.web.outlinks import write_outlinks
from crawler.web.page import canonical_url
from crawler.web.robots import RefusedByRobots, Rules
from crawler.web.scope import Scope
from crawler.web.tally import Tally
from crawler.web.traps import Traps
from crawler.web.understand import Answer, understand
from crawler.web.warc import WarcArchive
from crawler.web.workers import PageBreaksWorker, Workers
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.errors import CorpusError
from indexer.progress import Progress

REDIRECTS = 5
"""Redirects that are followed for one page."""
COMMIT_PAGES = 500
"""The corpus is told after this many pages, if not earlier by the frontier's `commit_seconds`; it keeps them until then."""
PASSING = frozenset({"timed out", "connection refused", "connection failed", "cut short", "unknown host"})
"""Failures that a later crawl may not meet."""

_BINARY = frozenset(f".{extension}" for extension in IGNORED_EXTENSIONS) - {".pdf"}


@dataclass(frozen=True, slots=True)
class Crawl:
    """All that one crawl works with; site.py opens and closes it."""

    scope: Scope
    reach: Reach
    frontier: Frontier
    book: HostBook
    writer: CorpusWriter
    workers: Workers
    archive: WarcArchive | None
    progress: Progress
    tally: Tally
    traps: Traps
    starts: frozenset[str] = frozenset()
    """Keys of the URLs that the crawl was given."""
    began: float = 0.0
    """Seconds of the epoch; lists that were read before are read again."""
    sitemaps: bool = False
    """Whether to follow the sitemaps that robots.txt names."""
    note: Callable[[str, str | int], None] | None = None
    """Where the archive's position is kept with each step."""


class SiteSpider(Spider):
    """One crawl into one corpus."""

    name = "site"

    def __init__(self, crawl: Crawl) -> None:
        super().__init__()
        self.crawl, self.frontier, self.book = crawl, crawl.frontier, crawl.book
        self._outlinks: list[bytes] = []
        self._uncommitted, self._committed = 0, monotonic()
        self._bytes = 0
        self._clock: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, crawl: Crawl) -> SiteSpider:
        """Scrapy's way of making a spider."""
        spider = cls(crawl)
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.downloaded, signal=signals.response_downloaded)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Nothing of its own: the frontier has the first URLs. Commits by the clock begin here."""
        self._clock = asyncio.get_running_loop().create_task(self._commit_regularly())
        return
        yield  # an async generator, as Scrapy wants it

    def closed(self, reason: str) -> None:
        """Scrapy calls this when nothing is left to do, or after an interrupt."""
        if self._clock:
            self._clock.cancel()
        if self.crawl.tally.corpus_failure is None:
            with suppress(CloseSpider):  # the tally has the reason
                if reason == "finished":
                    self._apply(self.frontier.finish())
                self._guarded(self._commit)

    # Asking

    def next_request(self) -> Request | None:
        """For crawler.web.schedule."""
        task = self.frontier.take()
        return None if task is None else self._request(task, task.url, ())

    def _request(self, task: Task, url: str, hops: tuple[str, ...]) -> Request:
        """`hops` are the URLs of the redirects from the task's URL to this one."""
        meta: dict[str, object] = {"handle_httpstatus_all": True}
        headers = {}
        if task.kind != "page":
            meta |= {WHOLE_META: True, "download_maxsize": MAX_LIST}
        elif not hops and task.document:
            headers = {k: v for k, v in (("If-None-Match", task.etag), ("If-Modified-Since", task.modified)) if v}
        return Request(
            url,
            callback=self.arrived,
            errback=self.failed,
            cb_kwargs={"task": task, "hops": hops},
            headers=headers,
            meta=meta,
            dont_filter=True,  # the frontier has decided
        )

    def links_of(self, follow: Sequence[tuple[str, str]], depth: int) -> list[Link]:
        """What is new among links in scope, as the frontier takes it; traps, and what its ending says is no page, are skipped."""
        if self.crawl.scope.max_depth is not None and depth > self.crawl.scope.max_depth:
            return []
        return [self._link(key, url, depth) for key, url in follow if not self.frontier.knows(key)]

    def _link(self, key: str, url: str, depth: int, changed: float = 0.0) -> Link:
        if self.frontier.knows(key):
            return Link(key, url, depth, changed=changed)
        ending = PurePosixPath(urlsplit(url).path).suffix.lower()
        return Link(key, url, depth, skip=ending if ending in _BINARY else self.crawl.traps.refusal(key), changed=changed)

    def robots_read(self, origin: str, rules: Rules) -> None:
        """The middleware tells what it read; sitemaps are taken up if they were asked for."""
        if not self.crawl.sitemaps:
            return
        urls = rules.sitemaps or (f"{origin}/sitemap.xml",)
        self.frontier.add(list_links([url for url in urls if self._may_list(url)], "sitemap", self.crawl.began))

    def _may_list(self, url: str) -> bool:
        return replace(self.crawl.scope, under="/").contains(url)

    # Answers

    def downloaded(self, request: Request, response: Response) -> None:
        """Every exchange, robots.txt included, as it came over the wire."""
        self._bytes += len(response.body)
        if self.crawl.archive:
            self._guarded(partial(self.crawl.archive.exchange, request, response))

    async def arrived(self, response: Response, task: Task, hops: tuple[str, ...]) -> AsyncIterator[Request]:
        """An answer of any status. Whatever goes wrong with it, the task ends: else its host would stay busy for ever."""
        try:
            for request in await self._answered(response, task, hops):
                yield request
        except CloseSpider:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the crawl
            self._fail(task, hops, "answer could not be read", f"{type(error).__name__}: {error}")

    async def _answered(self, response: Response, task: Task, hops: tuple[str, ...]) -> list[Request]:
        """The next hop of a redirect; else nothing, and the task has ended."""
        location = response.headers.get("Location")
        if response.status == 304 and task.document and not hops:
            self._end(task, hops, Ending(UNCHANGED))
            return []
        if 300 <= response.status < 400 and location:
            return list(self._redirected(location.decode("utf-8", errors="replace").strip(), task, hops, response.url))
        if response.status in (404, 410) and task.document:
            self._end(task, hops, Ending(GONE, reason=f"HTTP {response.status}", transient=response.status == 404))
        elif not 200 <= response.status < 300:
            passing = response.status >= 500 or response.status in (408, 425, 429)
            self._fail(task, hops, f"HTTP {response.status}", passing=passing)
        else:
            self._end(task, hops, await (self._read(response, task) if task.kind == "page" else self._list(response)))
        return []

    async def failed(self, failure: Failure) -> None:
        """No answer, or one that was not read to its end."""
        error, request = failure.value, failure.request  # type: ignore[attr-defined]
        task, hops = request.cb_kwargs["task"], request.cb_kwargs["hops"]
        if isinstance(error, RefusedByRobots):
            self._note_start(task, str(error))
            why = "robots.txt could not be read" if error.transient else ""
            self._end(task, hops, Ending(ROBOTS, reason=why, transient=error.transient))
        else:
            reason = reason_of(error)
            self._fail(task, hops, reason, detail_of(error), passing=reason in PASSING)

    def _redirected(self, location: str, task: Task, hops: tuple[str, ...], base: str) -> Iterator[Request]:
        way = (task.url, *hops)
        target = location
        try:
            target = urljoin(base, location).partition("#")[0]
            self.crawl.reach.check_url(target)
            key = canonical_url(target)
        except AddressRefused as refusal:
            self._fail(task, hops, "refused address", str(refusal))
            return
        except ValueError:
            self._fail(task, hops, "redirect to what is no URL", target)
            return
        if not self.crawl.scope.contains(target) and not (task.kind != "page" and self._may_list(target)):
            self._fail(task, hops, "redirect off the site", target)
        elif target in way:
            self._fail(task, hops, "redirect loop", " -> ".join((*way, target)))
        elif len(hops) >= REDIRECTS:
            self._fail(task, hops, f"more than {REDIRECTS} redirects", target)
        elif key in {canonical_url(hop) for hop in way} or self.frontier.claim(Link(key, target, task.depth, task.kind)):
            yield self._request(task, target, (*hops, target))
        else:
            self._end(task, hops, Ending(GONE if task.document else KNOWN))

    # Pages

    async def _read(self, response: Response, task: Task) -> Ending:
        """What becomes of one page that came."""
        kind, size = kind_of(response), len(response.body)
        if kind not in PARSED_TYPES:
            return Ending(SKIPPED, reason=kind, size=size)
        robots = tuple(value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag"))
        declared = charset(content_type_of(response.headers))
        links_said = tuple(value.decode("latin-1") for value in response.headers.getlist("Link"))
        answer = Answer(response.url, response.body, form_of(kind), declared, robots, links_said)
        try:
            found = await self.crawl.workers.run(understand, answer, self.crawl.scope)
        except PageBreaksWorker as error:
            return Ending(ASIDE, reason=f"page {error}", size=size)
        except Exception as error:  # noqa: BLE001 - one page must not end the crawl, whatever a parser makes of it
            return Ending(ASIDE, reason="page could not be read", excerpt=f"{type(error).__name__}: {error}", size=size)
        links = self.links_of(found.follow, task.depth + 1)
        if not found.keep:
            return Ending(NOINDEX, size=size, links=links)
        if found.reason:
            return Ending(ASIDE, reason=found.reason, excerpt=found.excerpt, size=size, links=links, outlinks=found.outlinks)
        key, url = found.canonical
        if key:
            links.insert(0, replace(self._link(key, url, task.depth), front=True))
        return Ending(
            KEPT,
            size=size,
            document=found.document,
            doc_id=found.doc_id,
            canonical=key,
            digest=found.digest,
            etag=_header(response, "ETag"),
            modified=_header(response, "Last-Modified"),
            links=links,
            outlinks=found.outlinks,
        )

    async def _list(self, response: Response) -> Ending:
        """A sitemap or feed, whose lines are the links."""
        size = len(response.body)
        try:
            listed = await self.crawl.workers.run(read_list, response.body, response.url)
        except ListError as error:
            return Ending(ASIDE, reason=str(error), size=size)
        except PageBreaksWorker as error:
            return Ending(ASIDE, reason=f"list {error}", size=size)
        links = []
        for entry in listed:
            if entry.sitemap and self._may_list(entry.url):
                links += list_links([entry.url], "sitemap", entry.changed or self.crawl.began)
            elif not entry.sitemap and self.crawl.scope.contains(entry.url):
                links.append(self._link(entry.key, entry.url, 0, entry.changed))
            else:
                self.crawl.tally.elsewhere += 1
        return Ending(LISTED, size=size, links=links)

    # Endings

    def _fail(self, task: Task, hops: tuple[str, ...], reason: str, excerpt: str = "", *, passing: bool = False) -> None:
        self._note_start(task, excerpt if reason == "refused address" else f"{reason} ({hops[-1]})" if hops else reason)
        self._end(task, hops, Ending(ASIDE, reason=reason, excerpt=excerpt, transient=passing))

    def _note_start(self, task: Task, reason: str) -> None:
        if task.key in self.crawl.starts:
            self.crawl.tally.failed_starts[task.url] = reason

    def _end(self, task: Task, hops: tuple[str, ...], ending: Ending) -> None:
        if self.crawl.archive and self.crawl.note:
            self.crawl.note("warc", self.crawl.archive.position)
        self._apply(self.frontier.end(task, [canonical_url(hop) for hop in hops], ending))
        self.crawl.tally.ended += 1
        if ending.outcome == ASIDE:
            self.crawl.tally.aside += 1
        self.crawl.progress.what = (
            f"crawl ({self.frontier.queued:,} queued, {self.crawl.tally.aside:,} set aside, {self._bytes / 1e6:,.1f} MB)"
        )
        self.crawl.progress.advance()

    # The corpus

    def _apply(self, writes: Sequence[Write]) -> None:
        """Give to the corpus what the frontier has ended."""
        self._guarded(lambda: self._write(writes))

    def _write(self, writes: Sequence[Write]) -> None:
        self._outlinks += apply(writes, self.crawl.writer)
        self._uncommitted += 1
        if self._uncommitted >= COMMIT_PAGES or monotonic() - self._committed >= self.frontier.commit_seconds:
            self._commit()

    def _commit(self) -> None:
        """The corpus first, the frontier last: what was not told to the corpus is still in the frontier after a kill."""
        commit(self.crawl.writer, self._outlinks, self.crawl.archive, self.frontier)
        self._outlinks = []
        self._uncommitted, self._committed = 0, monotonic()

    def _guarded(self, step: Callable[[], object]) -> None:
        """A corpus that cannot be written ends the crawl instead of losing page after page."""
        try:
            step()
        except (OSError, CorpusError) as error:
            self.crawl.tally.corpus_failure = error
            asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="the corpus cannot be written"))  # noqa: RUF006
            raise CloseSpider("the corpus cannot be written") from error

    async def _commit_regularly(self) -> None:
        """Commits also while a slow host keeps the crawl waiting."""
        while True:
            await asyncio.sleep(self.frontier.commit_seconds)
            if self._uncommitted and monotonic() - self._committed >= self.frontier.commit_seconds:
                with suppress(CloseSpider):
                    self._guarded(self._commit)


def apply(writes: Sequence[Write], writer: CorpusWriter) -> list[bytes]:
    """Give these writes to the corpus; the outlinks among them are returned, for `commit`."""
    outlinks = []
    for write in writes:
        match write.what:
            case "document":
                writer.add(Document.from_json(write.body), write.where)
            case "delete":
                writer.delete(write.where)
            case "reject":
                writer.set_aside(write.where, write.reason, write.body.decode())
            case "outlinks":
                outlinks.append(write.body)
    return outlinks


def commit(writer: CorpusWriter, outlinks: Sequence[bytes], archive: WarcArchive | None, frontier: Frontier) -> None:
    """Corpus, outlinks, archive, frontier, in this order."""
    writer.commit()
    write_outlinks(writer.path, outlinks)
    if archive:
        archive.sync()
    frontier.committed()


def list_links(urls: Sequence[str], kind: str, changed: float) -> list[Link]:
    """Sitemaps or feeds as links; they come before pages, and are read again in each crawl."""
    kinds = {"sitemap": "sitemap", "feed": "feed"}
    return [Link(canonical_url(url), url, 0, kinds[kind], front=True, changed=changed) for url in urls]  # type: ignore[arg-type]


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
