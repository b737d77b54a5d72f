"""Which pages does a sitemap or a feed list, and when did they change?

Sitemaps by https://www.sitemaps.org/protocol.html (XML, an index of sitemaps, plain text), feeds as RSS 0.9 to 2.0, Atom (RFC
4287) and JSON Feed; any of them gzipped. Read in a worker process; entities are not expanded and nothing is fetched.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import orjson
from lxml import etree

from crawler.errors import CrawlerError
from crawler.web.page import canonical_url

MAX_LIST = 52_428_800
"""Bytes of one list after decompression: the protocol's 50 MiB."""
MAX_ENTRIES = 50_000
"""URLs of one list, which is the protocol's bound too."""


class ListError(CrawlerError):
    """Raised where a sitemap or feed cannot be read; the message is the reason it is set aside with."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list."""

    key: str
    """The canonical URL."""
    url: str
    changed: float = 0.0
    """Seconds of the epoch; 0 where the list does not say."""
    sitemap: bool = False
    """True where this is another sitemap."""


def read_list(body: bytes, url: str) -> list[Listed]:
    """The entries of a sitemap, an index of sitemaps, or a feed, each URL once. Raises ListError."""
    body = _unpacked(body)
    found: dict[str, Listed] = {}
    for entry, changed, sitemap in _entries(body, url):
        if len(found) >= MAX_ENTRIES:
            break
        try:
            target = urljoin(url, entry.strip())
            key = canonical_url(target)
        except ValueError:
            continue
        if target.startswith(("http://", "https://")):
            found.setdefault(key, Listed(key, target.partition("#")[0], _seconds(changed), sitemap))
    if not found and not body.strip():
        raise ListError("empty list")
    return list(found.values())


def _entries(body: bytes, url: str) -> Iterator[tuple[str, str, bool]]:
    """URL, date, and whether it is a sitemap."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return _json(body)
    return _xml(body) if start == b"<" else _text(body, url)


def _xml(body: bytes) -> Iterator[tuple[str, str, bool]]:
    events = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    entries = 0
    try:
        for _, element in events:
            name = _name(element)
            if name in ("url", "sitemap", "item", "entry"):
                entries += 1
                fields = {_name(child): child for child in reversed(element)}
                target = _target(name, fields, element)
                date = next(
                    (fields[d].text or "" for d in ("lastmod", "updated", "pubDate", "date", "published") if d in fields), ""
                )
                if target:
                    yield target, date, name == "sitemap"
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        if not entries:
            raise ListError("broken XML") from error
    if not entries and _name(events.root) not in ("urlset", "sitemapindex", "rss", "feed", "RDF"):
        raise ListError("neither a sitemap nor a feed")


def _target(name: str, fields: dict[str, etree._Element], element: etree._Element) -> str:
    if name in ("url", "sitemap"):
        return (fields["loc"].text or "") if "loc" in fields else ""
    for child in element:
        if (
            _name(child) == "link"
            and child.get("rel", "alternate") == "alternate"
            and (target := child.get("href") or child.text)
        ):
            return target
    guid = fields.get("guid")
    return (guid.text or "") if guid is not None and guid.get("isPermaLink", "true") == "true" else ""


def _name(element: etree._Element | None) -> str:
    tag = getattr(element, "tag", "")
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _json(body: bytes) -> Iterator[tuple[str, str, bool]]:
    try:
        items = orjson.loads(body)["items"]
        found = [
            (str(item["url"]), str(item.get("date_modified") or item.get("date_published") or ""))
            for item in items
            if item.get("url")
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ListError("broken JSON feed") from error
    return ((target, date, False) for target, date in found)


def _text(body: bytes, url: str) -> Iterator[tuple[str, str, bool]]:
    lines = body.decode("utf-8-sig", errors="replace").split()
    if lines and not lines[0].startswith(("http://", "https://")):
        raise ListError("neither a sitemap nor a feed")
    return ((line, "", False) for line in lines if line.startswith(("http://", "https://")) and line != url)


def _seconds(date: str) -> float:
    """ISO 8601 (W3C) or RFC 822; 0 where it is neither."""
    date = date.strip()
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(date)
        except (ValueError, TypeError, IndexError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return 0.0


def _unpacked(body: bytes) -> bytes:
    """The list itself, however often it was packed by mistake: at most twice."""
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b"):
            break
        unpacker = zlib.decompressobj(31)
        try:
            body = unpacker.decompress(body, MAX_LIST + 1)
        except zlib.error as error:
            raise ListError("broken compression") from error
    if len(body) > MAX_LIST:
        raise ListError("list too large")
    return body
