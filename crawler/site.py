"""The command `stepwell crawler site`: one site, politely, into a corpus.

Here are the command's options, the Scrapy settings with their reasons, and the summary. Which pages: crawler.site_spider; what
may be dialled: crawler.safety and crawler.dial; what the site allows: crawler.robots; how fast: crawler.pace.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.errors import CrawlerError, UsageError
from crawler.safety import SCHEMES, AddressRefused, Reach, addresses_of

if TYPE_CHECKING:
    from crawler.site_tally import Scope, Tally
    from indexer.corpus import Counts

DELAY = 1.0
"""Seconds between two requests to a host."""
MAX_BYTES = 10_000_000
"""Bytes of one answer, before and after decompression."""
TIMEOUT = 30.0
"""Seconds for one answer, from the first packet to the last."""
RETRIES = 2
"""Further attempts at a page after a timeout, a broken connection, 408, 429 or 5xx."""
LOOPBACK_CONCURRENCY = 4
"""Requests at a time to a site on this machine; everywhere else one."""

EXAMPLE = """example:
  stepwell crawler site https://docs.alder.example/ --into corpus/docs --contact me@alder.example
  stepwell crawler site http://127.0.0.1:8000/ --into corpus/docs --allow-loopback --delay 0"""


class StartFailed(CrawlerError):
    """Raised when the start URL itself could not be fetched, so that there was nothing to crawl."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = parser.epilog or EXAMPLE
    parser.add_argument("url", help="where to begin; the crawl stays on this host and port")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="the corpus to write to")
    parser.add_argument("--contact", default="", help="an e-mail address or URL for the site's owner, sent in the user agent")
    parser.add_argument("--under", default="/", metavar="PATH", help="stay under this path (default: the whole host)")
    parser.add_argument("--max-pages", type=_positive, default=10_000, metavar="N", help="pages to ask for (default 10000)")
    parser.add_argument("--max-depth", type=_count, metavar="N", help="links from the start to a page (default: no bound)")
    parser.add_argument("--delay", type=_seconds, default=DELAY, metavar="S", help="seconds between requests (default 1.0)")
    parser.add_argument("--collection", metavar="NAME", help="of the documents (default: the host)")
    parser.add_argument("--allow-loopback", action="store_true", help="let a site on this machine be crawled, and it alone")
    parser.add_argument("--strict", action="store_true", help="exit 1 if anything was set aside")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Crawl; 0 done, 1 with --strict if anything was set aside.

    Raises UsageError, StartFailed, AddressRefused, and what the corpus raises.
    """
    reach = _reach(args)
    if not reach.loopback and not args.contact:
        raise UsageError("--contact is missing; give an e-mail address or URL at which the site's owner can reach you")
    if not args.contact.isprintable() or not args.contact.isascii():
        raise UsageError(f"--contact {args.contact!r} cannot be sent in a header; use an e-mail address or URL")
    if not reach.loopback and args.delay <= 0:
        raise UsageError("--delay 0 is for sites on this machine; give a second or more")

    from crawler.site_tally import Scope

    scope = Scope(
        start=args.url,
        under=args.under if args.under.startswith("/") else f"/{args.under}",
        max_pages=args.max_pages,
        max_depth=args.max_depth,
        collection=args.collection or urlsplit(args.url).hostname or "",
    )
    if not scope.contains(args.url):
        raise UsageError(f"{args.url} does not lie under {scope.under}; begin at a page that does")
    tally, counts = crawl(scope, reach, args.into, contact=args.contact, delay=args.delay)
    if tally.start_failure:
        raise StartFailed(f"{args.url} could not be fetched: {tally.start_failure}")
    if args.json:
        import orjson

        print(orjson.dumps(tally.as_json(counts)).decode())
    else:
        print("\n".join(tally.as_lines(counts)))
    return 1 if args.strict and counts.set_aside else 0


def crawl(scope: Scope, reach: Reach, into: Path, *, contact: str, delay: float) -> tuple[Tally, Counts]:
    """One crawl in this process, which can run only one: Twisted's reactor does not start twice."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.site_spider import SiteSpider
    from crawler.site_tally import Tally
    from indexer.corpus import CorpusWriter
    from indexer.progress import Progress

    tally = Tally()
    with CorpusWriter(into) as writer, Progress("crawl", "pages") as progress:
        process = AsyncCrawlerProcess(settings(reach, contact, delay))
        crawler = process.create_crawler(SiteSpider)
        process.crawl(crawler, scope=scope, reach=reach, writer=writer, progress=progress, tally=tally)
        process.start()
        interrupted = crawler.stats is not None and crawler.stats.get_value("finish_reason") == "shutdown"
    if tally.corpus_failure:
        raise tally.corpus_failure
    if interrupted:
        raise KeyboardInterrupt
    return tally, writer.counts


def settings(reach: Reach, contact: str, delay: float) -> dict[str, Any]:
    """Scrapy's settings for one crawl."""
    off = None  # how Scrapy spells it
    return {
        "USER_AGENT": f"stepwell/0.1 (+{contact})" if contact else "stepwell/0.1",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        # Safety. Only http and https have a handler, and theirs is guarded; proxies would dial for us, unseen.
        "STEPWELL_LOOPBACK": reach.loopback,
        "TWISTED_DNS_RESOLVER": "crawler.dial.GuardedResolver",
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3"), off)
        | dict.fromkeys(SCHEMES, "crawler.dial.GuardedHandler"),
        "HTTPPROXY_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # who said it matters here; Scrapy's default is not to ask
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        # What a page may cost.
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "RETRY_TIMES": RETRIES,
        # Politeness. The jitter would undercut a promised delay by half.
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.robots.RobotsMiddleware": 100,
            "crawler.media.PagesOnly": 595,  # sees answers before HttpCompressionMiddleware, which is at 590
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": off,  # crawler.robots says why
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": off,  # the spider decides each hop
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": off,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": off,
        },
        "EXTENSIONS": {"scrapy.extensions.throttle.AutoThrottle": off, "crawler.pace.Pace": 0},
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": LOOPBACK_CONCURRENCY if reach.loopback else 1,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": LOOPBACK_CONCURRENCY if reach.loopback else 1,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"},
        # Breadth first, in the order of the page.
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        # Reasons are told once, in the summary and in the corpus's list of rejects.
        "LOG_LEVEL": "ERROR",
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "STATS_DUMP": False,
    }


def _reach(args: argparse.Namespace) -> Reach:
    """A loopback crawl where that was allowed and every address of the host is loopback, else a public one."""
    scheme, _, rest = args.url.partition("://")
    if scheme.lower() not in SCHEMES or not rest:
        raise UsageError(f"{args.url!r} is not an http or https URL; write it in full, like https://host.example/")
    args.url = args.url.partition("#")[0]
    try:
        host = urlsplit(args.url).hostname or ""
    except ValueError as error:
        raise UsageError(f"{args.url!r} is not a URL: {error}") from None
    loopback = args.allow_loopback and bool(host) and all(address.is_loopback for address in addresses_of(host))
    reach = Reach(loopback=loopback)
    try:
        reach.check_url(args.url)
    except AddressRefused as refusal:
        raise StartFailed(f"{args.url} could not be fetched: {refusal}") from None
    return reach


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def _positive(text: str) -> int:
    value = _count(text)
    if value == 0:
        raise argparse.ArgumentTypeError("nothing would be fetched; give 1 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return value
