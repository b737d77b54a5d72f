"""How do SearXNG's clients search?

https://docs.searxng.org/dev/search_api.html: GET or POST, `format=json`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlparse

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ranker.query import Filters, Query
from ranker.ranking import Hit
from server.errors import Forbidden
from server.http.adapters.dates import within
from server.http.adapters.hits import moment, probability, snippet, url_of
from server.http.asked import Asked, Names, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

PAGE = 10
"""Hits on a page."""
MAX_PAGE = 50
ENGINE = "stepwell"


class SearxSearch(Asked):
    """Parameters of `/search`; what else SearXNG knows (engines, safesearch, theme …) says nothing here."""

    q: str = ""
    format: str = ""
    """`json`; anything else but HTML is refused, as SearXNG refuses a format that is switched off."""
    pageno: float = 1
    categories: Names = ()
    """general, science …: the first of them that this server defines."""
    time_range: str = ""
    """day, week, month or year."""
    language: str = ""
    """`en`, `de-CH`; `all` and `auto` do not filter. Documents that do not say their language stay."""


async def search(request: Request, visit: Visit) -> Response:
    """One page of hits."""
    asked = read(SearxSearch, await content(request))
    if asked.format in ("", "html"):
        return RedirectResponse(f"/?{request.url.query}", 303)
    if asked.format != "json":
        raise Forbidden(f"no format {asked.format[:50]!r}; ask for format=json")
    page = clamp(asked.pageno, MAX_PAGE)
    dates = within(asked.time_range)
    filters = Filters(after=dates.after, languages=_languages(asked.language))
    ranking = await visit.ranking(Query(asked.q, k=page * PAGE, filters=filters), ",".join(asked.categories))
    hits = ranking.hits[(page - 1) * PAGE :] if asked.pageno < MAX_PAGE + 1 else ()  # a client may turn pages until one is empty
    return Json({
        "query": asked.q,
        "number_of_results": len(ranking.hits),
        "results": [_result(hit) for hit in hits],
        "answers": [],
        "corrections": [],
        "infoboxes": [],
        "suggestions": [],
        "unresponsive_engines": [],
    })  # fmt: skip


def _result(hit: Hit) -> dict[str, Any]:
    url = url_of(hit.doc_id, hit.url)
    return {
        "url": url,
        "title": hit.title,
        "content": snippet(hit),
        "publishedDate": moment(hit.published),
        "engine": ENGINE,
        "engines": [ENGINE],
        "positions": [hit.rank],
        "score": probability(hit),
        "category": "general",
        "template": "default.html",
        "parsed_url": _parts(url),
        "thumbnail": "",
        "img_src": "",
        "priority": "",
    }


def _parts(url: str) -> list[str]:
    """As Python's urlparse has them, which is what SearXNG sends; an address that it refuses is all path."""
    try:
        return list(urlparse(url))
    except ValueError:
        return ["", "", url, "", "", ""]


def _languages(language: str) -> tuple[str, ...]:
    code = language.strip().lower().replace("_", "-").partition("-")[0]
    return (code, "unknown") if code.isascii() and code.isalpha() and len(code) in (2, 3) and code != "all" else ()
