"""The command `stepwell crawler warc`: pages from WARC files that are already on disk, without fetching anything.

Our own archives are among them, so that extraction can be run again. Of several captures of one URL the newest counts. What
cannot be read of a damaged file is set aside with its place.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import UsageError
from crawler.reading import Reading, SetAside, Skipped, set_aside
from crawler.web.frontier import host_key
from crawler.web.media import PARSED_TYPES, charset, form_of, kind_by_content, media_type
from crawler.web.page import canonical_url
from crawler.web.scope import Scope
from crawler.web.understand import Answer, Understood, understand
from crawler.web.warc_records import MAX_BODY, MAX_HEAD, MAX_RECORD, Damage, Record, read_archive, unchunked, unpacked
from crawler.web.workers import PageBreaksWorker, Workers
from indexer.document import Document

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
_LIST = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:\w+:)?(urlset|sitemapindex|rss|feed)\b", re.DOTALL
)
"""What a sitemap or a feed begins with, whatever media type it was sent as."""
_LIST_HEAD = 4096
"""Bytes in which that is looked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="WARC files, .warc or .warc.gz, or folders of them")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="corpus directory; made if it is not there")
    parser.add_argument("--collection", default="", metavar="NAME", help="of the documents (default: each page's host)")
    parser.add_argument("--limit", type=int, metavar="N", help="stop after N documents")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if any record was set aside")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Read the files in worker processes' company; raises UsageError where a file is not there."""
    from crawler.ingest import ingest

    files = list(_files(args.files))
    outcome = ingest(_readings(files, args.collection), args.into, "crawler warc", args.limit)
    if args.json:
        import orjson

        print(orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2).decode())
    else:
        print(outcome.summary())
    nothing_kept = outcome.counts.set_aside and not outcome.counts.kept
    return 1 if nothing_kept or (args.strict and outcome.counts.set_aside) else 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*.warc*") if file.is_file())
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"{path} is not there; give WARC files or folders of them")


def _readings(files: list[Path], collection: str) -> Iterator[Reading]:
    """One reading a page, as a crawl keeps them: one under another page's name gives way where that page is there itself."""
    own: set[str] = set()
    held: dict[str, Reading] = {}
    for reading in _read(files, collection):
        document = reading.record
        if not isinstance(document, Document):
            yield reading
        elif document.id == f"web:{canonical_url(reading.where)}":
            own.add(document.id)
            yield reading
        elif document.id in own or document.id in held:
            yield Reading(Skipped(reading.where, "copy of another page"), reading.where, reading.share)
        else:
            held[document.id] = reading
    for doc_id, reading in held.items():
        record = Skipped(reading.where, "copy of another page") if doc_id in own else reading.record
        yield Reading(record, reading.where, 1.0)


def _read(files: list[Path], collection: str) -> Iterator[Reading]:
    """One reading a record, pages under the names that they give themselves; of a URL's captures the newest counts."""
    newest, hosts = newest_captures(files)
    scope = Scope(hosts, collection=collection)
    sizes = [file.stat().st_size or 1 for file in files]
    done = 0
    with closing(Workers()) as workers, asyncio.Runner() as runner:
        window: deque[tuple[Reading | None, str, float, asyncio.Task[Understood] | None]] = deque()
        for file, size in zip(files, sizes, strict=True):
            for found in read_archive(file):
                share = (done + found.share * size) / sum(sizes)
                read = _page(found, newest)
                task, where = None, found.where
                if isinstance(read, Answer):
                    where = read.url
                    step = workers.run(understand, read, scope)
                    task = runner.get_loop().create_task(step)
                    runner.run(asyncio.sleep(0))  # lets the task hand its page over
                window.append((None if isinstance(read, Answer) else Reading(read, found.where, share), where, share, task))
                if len(window) > 4 * workers.count:
                    yield _first(window, runner)
            done += size
        while window:
            yield _first(window, runner)


def _first(window: deque[tuple[Reading | None, str, float, asyncio.Task[Understood] | None]], runner: asyncio.Runner) -> Reading:
    """The oldest reading; its worker is waited for."""
    reading, where, share, task = window.popleft()
    if reading is not None:
        return reading
    assert task is not None, "a page that is not read yet has a worker"
    try:
        page = runner.run(_result(task))
    except PageBreaksWorker as error:
        return Reading(set_aside(where, f"page {error}"), where, share)
    except Exception as error:  # noqa: BLE001 - one page must not end the job, whatever a parser makes of it
        return Reading(set_aside(where, "page could not be read", f"{type(error).__name__}: {error}"), where, share)
    if page.document:
        return Reading(Document.from_json(page.document), where, share)
    return Reading(
        Skipped(where, "asks not to be kept") if not page.keep else set_aside(where, page.reason, page.excerpt), where, share
    )


async def _result(task: asyncio.Task[Understood]) -> Understood:
    return await task


def _page(record: Record | Damage, newest: dict[int, tuple[str, str]]) -> Answer | SetAside | Skipped:
    """The record's page, or why it holds none."""
    if isinstance(record, Damage):
        return set_aside(record.where, record.reason, record.detail)
    if record.kind not in ("response", "resource") or not record.url.startswith(("http://", "https://")):
        return Skipped(record.where, f"{record.kind or 'untyped'} record")
    if _path_of(record.url) == "/robots.txt":
        return Skipped(record.url, "robots.txt")
    if newest.get(hash(record.url), ("", record.where))[1] != record.where and _counts(_status(record.block)):
        return Skipped(record.where, "earlier capture")
    if not record.block:
        return set_aside(record.where, "record too large", f"over {MAX_RECORD:,} bytes; {record.url}")
    head, _, body = record.block.partition(b"\r\n\r\n")
    lines = head[:MAX_HEAD].split(b"\r\n")
    status = _status(record.block)
    if not status:
        return set_aside(record.where, "no HTTP answer", lines[0])
    if not 200 <= status < 300:
        return Skipped(record.url, f"HTTP {status}")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return _answer(record.url, headers, body)


def _answer(url: str, headers: dict[str, list[str]], body: bytes) -> Answer | SetAside | Skipped:
    content_type = headers.get("content-type", [""])[-1]
    kind = media_type(content_type)
    if kind and kind not in PARSED_TYPES:
        return Skipped(url, kind)
    try:
        if "chunked" in headers.get("transfer-encoding", [""])[-1].lower():
            body = unchunked(body)
        for coding in reversed(headers.get("content-encoding", [""])[-1].lower().split(",")):
            body = unpacked(body, coding.strip())
    except (ValueError, zlib.error, OSError, EOFError) as error:
        return set_aside(url, "broken compression", str(error))
    if len(body) > MAX_BODY:
        return set_aside(url, "too large when decompressed", f"over {MAX_BODY:,} bytes")
    kind = kind or kind_by_content(url, body)
    if kind not in PARSED_TYPES:
        return Skipped(url, kind)
    if found := _LIST.match(body[:_LIST_HEAD]):
        return Skipped(url, f"{found[1].decode()}, a list of pages")
    said = tuple(headers.get("x-robots-tag", ())), tuple(headers.get("link", ()))
    return Answer(url, body, form_of(kind), charset(content_type), *said)


def _status(block: bytes) -> int:
    """Of an HTTP answer; 0 where it is none."""
    found = _STATUS.match(block)
    return int(found[1]) if found else 0


def newest_captures(files: list[Path]) -> tuple[dict[int, tuple[str, str]], frozenset[str]]:
    """Hash of each URL -> date and place of its newest capture that says what it is now, and the hosts that have pages.

    A page that is gone or has moved says so by 404, 410 or a redirect; a server that is busy or broken says nothing of the page.
    """
    newest: dict[int, tuple[str, str]] = {}
    hosts: set[str] = set()
    for file in files:
        for found in read_archive(file):
            if not isinstance(found, Record) or found.kind not in ("response", "resource"):
                continue
            status, key = _status(found.block), hash(found.url)
            if _counts(status) and found.date >= newest.get(key, ("",))[0]:
                newest[key] = found.date, found.where
            if 200 <= status < 300 and _path_of(found.url) not in ("", "/robots.txt"):
                hosts.add(host_key(found.url))
    return newest, frozenset(hosts)


def _counts(status: int) -> bool:
    return 200 <= status < 300 or status in (301, 302, 303, 307, 308, 404, 410)


def _path_of(url: str) -> str:
    """Empty where this is no URL that could be asked for."""
    try:
        canonical_url(url)
        return urlsplit(url).path or "/"
    except ValueError:
        return ""
