"""The commands `stepwell crawler site`, ``sitemap``, ``list`` and ``feed``: sites, politely, into a corpus.

They differ in where a crawl begins and how far it goes; the crawl is the same. Here are the options, and the order in which a
crawl is opened, continued and closed. Which pages: crawler.web.spider; what may be dialled: crawler.safety and crawler.web.dial;
what the site allows: crawler.web.robots; how fast: crawler.web.pace and crawler.web.turns.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import CrawlerError, UsageError
from crawler.safety import SCHEMES, AddressRefused, Reach, addresses_of
from crawler.web.scrapy_settings import DELAY, LOOPBACK_CONCURRENCY, settings

if TYPE_CHECKING:
    from crawler.web.frontier import Census, Frontier, Link
    from crawler.web.scope import Scope
    from crawler.web.tally import Tally

STATE = "crawl"
"""Folder of a corpus in which its crawl keeps what it needs to go on."""
_NO_HOST = re.compile(r"""[\s<>"{}|\\^`%\x00-\x1f\x7f]""")
"""Characters of no host's name."""
MAX_LIST = 10_000_000
"""Lines of a file of URLs."""

NEEDS_REDIS = "--redis needs the package scrapy-redis; install it with: pip install scrapy-redis"


class StartFailed(CrawlerError):
    """Raised when none of the start URLs could be fetched, so that there was nothing to crawl."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one command asks for."""

    scope: Scope
    starts: tuple[Link, ...]
    reach: Reach
    into: Path
    contact: str
    delay: float
    max_pages: int
    max_bytes: int
    again: bool
    """Ask for every known page again."""
    sitemaps: bool
    keep_warc: bool
    redis: str
    """URL of the Redis server that holds the frontier; empty: a file in the corpus does."""
    authority: str | None
    misread: tuple[tuple[str, str], ...] = ()
    """Lines of a list that are no URLs: where, and what is there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb, which is the last word of the parser's name."""
    verb = parser.prog.split()[-1]
    if verb == "list":
        parser.add_argument("file", type=Path, help="a file of URLs, one a line; # begins a comment")
    else:
        where = "where to begin; the crawl stays on this host and port"
        parser.add_argument("url", help=where if verb == "site" else f"the {verb}; its pages on this host and port are fetched")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="the corpus to write to")
    parser.add_argument("--contact", default="", help="an e-mail address or URL for the site's owner, sent in the user agent")
    parser.add_argument("--under", default="/", metavar="PATH", help="stay under this path (default: the whole host)")
    parser.add_argument(
        "--max-pages", type=_positive, default=10_000, metavar="N", help="pages to ask a host for (default 10000)"
    )
    parser.add_argument(
        "--max-bytes", type=_size, default=10 * 1024**3, metavar="N", help="bytes to take from a host, 200M, 10G (default 10G)"
    )
    depth = None if verb == "site" else 0
    said = "no bound" if verb == "site" else "0, only what is listed"
    parser.add_argument(
        "--max-depth", type=_count, default=depth, metavar="N", help=f"links from the start to a page (default: {said})"
    )
    parser.add_argument("--delay", type=_seconds, default=DELAY, metavar="S", help="seconds between requests (default 1.0)")
    parser.add_argument("--collection", default="", metavar="NAME", help="of the documents (default: each page's host)")
    if verb == "site":
        parser.add_argument("--sitemaps", action="store_true", help="take up the sitemaps that robots.txt names, too")
    parser.add_argument(
        "--recrawl", action="store_true", help="ask for every known page again; what has not changed costs nothing"
    )
    parser.add_argument("--no-warc", action="store_true", help="do not keep requests and answers as WARC files")
    parser.add_argument(
        "--authority", metavar="TABLE", help="table whose tiers decide which hosts come first (default: the one in force)"
    )
    parser.add_argument("--redis", default="", metavar="URL", help="share the frontier with other machines on this Redis server")
    parser.add_argument("--allow-loopback", action="store_true", help="let sites on this machine be crawled, and them alone")
    parser.add_argument("--strict", action="store_true", help="exit 1 if anything was set aside")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Crawl; 0 done, 1 with --strict if anything was set aside.

    Raises UsageError, StartFailed, AddressRefused, FrontierError, and what the corpus raises.
    """
    from crawler.web.frontier import ASIDE
    from crawler.web.tally import as_json, as_lines

    plan = plan_of(args)
    tally, census = crawl(plan)
    failed = tally.failed_starts
    if failed and len(failed) == len(plan.starts):
        url, why = next(iter(failed.items()))
        more = f", nor could the {len(failed) - 1:,} others" if len(failed) > 1 else ""
        raise StartFailed(f"{url} could not be fetched{more}: {why}")
    if args.json:
        import orjson

        print(orjson.dumps(as_json(census, tally)).decode())
    else:
        if not tally.ended:
            print("nothing is left to ask for; --recrawl asks for every page again")
        print("\n".join(as_lines(census, tally)))
    return 1 if args.strict and (census.outcomes[ASIDE] or plan.misread) else 0


def plan_of(args: argparse.Namespace) -> Plan:
    """The command, checked. Raises UsageError, StartFailed where the only URL may not be dialled, TableError."""
    from crawler.web.frontier import Kind, Link, host_key
    from crawler.web.page import canonical_url
    from crawler.web.scope import Scope

    urls, misread = read_urls(args.file) if args.verb == "list" else ([args.url.partition("#")[0]], [])
    reach = _reach(urls, args)
    if not reach.loopback and not args.contact:
        raise UsageError("--contact is missing; give an e-mail address or URL at which the site's owner can reach you")
    if not args.contact.isprintable() or not args.contact.isascii():
        raise UsageError(f"--contact {args.contact!r} cannot be sent in a header; use an e-mail address or URL")
    if not reach.loopback and args.delay <= 0:
        raise UsageError("--delay 0 is for sites on this machine; give a second or more")
    under = args.under if args.under.startswith("/") else f"/{args.under}"
    scope = Scope(frozenset(map(host_key, urls)), under, args.max_depth, args.collection)
    kinds: dict[str, Kind] = {"sitemap": "sitemap", "feed": "feed"}
    kind = kinds.get(args.verb, "page")
    if kind == "page" and (outside := [url for url in urls if not scope.contains(url)]):
        raise UsageError(f"{outside[0]} does not lie under {scope.under}; begin at a page that does")
    return Plan(
        scope=scope,
        starts=tuple(Link(canonical_url(url), url, 0, kind, front=kind != "page") for url in urls),
        reach=reach,
        into=args.into,
        contact=args.contact,
        delay=args.delay,
        max_pages=args.max_pages,
        max_bytes=args.max_bytes,
        again=args.recrawl,
        sitemaps=getattr(args, "sitemaps", False),
        keep_warc=not args.no_warc,
        redis=args.redis,
        authority=args.authority,
        misread=tuple(misread),
    )


def read_urls(path: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """The URLs of a file, each once; place and complaint of each line that is none. Raises UsageError where there is no URL."""
    urls: dict[str, None] = {}
    misread: list[tuple[str, str]] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if number > MAX_LIST:
                    raise UsageError(f"{path} has over {MAX_LIST:,} lines; split it")
                url = line.partition(" #")[0].strip()
                if url and not url.startswith("#"):
                    if flaw := flaw_of(url):
                        misread.append((f"{path}:{number}", f"{url[:80]!r} {flaw}"))
                    else:
                        urls[url.partition("#")[0]] = None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from None
    if not urls:
        raise UsageError(": ".join(misread[0]) if misread else f"{path} holds no URL; write one a line")
    return list(urls), misread


def flaw_of(url: str) -> str:
    """What keeps this from being a URL to begin at; empty where nothing does."""
    from crawler.web.page import canonical_url

    scheme, _, rest = url.partition("://")
    if scheme.lower() not in SCHEMES or not rest:
        return "is not an http or https URL; write it in full, like https://host.example/"
    try:
        parts = urlsplit(url)
        canonical_url(url)
        if not parts.hostname or parts.port == 0 or _NO_HOST.search(parts.netloc):
            return "is not a URL: its host is none"
    except ValueError as error:
        return f"is not a URL: {error}"
    return ""


def crawl(plan: Plan) -> tuple[Tally, Census]:
    """One crawl in this process, which can run only one: Twisted's reactor does not start twice."""
    from contextlib import ExitStack, closing

    from crawler.web.hostbook import HostBook
    from crawler.web.spider import Crawl, apply, commit
    from crawler.web.tally import Tally
    from crawler.web.traps import Traps
    from crawler.web.warc import WarcArchive
    from crawler.web.workers import Workers
    from indexer.corpus import CorpusWriter
    from indexer.progress import Progress

    tally = Tally(misread=len(plan.misread))
    with ExitStack() as stack:
        writer = stack.enter_context(CorpusWriter(plan.into))
        for where, what in plan.misread:
            writer.set_aside(where, "not a URL", what)
        frontier, began, note, position = _frontier(plan)
        stack.enter_context(closing(frontier))
        archive = stack.enter_context(closing(WarcArchive(plan.into / "warc", position))) if plan.keep_warc else None
        if archive and note:
            note("warc", archive.position)
        commit(writer, apply(frontier.pending(), writer), archive, frontier)
        frontier.add(plan.starts if began <= 0 else [_again(link, began) for link in plan.starts])
        traps = Traps()
        for key in getattr(frontier, "keys_with_query", tuple)():
            traps.refusal(key)
        work = Crawl(
            scope=plan.scope,
            reach=plan.reach,
            frontier=frontier,
            book=stack.enter_context(closing(HostBook(plan.into / STATE / "hosts.sqlite"))),
            writer=writer,
            workers=stack.enter_context(closing(Workers())),
            archive=archive,
            progress=stack.enter_context(Progress("crawl", "pages")),
            tally=tally,
            traps=traps,
            starts=frozenset(link.key for link in plan.starts),
            began=began,
            sitemaps=plan.sitemaps,
            note=note,
        )
        interrupted = _run(work, plan)
        if tally.corpus_failure:
            raise tally.corpus_failure
        if interrupted:
            raise KeyboardInterrupt
        return tally, frontier.census()


def _run(work: object, plan: Plan) -> bool:
    """True if a person interrupted it."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.web.spider import SiteSpider

    process = AsyncCrawlerProcess(settings(plan.reach, plan.contact, plan.delay))
    crawler = process.create_crawler(SiteSpider)
    process.crawl(crawler, crawl=work)
    process.start()
    return bool(crawler.stats and crawler.stats.get_value("finish_reason") == "shutdown")


def _frontier(plan: Plan) -> tuple[Frontier, float, Callable[[str, str | int], None] | None, str]:
    """The frontier, when its crawl began, where to note the archive's position, and that position after the last step."""
    from crawler.web.frontier import Budget
    from crawler.web.frontier_sqlite import SqliteFrontier

    budget = Budget(plan.max_pages, plan.max_bytes, LOOPBACK_CONCURRENCY if plan.reach.loopback else 1)
    tier_of = _tier_of(plan.authority)
    if plan.redis:
        try:
            from crawler.web.frontier_redis import RedisFrontier
        except ModuleNotFoundError:
            raise UsageError(NEEDS_REDIS) from None
        return (
            RedisFrontier(plan.redis, str(plan.scope.collection or min(plan.scope.hosts)), budget, tier_of),
            0.0,
            None,
            "",
        )
    frontier = SqliteFrontier(plan.into / STATE / "frontier.sqlite", budget, tier_of)
    if frontier.finished:
        frontier.begin_again(everything=plan.again)
    return frontier, float(frontier.recall("began", 0)), frontier.note, str(frontier.recall("warc", ""))


def _tier_of(choice: str | None) -> Callable[[str], float]:
    """Authority of a URL's host, in [0, 1]."""
    from authority.tables import load_table

    table = load_table(choice)
    return (lambda _: 0.0) if table is None else (lambda url: table.lookup(url).value)


def _again(link: Link, began: float) -> Link:
    """A sitemap or feed is read in each crawl."""
    from dataclasses import replace

    return link if link.kind == "page" else replace(link, changed=began)


def _reach(urls: Sequence[str], args: argparse.Namespace) -> Reach:
    """A loopback crawl where that was allowed and every address of every host is loopback, else a public one."""
    hosts: set[str] = set()
    for url in urls:
        if flaw := flaw_of(url):
            raise UsageError(f"{url!r} {flaw}")
        hosts.add(urlsplit(url).hostname or "")
    loopback = args.allow_loopback and all(
        host and all(address.is_loopback for address in addresses_of(host)) for host in sorted(hosts)
    )
    reach = Reach(loopback=loopback)
    if len(urls) == 1:
        try:
            reach.check_url(urls[0])
        except AddressRefused as refusal:
            raise StartFailed(f"{urls[0]} could not be fetched: {refusal}") from None
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


def _size(text: str) -> int:
    """`200M` is 200 * 1024**2."""
    unit = {"K": 1, "M": 2, "G": 3, "T": 4}.get(text[-1:].upper(), 0)
    return _positive(text[:-1] if unit else text) * int(1024**unit)


def _seconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return value
