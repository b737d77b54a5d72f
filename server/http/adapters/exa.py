"""How do Exa's clients search and read?

`Exa(key, base_url="http://127.0.0.1:8080/exa")`: `POST /exa/search` and `POST /exa/contents` with `x-api-key`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator
from starlette.requests import Request

from ranker.query import Filters, Query
from ranker.ranking import Failure, Fetched, Hit
from server.errors import RequestRefused
from server.http.adapters.dates import between
from server.http.adapters.hits import full, moment, probability, sites, target_of, url_of
from server.http.asked import Addresses, Asked, Names, clamp, content, read
from server.http.replies import Json
from server.http.visit import Visit

MAX_RESULTS = 100
WHOLE = 2**31
"""Characters that every text has fewer of."""
MAX_URLS = 64
"""Addresses in one call for contents."""


def _length(value: object) -> object:
    """Exa says true, false or `{"maxCharacters": 1000}`."""
    if isinstance(value, dict):
        most = value.get("maxCharacters")
        return most if isinstance(most, int | float) and most > 0 else WHOLE
    return WHOLE if value else 0


Length = Annotated[float, BeforeValidator(_length)]
"""Characters of a text that are wanted; 0 for none of it."""


class Contents(Asked):
    """What comes with a hit; summaries, subpages and live crawls are not made here."""

    text: Length = 0
    highlights: Annotated[bool, BeforeValidator(bool)] = False

    @property
    def characters(self) -> int:
        """Of the text; 0 for none of it."""
        return clamp(self.text, WHOLE, 0)


class ExaSearch(Contents):
    """Body of `POST /exa/search`, its `contents` spread out; type, moderation, livecrawl and the like say nothing here."""

    query: str = ""
    numResults: float = 10  # noqa: N815
    category: str = ""
    """`research paper`, `news`: a category where this server defines one of that name."""
    includeDomains: Names = ()  # noqa: N815
    excludeDomains: Names = ()  # noqa: N815
    startPublishedDate: str = ""  # noqa: N815
    endPublishedDate: str = ""  # noqa: N815


class ExaContents(Contents):
    """Body of `POST /exa/contents`."""

    urls: Addresses = ()
    ids: Addresses = ()
    """The same by an older name."""


async def search(request: Request, visit: Visit) -> Json:
    """Hits, with passages and whole texts if asked for."""
    fields = await content(request)
    inner = fields.get("contents") if isinstance(fields, dict) else None
    asked = read(ExaSearch, fields | inner if isinstance(inner, dict) else fields)
    dates = between(asked.startPublishedDate, asked.endPublishedDate)
    filters = Filters(
        sites=sites(asked.includeDomains), exclude_sites=sites(asked.excludeDomains), after=dates.after, before=dates.before
    )
    query = Query(asked.query, k=clamp(asked.numResults, MAX_RESULTS), filters=filters)
    ranking = await visit.ranking(query, asked.category)
    texts = await visit.texts(ranking.hits[:MAX_URLS]) if asked.characters else {}
    return _reply([_hit(hit, asked, texts) for hit in ranking.hits])


async def contents(request: Request, visit: Visit) -> Json:
    """Documents by their addresses; one that is not there is named in `statuses`."""
    asked = read(ExaContents, await content(request))
    urls = asked.urls or asked.ids
    if not 1 <= len(urls) <= MAX_URLS:
        raise RequestRefused(f"contents takes 1 to {MAX_URLS} urls, not {len(urls):,}")
    found = list(zip(urls, await visit.fetch([target_of(url) for url in urls]), strict=True))
    return _reply(
        [_document(url, one, asked) for url, one in found if isinstance(one, Fetched)],
        statuses=[_status(url, one) for url, one in found],
    )


def _reply(results: Sequence[dict[str, Any]], **more: object) -> Json:
    return Json({"requestId": str(uuid.uuid4()), "results": results} | more)


def _hit(hit: Hit, wanted: Contents, texts: dict[str, str]) -> dict[str, Any]:
    result = _result(url_of(hit.doc_id, hit.url), hit.title, hit.authors, hit.published) | {"score": probability(hit)}
    if wanted.characters:
        result["text"] = full(hit, texts)[: wanted.characters]
    if wanted.highlights:
        result["highlights"] = [passage.text.strip() for passage in hit.passages if passage.text.strip()]
        result["highlightScores"] = [result["score"]] * len(result["highlights"])
    return result


def _document(url: str, fetched: Fetched, wanted: Contents) -> dict[str, Any]:
    document = fetched.document
    result = _result(url, document.title, document.authors, document.published)
    return result | ({"text": document.text[: wanted.characters]} if wanted.characters else {})


def _result(url: str, title: str, authors: Sequence[str], published: str) -> dict[str, Any]:
    return {"id": url, "url": url, "title": title, "author": ", ".join(authors) or None, "publishedDate": moment(published)}


def _status(url: str, one: Fetched | Failure) -> dict[str, Any]:
    if isinstance(one, Fetched):
        return {"id": url, "status": "success", "source": "cached"}
    return {"id": url, "status": "error", "error": {"tag": one.code, "message": one.message}}
