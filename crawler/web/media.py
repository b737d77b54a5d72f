"""Which answers are pages, and worth the download of their body?"""

from __future__ import annotations

from typing import Literal, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, HtmlResponse, Response, TextResponse
from scrapy.responsetypes import responsetypes

from crawler.web.robots import ROBOTS_META

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
PDF_TYPE = "application/pdf"
PARSED_TYPES = HTML_TYPES | {"text/plain", PDF_TYPE}


def media_type(content_type: str) -> str:
    """`text/html` of ``Text/HTML; charset=x``; empty where the server names none."""
    return content_type.partition(";")[0].strip().lower()


def form_of(kind: str) -> Literal["html", "text", "pdf"]:
    """How a body of one of PARSED_TYPES is read."""
    return "html" if kind in HTML_TYPES else "pdf" if kind == PDF_TYPE else "text"


def charset(content_type: str) -> str | None:
    """`utf-8` of ``text/html; charset="UTF-8"``; None where the server names none."""
    _, _, value = content_type.lower().partition("charset=")
    return value.partition(";")[0].strip(" \"'") or None


def content_type_of(headers: Headers) -> str:
    """The Content-Type header as text; empty where there is none."""
    return (headers.get("Content-Type") or b"").decode("latin-1")


def kind_of(response: Response) -> str:
    """The media type that the server names, else one by content."""
    if named := media_type(content_type_of(response.headers)):
        return named
    return _by_class(type(response))


def kind_by_content(url: str, body: bytes) -> str:
    """The media type of an answer that names none, as for `kind_of`."""
    return _by_class(responsetypes.from_args(url=url, body=body))


def _by_class(made: type[Response]) -> str:
    if issubclass(made, HtmlResponse):
        return "text/html"
    return "text/plain" if issubclass(made, TextResponse) else "no media type"


WHOLE_META = "stepwell_whole"
"""Request.meta key of a request whose body is wanted whatever its type: a sitemap, a feed."""
WORTH_STOPPING = 1 << 16
"""Bytes of a body from which on its download is ended. A smaller one may have come with its headers, in one read of Twisted's (64
KiB); its connection may then carry the next request already, which closing it would break."""


class PagesOnly:
    """Downloader middleware that ends a download at its headers where the body would not be parsed."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of making a middleware."""
        middleware = cls()
        crawler.signals.connect(middleware.headers_received, signal=signals.headers_received)
        return middleware

    def headers_received(self, headers: Headers, body_length: int | str, request: Request) -> None:
        """The answer stays an answer, status and all, so that a 429 with a body of JSON is a 429.

        `body_length` is not a number where the server names no length; DOWNLOAD_MAXSIZE bounds those.
        """
        if not isinstance(body_length, int) or body_length < WORTH_STOPPING:
            return
        kind = media_type(content_type_of(headers))
        whole = request.meta.get(ROBOTS_META) or request.meta.get(WHOLE_META)
        if kind and kind not in PARSED_TYPES and not whole:
            raise StopDownload(fail=False)

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy's interface
        """An empty body cannot be decompressed; without this it would count as broken and be asked for again."""
        if "download_stopped" in response.flags:
            response.headers.pop("Content-Encoding", None)
        return response
