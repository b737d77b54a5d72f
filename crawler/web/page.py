"""What does a page tell a crawler: where to go, what it is called, whether it wants to be kept?

Reads markup only; what the page says to people is crawler.extract's question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from lxml import etree, html
from w3lib.html import get_meta_refresh
from w3lib.url import canonicalize_url, safe_url_string

from crawler.web.tracking import is_tracking

AGENT = "stepwell"
MAX_LINKS = 10_000
"""Links taken from one page; a page with more is a trap or an archive that its own sub-pages list again."""

MAX_ANCHOR = 200
"""Characters of a link's text."""

_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""X-Robots-Tag directives with a value: their colon names no robot."""
_SESSION = re.compile(r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|zenid|oscsid", re.IGNORECASE)
"""Parameters that say who the visitor is, whatever their value."""
_MAYBE_SESSION = re.compile(r"sid|sessionid|session_id", re.IGNORECASE)
"""Parameters that may choose a page, too: a session only if the value looks like one."""
_SESSION_VALUE = re.compile(r"[0-9a-zA-Z_.-]{16,}")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*|/\((?:[A-Z]\([^()/]+\))+\)(?=/|$)", re.IGNORECASE)
"""In a path; the second form is that of ASP.NET without cookies, ``/(S(abc))/``."""
_UNTIL = re.compile(r"unavailable_after\s*:\s*((?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,\s*)?[^,]*)", re.IGNORECASE)
"""``unavailable_after: Fri, 25 Jun 2010 15:00:00 PST``; the date is the group."""
_LINK = re.compile(r"""<([^<>]*)>((?:\s*;\s*[^\s;,="]+(?:\s*=\s*(?:"[^"]*"|[^",;\s]*))?)*)""")
_REL = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]*))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """A page's words to crawlers."""

    anchors: tuple[tuple[str, str], ...]
    """Absolute http(s) URLs in page order, each once, with the text of the link; links with rel=nofollow left out, none where
    the page says nofollow."""
    canonical: str
    """Absolute URL of <link rel=canonical> in the head, else of such a Link header; empty where there is none."""
    keep: bool
    """False where the page asks not to be indexed."""

    @property
    def links(self) -> tuple[str, ...]:
        """The URLs alone."""
        return tuple(url for url, _ in self.anchors)


def read_page(markup: str, url: str, robots_headers: Iterable[str] = (), link_headers: Iterable[str] = ()) -> Page:
    """Links, canonical URL and robots directives; the headers are the values of X-Robots-Tag and Link."""
    root = _tree(markup)
    stated = _absolute(url, _header_canonical(link_headers)) or ""
    if root is None:
        return Page((), stated, keep=not header_directives_of(robots_headers) & {"noindex", "none"})
    bases = root.xpath("//base/@href")
    base = _joined(url, str(bases[0]).strip()) if bases else url
    directives = header_directives_of(robots_headers)
    for name, content in ((meta.get("name", ""), meta.get("content", "")) for meta in root.iter("meta")):
        if name.strip().lower() in ("robots", AGENT):
            directives |= set(re.split(r"[,;\s]+", _dated(content).lower()))
    follow = not directives & {"nofollow", "none"}
    heads = root.xpath("/html/head//link")  # one in the body may be what a visitor wrote
    canonical = next((a.get("href", "") for a in heads if "canonical" in a.get("rel", "").lower().split()), "")
    return Page(
        anchors=tuple(_anchors(root, markup, base).items()) if follow else (),
        canonical=_absolute(base, canonical) or stated,
        keep=not directives & {"noindex", "none"},
    )


def header_directives_of(values: Iterable[str]) -> set[str]:
    """The directives of all X-Robots-Tags of one answer."""
    return set[str]().union(*(header_directives(value) for value in values))


def header_directives(value: str) -> set[str]:
    """The directives of one X-Robots-Tag that speak to us: ``otherbot: noindex, nofollow`` speaks to another robot."""
    ours, found = True, set[str]()
    for part in _dated(value).lower().split(","):
        name, colon, rest = (piece.strip() for piece in part.partition(":"))
        if colon and name not in _VALUED:
            ours, name = name == AGENT, rest
        if ours:
            found.add(name)
    return found


def _dated(directives: str) -> str:
    """The directives, with `unavailable_after` as a `noindex` where its day has come."""
    return _UNTIL.sub(lambda found: "noindex" if _is_past(found[1].strip().upper()) else "unavailable_after", directives)


def _is_past(date: str) -> bool:
    """ISO 8601 or RFC 822 to 850; False for what is neither."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(date)
        except (ValueError, TypeError, IndexError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < datetime.now(UTC)
    return False


def _header_canonical(values: Iterable[str]) -> str:
    """The target of the first ``<URL>; rel="canonical"`` (RFC 8288); empty where there is none."""
    for value in values:
        for link in _LINK.finditer(value):
            rel = _REL.search(link[2])
            if rel and "canonical" in (rel[1] or rel[2] or "").lower().split():
                return link[1].strip()
    return ""


@lru_cache(100_000)
def canonical_url(url: str) -> str:
    """One spelling for all URLs that must be the same page.

    No fragment, no default port, sorted query, lower-case host in its ASCII form, no parameters that name the visitor or where
    they came from. Raises ValueError on what is not a URL.
    """
    parts = urlsplit(canonicalize_url(url))
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    netloc = parts.netloc.removesuffix(default) if default else parts.netloc
    query = "&".join(pair for pair in parts.query.split("&") if not _names_visitor(pair)) if parts.query else ""
    path = _PATH_SESSION.sub("", parts.path) if ";" in parts.path or "(" in parts.path else parts.path
    return parts._replace(netloc=netloc.rstrip("."), query=query, path=path or "/").geturl()


def _names_visitor(pair: str) -> bool:
    name = unquote(pair.partition("=")[0])
    if is_tracking(name) or _SESSION.fullmatch(name):
        return True
    found = parse_qsl(pair)
    return bool(found) and bool(_MAYBE_SESSION.fullmatch(found[0][0]) and _SESSION_VALUE.fullmatch(found[0][1]))


def _tree(markup: str) -> html.HtmlElement | None:
    if not markup.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(markup.replace("\0", "").encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None


def _anchors(root: html.HtmlElement, markup: str, base: str) -> dict[str, str]:
    """URL -> text of its first link, in page order."""
    found: dict[str, str] = {}
    for anchor in root.iter("a", "area"):
        href = anchor.get("href")
        if len(found) == MAX_LINKS:
            break
        if (
            href
            and "nofollow" not in anchor.get("rel", "").lower().split()
            and (link := _absolute(base, href))
            and link not in found
        ):
            found[link] = _text(anchor) or " ".join(anchor.get("alt", "").split())[:MAX_ANCHOR]
    _, refresh = get_meta_refresh(markup[:8192], base)
    if refresh and (link := _absolute(base, refresh)):  # <meta http-equiv=refresh> is a link that needs no click
        found.setdefault(link, "")
    return found


def _text(anchor: html.HtmlElement) -> str:
    parts, length = [], 0
    for part in anchor.itertext():
        parts.append(part)
        length += len(part)
        if length > 4 * MAX_ANCHOR:
            break
    return " ".join("".join(parts).split())[:MAX_ANCHOR]


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return base


def _absolute(base: str, href: str) -> str | None:
    """The URL without its fragment; None for other schemes and for what is not a URL."""
    href = href.partition("#")[0].strip()
    return _resolved(base, href) if href else None


@lru_cache(100_000)
def _resolved(base: str, href: str) -> str | None:
    try:
        url = safe_url_string(urljoin(base, href)).partition("#")[0]
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url if usable else None
