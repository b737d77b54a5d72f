"""How does gpt-researcher's `custom` retriever search?

`RETRIEVER=custom RETRIEVER_ENDPOINT=http://127.0.0.1:8080/gpt-researcher/search`; it sends `?query=` and what RETRIEVER_ARG_…
say, and takes a bare list. A text of more than 100 characters is used as it is, without visiting the page.
"""

from __future__ import annotations

from starlette.requests import Request

from ranker.query import Query
from server.http.adapters.hits import full, snippet, url_of
from server.http.asked import Asked, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit


class CustomSearch(Asked):
    """Query string of the endpoint."""

    query: str = ""
    max_results: float = 10


async def search(request: Request, visit: Visit) -> Json:
    """A bare list of hits with their whole texts."""
    asked = read(CustomSearch, await content(request))
    ranking = await visit.ranking(Query(asked.query, k=clamp(asked.max_results, 64)))
    texts = await visit.texts(ranking.hits)
    return Json([
        {
            "url": url_of(hit.doc_id, hit.url),
            "href": url_of(hit.doc_id, hit.url),
            "title": hit.title,
            "body": snippet(hit),
            "raw_content": f"{hit.title}\n\n{full(hit, texts)}",
        }
        for hit in ranking.hits
    ])  # fmt: skip
