"""Which paths belong to the page?

GET  /               the page itself
GET  /page/NAME      its files
GET  /page/choices   collections and profiles, for the filters                        scope search
GET  /page/index     snapshot, collections, segments, generations                     scope search
GET  /page/session   what the caller may do                                           scope search
GET  /page/authority, /page/authority/explain, /page/authority/history                scope search
POST /page/authority/try                                                              scope search
POST /page/authority/set, /page/authority/remove, /page/authority/revert              scope authority
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request

from server.http.reception import Answer, Reception
from server.http.replies import Json
from server.http.visit import Visit
from server.page.files import front, part
from server.page.served import choices, index_view
from server.page.table import TablePages
from server.service import release
from server.table import ServedTable

if TYPE_CHECKING:
    from ranker.search import Searcher


def page_routes(reception: Reception, searcher: Searcher, table: ServedTable) -> APIRouter:
    """The page over one searcher and its table, to be mounted beside `/v1`; its first route is `/`."""
    router = APIRouter(include_in_schema=False)

    async def choose(_: Request, visit: Visit) -> Json:
        visit.admit("search", 0)
        return Json(choices(searcher))

    async def index(_: Request, visit: Visit) -> Json:
        visit.admit("search", 0)
        return Json(await asyncio.to_thread(index_view, searcher, release()))

    pages = TablePages(searcher, table)
    read: dict[str, Answer] = {
        "/page/choices": choose,
        "/page/index": index,
        "/page/session": pages.session,
        "/page/authority": pages.entries,
        "/page/authority/explain": pages.explain,
        "/page/authority/history": pages.history,
    }
    write: dict[str, Answer] = {
        "/page/authority/try": pages.attempt,
        "/page/authority/set": pages.put,
        "/page/authority/remove": pages.remove,
        "/page/authority/revert": pages.revert,
    }
    router.add_api_route("/", front)
    for method, answers in (("GET", read), ("POST", write)):
        for path, answer in answers.items():
            router.add_api_route(path, reception.answers(path, answer), methods=[method])
    router.add_api_route("/page/{name}", part)
    return router
