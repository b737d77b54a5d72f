"""How does Open WebUI's external web search ask?

`EXTERNAL_WEB_SEARCH_URL=http://127.0.0.1:8080/open-webui/search`: a `POST` with a Bearer key; the answer is a bare list.
"""

from __future__ import annotations

from starlette.requests import Request

from ranker.query import Query
from server.http.adapters.hits import snippet, url_of
from server.http.asked import Asked, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit


class ExternalSearch(Asked):
    """Body of the request."""

    query: str = ""
    count: float = 10


async def search(request: Request, visit: Visit) -> Json:
    """A bare list of hits."""
    asked = read(ExternalSearch, await content(request))
    ranking = await visit.ranking(Query(asked.query, k=clamp(asked.count, 100)))
    return Json([
        {"link": url_of(hit.doc_id, hit.url), "title": hit.title, "snippet": snippet(hit)} for hit in ranking.hits
    ])  # fmt: skip
