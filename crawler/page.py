"""What does a page tell a crawler: where to go, what it is called, whether it wants to be kept?

Reads markup only; what the page says to people is crawler.extract's question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from w3lib.html import get_meta_refresh
from w3lib.url import canonicalize_url, safe_url_string

AGENT = "stepwell"
MAX_LINKS = 10_000
"""Links taken from one page; a page with more is a trap or an archive that its own sub-pages list again."""

_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""X-Robots-Tag directives with a value: their colon names no robot."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's words to crawlers."""

    links: tuple[str, ...]
    """Absolute http(s) URLs in page order, each once; links with rel=nofollow left out, none where the page says nofollow."""
    canonical: str
    """Absolute URL of <link rel=canonical>; empty where there is none."""
    keep: bool
    """False where the page asks not to be indexed."""


def read_page(markup: str, url: str, robots_headers: Iterable[str] = ()) -> Page:
    """Links, canonical URL and robots directives; `robots_headers` are the values of X-Robots-Tag."""
    selector = Selector(text=markup or "<html></html>", type="html")
    base = urljoin(url, (selector.xpath("//base/@href").get() or "").strip())
    directives = set[str]()
    for meta in selector.xpath("//meta[@name and @content]"):
        if (meta.attrib["name"] or "").strip().lower() in ("robots", AGENT):
            directives |= {word.strip().lower() for word in meta.attrib["content"].split(",")}
    for value in robots_headers:
        directives |= header_directives(value)
    follow = not directives & {"nofollow", "none"}
    canonical = selector.xpath("//link[contains(concat(' ', normalize-space(@rel), ' '), ' canonical ')]/@href").get() or ""
    return Page(
        links=tuple(_links(selector, markup, base)) if follow else (),
        canonical=_absolute(base, canonical) or "",
        keep=not directives & {"noindex", "none"},
    )


def header_directives(value: str) -> set[str]:
    """The directives of one X-Robots-Tag that speak to us: ``otherbot: noindex, nofollow`` speaks to another robot."""
    ours, found = True, set[str]()
    for part in value.lower().split(","):
        name, colon, rest = (piece.strip() for piece in part.partition(":"))
        if colon and name not in _VALUED:
            ours, name = name == AGENT, rest
        if ours:
            found.add(name)
    return found


def canonical_url(url: str) -> str:
    """One spelling for all URLs that must be the same page: no fragment, no default port, sorted query, lower-case host.

    Raises ValueError on what is not a URL.
    """
    parts = urlsplit(canonicalize_url(url))
    default = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    netloc = parts.netloc.removesuffix(default) if default else parts.netloc
    return parts._replace(netloc=netloc).geturl()


def _links(selector: Selector, markup: str, base: str) -> dict[str, None]:
    """An ordered set."""
    found: dict[str, None] = {}
    for anchor in selector.xpath("//a[@href]"):
        if len(found) == MAX_LINKS:
            break
        if "nofollow" not in anchor.attrib.get("rel", "").lower().split() and (link := _absolute(base, anchor.attrib["href"])):
            found[link] = None
    _, refresh = get_meta_refresh(markup, base)
    if refresh and (link := _absolute(base, refresh)):  # <meta http-equiv=refresh> is a link that needs no click
        found[link] = None
    return found


def _absolute(base: str, href: str) -> str | None:
    """The URL without its fragment; None for other schemes and for what is not a URL."""
    href = href.strip()
    if not href:
        return None
    try:
        url = safe_url_string(urljoin(base, href)).partition("#")[0]
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url if usable else None
