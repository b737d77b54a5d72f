"""How does Step-DeepResearch's client search?"""

from __future__ import annotations

from starlette.requests import Request

from ranker.query import Query
from server.http.adapters.hits import full, snippet, url_of
from server.http.asked import Asked, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit


class StepSearch(Asked):
    """Body of `POST /v1/search`."""

    query: str = ""
    n: float = 10
    """1 to 20 hits."""
    category: str = ""
    """programming, research, gov, business: what this server's configuration defines; one it does not know says nothing."""


async def search(request: Request, visit: Visit) -> Json:
    """Hits with their whole texts."""
    asked = read(StepSearch, await content(request))
    ranking = await visit.ranking(Query(asked.query, k=clamp(asked.n, 20)), asked.category)
    texts = await visit.texts(ranking.hits)
    return Json({
        "query": asked.query,
        "category": asked.category or None,
        "results": [
            {
                "url": url_of(hit.doc_id, hit.url),
                "position": hit.rank,
                "title": hit.title,
                "time": hit.published,
                "snippet": snippet(hit),
                "content": full(hit, texts),
            }
            for hit in ranking.hits
        ],
    })  # fmt: skip
