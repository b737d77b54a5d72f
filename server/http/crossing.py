"""Whose `/search` is this?

Four services answer under one path. A form, or a GET with `q`, is SearXNG's; a GET with `query` is gpt-researcher's; a POST with
`query` is Tavily's; a POST with `q`, a list, or an `X-API-KEY` is Serper's. Each has a prefix of its own for what this cannot
tell.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from server.http.adapters import gpt_researcher, searxng, serper, tavily
from server.http.asked import content, is_form
from server.http.reception import Answer
from server.http.visit import Visit


async def search(request: Request, visit: Visit) -> Response:
    """Answer in the shape that the request has."""
    fields = await content(request)
    return await _shape(request, fields, is_form(request, await request.body()))(request, visit)


def _shape(request: Request, fields: object, form: bool) -> Answer:
    named = fields if isinstance(fields, dict) else {}
    if request.method != "POST":
        return gpt_researcher.search if "query" in named and "q" not in named else searxng.search
    if "format" in named or form:
        return searxng.search
    if isinstance(fields, list) or "x-api-key" in request.headers or ("q" in named and "query" not in named):
        return serper.search
    return tavily.search
