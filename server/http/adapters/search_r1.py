"""How do agents in training search (Search-R1, ASearcher)?

`POST /retrieve` answers a batch of queries with the contents of documents, the title in the first line; `POST /access` reads
pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from ranker.query import MAX_QUERY, Query
from ranker.ranking import Failure, Fetched, Hit, Outcome, Ranking
from server.answering import MAX_TARGETS
from server.errors import RequestRefused, error_of
from server.http.adapters.hits import probability, snippet, target_of, url_of
from server.http.asked import Addresses, Asked, Flag, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

MOST = 8_192
"""Queries at once: a trainer sends those of all its rollouts together, 512 times 5 with Search-R1's own settings."""

MOST_PAGES = 512
"""Addresses at once; their texts lie in memory together, 4 MiB for each MAX_TARGETS of them."""


class Retrieve(Asked):
    """Body of `POST /retrieve`."""

    queries: tuple[str, ...]
    """Must be sent: to a trainer an empty answer means that nothing is there."""
    topk: float = 3
    return_scores: Flag = False


class Access(Asked):
    """Body of `POST /access`."""

    urls: Addresses
    """Must be sent; a list without an address may be."""


async def retrieve(request: Request, visit: Visit) -> Json:
    """Documents for each query, in input order; none for one that is no query. All or nothing where an answer is missing."""
    asked = read(Retrieve, await content(request))
    if len(asked.queries) > MOST:
        raise RequestRefused(f"up to {MOST:,} queries at once, not {len(asked.queries):,}; split them")
    queries = {
        i: Query(text, k=clamp(asked.topk, 100)) for i, text in enumerate(asked.queries) if 0 < len(text.strip()) <= MAX_QUERY
    }
    outcomes = dict(zip(queries, await _answered(list(queries.values()), visit), strict=True))
    return Json({"result": [_documents(outcomes.get(i), asked.return_scores) for i in range(len(asked.queries))]})


async def _answered(queries: Sequence[Query], visit: Visit) -> list[Outcome]:
    """Raises the error of a query that failed: to a trainer an empty list means that nothing is there."""
    outcomes = await visit.search(queries)
    for one in outcomes:
        if isinstance(one, Failure) and one.code != "INVALID_ARGUMENT":
            raise error_of(one.code, one.message)
    return outcomes


def _documents(outcome: Outcome | None, scores: bool) -> list[dict[str, Any]]:
    hits = outcome.hits if isinstance(outcome, Ranking) else ()
    return [{"document": _document(hit), "score": probability(hit)} if scores else _document(hit) for hit in hits]


def _document(hit: Hit) -> dict[str, Any]:
    text = f'"{hit.title}"\n{snippet(hit)}'
    return {"id": hit.doc_id, "contents": text, "title": hit.title, "url": url_of(hit.doc_id, hit.url)}


async def access(request: Request, visit: Visit) -> Json:
    """A page per address, in input order; null for one that is not in the index. None for no address: a client that is refused
    asks again."""
    urls = read(Access, await content(request)).urls
    if len(urls) > MOST_PAGES:
        raise RequestRefused(f"up to {MOST_PAGES} addresses at once, not {len(urls):,}; split them")
    visit.admit("fetch", 0)
    found = await _opened(urls, visit)
    return Json({"result": [_page(url, found[url]) for url in urls]})


async def _opened(urls: Sequence[str], visit: Visit) -> dict[str, Fetched | None]:
    """Documents by address, None where there is none. Raises the error of any other failure: the page might be there."""
    found: dict[str, Fetched | None] = {}
    each = list(dict.fromkeys(urls))
    calls = [each[first : first + MAX_TARGETS] for first in range(0, len(each), MAX_TARGETS)]
    for call in calls:  # grows: what did not fit beside the others is asked for alone
        for url, one in zip(call, await visit.fetch([target_of(url) for url in call]), strict=True):
            if isinstance(one, Failure) and one.code == "RESOURCE_EXHAUSTED" and len(call) > 1:
                calls.append([url])
            elif isinstance(one, Failure) and one.code != "NOT_FOUND":
                raise error_of(one.code, one.message)
            else:
                found[url] = one if isinstance(one, Fetched) else None
    return found


def _page(url: str, fetched: Fetched | None) -> dict[str, Any] | None:
    if fetched is None:
        return None
    document = fetched.document
    return {"url": url, "id": document.id, "title": document.title, "contents": f'"{document.title}"\n{document.text}'}
