"""How do Tavily's clients search and read?

https://docs.tavily.com/documentation/api-reference: `POST /search` and `POST /extract`.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from starlette.requests import Request

from ranker.query import Filters, Query
from ranker.ranking import Failure, Fetched, Hit
from server.errors import RequestRefused
from server.http.adapters.dates import Dates, between, since, within
from server.http.adapters.hits import full, probability, sites, snippet, target_of, url_of
from server.http.asked import Addresses, Asked, Flag, Names, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

MAX_RESULTS = 100
"""Theirs is 20; more is harmless here."""
MAX_URLS = 64
"""Addresses in one extract."""


class TavilySearch(Asked):
    """Body of `POST /search`; what is not named here (depth, answers, images, country …) is ignored."""

    query: str = ""
    max_results: float = 5
    topic: str = ""
    """general, news, finance: a category where this server defines one of that name."""
    time_range: str = ""
    """day, week, month, year, or their first letters."""
    days: float = 0
    """With the topic news: not older than this."""
    start_date: str = ""
    end_date: str = ""
    include_domains: Names = ()
    exclude_domains: Names = ()
    include_raw_content: Flag = False
    undated: Flag = False
    """Ours: keep undated documents where dates are asked for; `keep` and `drop` say it, too."""

    @property
    def dates(self) -> Dates:
        """The strictest of what is asked."""
        if self.start_date or self.end_date:
            return between(self.start_date, self.end_date)
        if self.time_range:
            return within(self.time_range)
        return since(int(min(self.days, 10_000))) if self.topic == "news" and self.days >= 1 else Dates()


class TavilyExtract(Asked):
    """Body of `POST /extract`."""

    urls: Addresses = ()


async def search(request: Request, visit: Visit) -> Json:
    """Hits, with whole texts if asked for."""
    began = time.perf_counter()
    asked = read(TavilySearch, await content(request))
    filters = Filters(
        sites=sites(asked.include_domains),
        exclude_sites=sites(asked.exclude_domains),
        after=asked.dates.after,
        before=asked.dates.before,
        undated=asked.undated,
    )
    ranking = await visit.ranking(Query(asked.query, k=clamp(asked.max_results, MAX_RESULTS), filters=filters), asked.topic)
    texts = await visit.texts(ranking.hits[:MAX_URLS]) if asked.include_raw_content else {}
    return Json({
        "query": asked.query,
        "follow_up_questions": None,
        "answer": None,
        "images": [],
        "results": [_result(hit, asked, texts) for hit in ranking.hits],
        "response_time": round(time.perf_counter() - began, 3),
        "request_id": str(uuid.uuid4()),
    })  # fmt: skip


def _result(hit: Hit, asked: TavilySearch, texts: dict[str, str]) -> dict[str, Any]:
    result = {
        "title": hit.title,
        "url": url_of(hit.doc_id, hit.url),
        "content": snippet(hit),
        "score": probability(hit),
        "raw_content": full(hit, texts) if asked.include_raw_content else None,
    }
    return result | ({"published_date": hit.published} if hit.published else {})


async def extract(request: Request, visit: Visit) -> Json:
    """Whole documents by their addresses."""
    began = time.perf_counter()
    urls = read(TavilyExtract, await content(request)).urls
    if not 1 <= len(urls) <= MAX_URLS:
        raise RequestRefused(f"extract takes 1 to {MAX_URLS} urls, not {len(urls):,}")
    found = list(zip(urls, await visit.fetch([target_of(url) for url in urls]), strict=True))
    return Json({
        "results": [
            {"url": url, "title": one.document.title, "raw_content": one.document.text, "images": []}
            for url, one in found
            if isinstance(one, Fetched)
        ],
        "failed_results": [{"url": url, "error": one.message} for url, one in found if isinstance(one, Failure)],
        "response_time": round(time.perf_counter() - began, 3),
        "request_id": str(uuid.uuid4()),
    })  # fmt: skip
