"""How do Brave Search's clients search?

`GET /res/v1/web/search` with `X-Subscription-Token`: LangChain's BraveSearchWrapper, smolagents' ApiWebSearchTool.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ranker.query import Filters, Query
from ranker.ranking import Hit
from server.http.adapters.dates import freshness
from server.http.adapters.hits import moment, url_of
from server.http.asked import Asked, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

MAX_OFFSET = 9
"""Pages before the one asked for, as Brave has it."""


class BraveSearch(Asked):
    """Query string; country, safesearch, units and the like say nothing here."""

    q: str = ""
    count: float = 20
    offset: float = 0
    """Pages of `count` before this one, 0 to 9."""
    freshness: str = ""
    """pd, pw, pm, py or 2024-01-02to2024-03-04."""


async def search(request: Request, visit: Visit) -> Json:
    """One page of hits."""
    asked = read(BraveSearch, await content(request))
    count, offset = clamp(asked.count, 20), clamp(asked.offset, MAX_OFFSET, 0)
    dates = freshness(asked.freshness)
    query = Query(asked.q, k=(offset + 1) * count, filters=Filters(after=dates.after, before=dates.before))
    ranking = await visit.ranking(query)
    hits = ranking.hits[offset * count :] if asked.offset < MAX_OFFSET + 1 else ()  # a client may turn pages until one is empty
    results = [_result(hit) for hit in hits]
    return Json({
        "type": "search",
        "query": {"original": asked.q, "more_results_available": bool(hits) and len(ranking.hits) == query.k},
        "mixed": {"type": "mixed", "main": [{"type": "web", "index": i, "all": False} for i in range(len(results))]},
        "web": {"type": "search", "results": results, "family_friendly": True},
    })  # fmt: skip


def _result(hit: Hit) -> dict[str, Any]:
    texts = [passage.text.strip() for passage in hit.passages if passage.text.strip()] or [hit.title]
    result: dict[str, Any] = {
        "type": "search_result",
        "title": hit.title,
        "url": url_of(hit.doc_id, hit.url),
        "description": texts[0],
        "extra_snippets": texts[1:],
        "family_friendly": True,
    }
    return result | ({"page_age": moment(hit.published)} if hit.published else {})
