"""How do Serper's clients search?

`POST /search` with `X-API-KEY`; the body is one object or a list of them, and then so is the answer.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ranker.query import Filters, Query
from ranker.ranking import Failure, Ranking
from server.errors import RequestRefused, error_of
from server.http.adapters.dates import tbs
from server.http.adapters.hits import snippet, url_of
from server.http.asked import Asked, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

MAX_SEARCHES = 100
"""In one list, as theirs."""


MAX_PAGE = 10
"""The last page that has hits."""


class SerperSearch(Asked):
    """One search; `gl`, `hl`, `location` and `autocorrect` say nothing here."""

    q: str = ""
    num: float = 10
    page: float = 1
    tbs: str = ""
    """`qdr:w`, or `cdr:1,cd_min:…,cd_max:…`."""

    @property
    def size(self) -> int:
        """Hits on a page."""
        return clamp(self.num, 100)

    @property
    def first(self) -> int:
        """Hits before this page."""
        return (clamp(self.page, MAX_PAGE) - 1) * self.size

    @property
    def query(self) -> Query:
        """The same for the ranker."""
        dates = tbs(self.tbs)
        return Query(self.q, k=self.first + self.size, filters=Filters(after=dates.after, before=dates.before))


async def search(request: Request, visit: Visit) -> Json:
    """One answer, or as many as were asked for."""
    fields = await content(request)
    many = isinstance(fields, list)
    if many and not 1 <= len(fields) <= MAX_SEARCHES:
        raise RequestRefused(f"a list takes 1 to {MAX_SEARCHES} searches, this one has {len(fields):,}")
    asked = [read(SerperSearch, one) for one in (fields if many else [fields])]
    outcomes = await visit.search([one.query for one in asked])
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            raise error_of(outcome.code, outcome.message)
    pages = [_page(one, outcome) for one, outcome in zip(asked, outcomes, strict=True) if isinstance(outcome, Ranking)]
    return Json(pages if many else pages[0])


def _page(asked: SerperSearch, ranking: Ranking) -> dict[str, Any]:
    return {
        "searchParameters": {
            "q": asked.q,
            "type": "search",
            "num": asked.size,
            "page": clamp(asked.page, MAX_PAGE),
            "engine": "stepwell",
        },
        "organic": [
            {
                "title": hit.title,
                "link": url_of(hit.doc_id, hit.url),
                "snippet": snippet(hit),
                "position": hit.rank,
            }
            | ({"date": hit.published} if hit.published else {})
            for hit in (ranking.hits[asked.first :] if asked.page < MAX_PAGE + 1 else ())  # until a page is empty
        ],
        "credits": 1,
    }
