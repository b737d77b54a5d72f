"""Which path answers what?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from protos.stepwell.v1 import search_pb2 as pb
from server.faults import fault
from server.http import crossing, native
from server.http.adapters import brave, exa, gpt_researcher, open_webui, search_r1, searxng, serper, step, tavily
from server.http.asked import Asked
from server.http.forms import FORMS
from server.http.openapi import parameters, reference, schemas
from server.http.reception import Answer, Reception
from server.http.replies import Json, problem
from server.http.streaming import MEDIA_TYPE, Lines, streams
from server.observe.metrics import CONTENT_TYPE, Metrics
from server.service import release
from server.state import Life

if TYPE_CHECKING:
    from server.mcp.mount import Mounted

Described = dict[str, Any]
"""What the OpenAPI document says of an operation beside its path."""

_CODES = {404: "NOT_FOUND", 405: "UNIMPLEMENTED"}


def app(reception: Reception, metrics: Metrics, life: Life, page: APIRouter | None = None) -> FastAPI:
    """The whole of what HTTP answers, the border left out; `page` answers `/` and what belongs to it."""
    tools = _tools(reception)
    site = FastAPI(
        title="Stepwell",
        version=release(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=tools.running if tools else None,
    )

    def add(path: str, method: str, answer: Answer | Lines, described: Described, listed: bool = True) -> None:
        site.add_api_route(
            path,
            streams(reception, path, answer) if isasyncgenfunction(answer) else reception.answers(path, cast("Answer", answer)),
            methods=[method],
            openapi_extra=described,
            include_in_schema=listed,
            operation_id=f"{method.lower()}{path.replace('/', '_')}",
            summary=(answer.__doc__ or "").splitlines()[0],
            response_class=Json,
        )

    _native(add)
    _adapters(add)
    site.router.routes.extend(tools.routes if tools else ())
    _own(site, reception, metrics, life, page)
    site.add_exception_handler(HTTPException, _nothing_here)
    site.add_exception_handler(Exception, _broken)
    return site


def _tools(reception: Reception) -> Mounted | None:
    """The Model Context Protocol, where its package is installed."""
    if find_spec("mcp") is None:
        return None
    from server.mcp.mount import Mounted

    return Mounted(reception)


Add = Callable[..., None]


def _native(add: Add) -> None:
    batch, fetch = pb.BatchSearchRequest.DESCRIPTOR, pb.FetchRequest.DESCRIPTOR
    add("/v1/batch_search", "POST", native.batch_search, _message(batch, pb.BatchSearchResponse.DESCRIPTOR))
    add("/v1/fetch", "POST", native.fetch, _message(fetch, pb.FetchResponse.DESCRIPTOR))
    parts = _message(batch, pb.BatchSearchPart.DESCRIPTOR, MEDIA_TYPE)
    add("/v1/batch_search_stream", "POST", native.batch_search_stream, parts)
    add("/v1/status", "GET", native.status, _answers(reference(pb.StatusResponse.DESCRIPTOR)))
    for form in FORMS:
        request, response = form.call.input_type, form.call.output_type
        read = {"parameters": parameters(request)} | _answers(reference(response))
        add(form.path, form.method, form.answer, read if form.method == "GET" else _message(request, response))


def _adapters(add: Add) -> None:
    add("/v1/search", "POST", step.search, _body(step.StepSearch))
    add("/search", "GET", crossing.search, _query(searxng.SearxSearch))
    add("/search", "POST", crossing.search, _body(tavily.TavilySearch, serper.SerperSearch))
    add("/extract", "POST", tavily.extract, _body(tavily.TavilyExtract))
    add("/retrieve", "POST", search_r1.retrieve, _body(search_r1.Retrieve))
    add("/access", "POST", search_r1.access, _body(search_r1.Access))
    add("/res/v1/web/search", "GET", brave.search, _query(brave.BraveSearch))
    add("/searxng/search", "GET", searxng.search, _query(searxng.SearxSearch))
    add("/searxng/search", "POST", searxng.search, {}, False)
    add("/searxng", "GET", searxng.search, {}, False)
    add("/tavily/search", "POST", tavily.search, _body(tavily.TavilySearch))
    add("/tavily/extract", "POST", tavily.extract, _body(tavily.TavilyExtract))
    add("/exa/search", "POST", exa.search, _body(exa.ExaSearch))
    add("/exa/contents", "POST", exa.contents, _body(exa.ExaContents))
    add("/gpt-researcher/search", "GET", gpt_researcher.search, _query(gpt_researcher.CustomSearch))
    add("/open-webui/search", "POST", open_webui.search, _body(open_webui.ExternalSearch))
    add("/serper/search", "POST", serper.search, _body(serper.SerperSearch))
    add("/serper/search", "GET", serper.search, {}, False)
    add("/brave/search", "GET", brave.search, _query(brave.BraveSearch))


def _own(site: FastAPI, reception: Reception, metrics: Metrics, life: Life, page: APIRouter | None) -> None:
    searx = reception.answers("/", searxng.search)
    front = next((route.endpoint for route in page.routes if getattr(route, "path", "") == "/"), None) if page else None  # type: ignore[attr-defined]

    @site.get("/", include_in_schema=False)
    async def root(request: Request) -> Response:
        """The page; SearXNG's shape where a format is asked for."""
        if request.query_params.get("format", "") not in ("", "html"):
            return await searx(request)
        return await front(request) if front else HTMLResponse(_BARE)

    @site.get("/metrics", include_in_schema=False)
    async def numbers(request: Request) -> Response:
        """For Prometheus; with keys, any key opens it."""

        async def text(_: Request, __: object) -> Response:
            return Response(metrics.text(), media_type=CONTENT_TYPE)

        return await reception.answers("/metrics", text)(request)

    @site.get("/healthz", include_in_schema=False)
    async def health() -> Json:
        """For load balancers, which have no key: what is wrong is told to those who have one."""
        if life.phase != "serving":
            return Json({"status": "NOT_SERVING"}, 503)
        return Json({"status": "SERVING"} | ({"troubles": len(life.troubles)} if life.troubles else {}))

    described = cache(lambda: _described(site))

    @site.get("/openapi.json", include_in_schema=False)
    async def document() -> Json:
        """This API, described."""
        return Json(described())

    if page:
        site.include_router(page)


def _described(site: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; takes some 50 ms."""
    found = get_openapi(title=site.title, version=site.version, routes=site.routes)
    own = (
        pb.BatchSearchRequest,
        pb.BatchSearchResponse,
        pb.BatchSearchPart,
        pb.FetchRequest,
        pb.FetchResponse,
        pb.StatusResponse,
    )
    messages = [m.DESCRIPTOR for m in own] + [m for form in FORMS for m in (form.call.input_type, form.call.output_type)]
    found.setdefault("components", {}).setdefault("schemas", {}).update(schemas(*messages))
    return found


async def _nothing_here(_: Request, error: Exception) -> Response:
    """No such path, or not by this method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return problem(status, _CODES.get(status, "INVALID_ARGUMENT"), "nothing answers here; see /openapi.json", headers)


async def _broken(request: Request, error: Exception) -> Response:
    """An exception outside what Reception guards."""
    return problem(500, "INTERNAL", fault(request.url.path, error))


def _message(request: Any, response: Any, media_type: str = "application/json") -> Described:
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": reference(request)}}}}
    return body | _answers(reference(response), media_type)


def _answers(schema: Described, media_type: str = "application/json") -> Described:
    return {"responses": {"200": {"description": "the answer", "content": {media_type: {"schema": schema}}}}}


def _body(*models: type[Asked]) -> Described:
    shapes = [model.model_json_schema() for model in models]
    schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _query(model: type[Asked]) -> Described:
    properties = model.model_json_schema()["properties"]
    return {"parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]}


_BARE = (
    "<!doctype html><html lang=en><title>Stepwell</title><p>Stepwell answers here. <a href=/openapi.json>What it takes</a></html>"
)
