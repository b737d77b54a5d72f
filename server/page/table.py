"""What does the page ask of the authority table, and how does it change it?

The same table and the same door as the Authority service, in the contract's field names. Reading needs the scope `search`, a
change needs `authority` and must have been made on the page itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from google.protobuf.message import Message
from starlette.requests import Request

from authority.entry import Entry, canonical_key
from authority.errors import EntryError
from authority.history import Change
from protos.stepwell.v1 import authority_pb2 as pb
from ranker.errors import QueryError
from ranker.query import Query
from server.errors import DeadlineExceeded, Overloaded, RequestRefused
from server.http.asked import Asked, Names, content, read
from server.http.native import to_json
from server.http.replies import Json
from server.http.visit import Visit
from server.page.files import made_here
from server.page.trial import MAX_QUERIES, Attempt, after, attempted
from server.table import ServedTable, Wanted
from server.wire.authority import change_to_proto, entry_to_proto

if TYPE_CHECKING:
    from ranker.search import Searcher


class Listing(Asked):
    """Which entries: `key` is one alone, the rest as in ListAuthorityRequest."""

    key: str = ""
    match: str = ""
    tier: str = ""
    kind: str = ""
    limit: int = 100
    offset: int = 0


class Past(Asked):
    """Which changes."""

    key: str = ""
    limit: int = 100


class Written(Asked):
    """An entry as a person wrote it."""

    key: str
    tier: str
    topics: Names = ()
    evidence: str
    note: str = ""


class Proposal(Asked):
    """A change of the table: of one of three kinds, to be saved or tried."""

    entry: Written | None = None
    """Set."""
    key: str = ""
    """Remove."""
    number: int = 0
    """Revert."""
    who: str = ""
    why: str = ""
    expected_version: str = ""
    queries: tuple[str, ...] = ()
    """What to try it on."""

    def written(self) -> Entry:
        """The entry to set. Raises RequestRefused."""
        if self.entry is None:
            raise RequestRefused("no entry to set; send it as `entry`")
        try:
            return Entry.make(self.entry.key, self.entry.tier, ",".join(self.entry.topics), self.entry.evidence, self.entry.note)
        except EntryError as error:
            raise RequestRefused(str(error)) from None


class TablePages:
    """Answers to `/page/authority...`."""

    def __init__(self, searcher: Searcher, table: ServedTable) -> None:
        self._searcher = searcher
        self._table = table
        self._trial: asyncio.Future[Attempt] | None = None  # one at a time: it searches up to MAX_QUERIES times

    async def session(self, _: Request, visit: Visit) -> Json:
        """What this caller may do."""
        visit.admit("search", 0)
        return Json({"may_edit": "authority" in visit.caller.scopes, "version": self._table.version})

    async def entries(self, request: Request, visit: Visit) -> Json:
        """Entries of the table in force."""
        visit.admit("search", 0)
        asked = read(Listing, await content(request))
        version = self._table.version  # before the entries: an edit meanwhile must not pass for one that was seen
        if asked.key:
            one = self._entry(asked.key)
            found, total = ([one], 1) if one else ([], 0)
        else:
            wanted = Wanted(asked.match, asked.tier, "", asked.kind, asked.limit, max(asked.offset, 0))
            found, total, version = await asyncio.to_thread(self._table.entries, wanted)
        return _reply(pb.ListAuthorityResponse(entries=map(entry_to_proto, found), total=total, version=version))

    async def explain(self, request: Request, visit: Visit) -> Json:
        """Why an address is trusted, or not."""
        visit.admit("search", 0)
        found = self._table.explain(request.query_params.get("url", ""))
        steps = [pb.AuthorityStep(kind=step.kind, key=step.key, listed=step.listed) for step in found.steps]
        entry = entry_to_proto(found.entry) if found.entry else None
        return _reply(
            pb.ExplainAuthorityResponse(host=found.host, domain=found.domain, steps=steps, entry=entry, remark=found.remark)
        )

    async def history(self, request: Request, visit: Visit) -> Json:
        """Who changed the table, when and why."""
        visit.admit("search", 0)
        asked = read(Past, await content(request))
        changes, total = await asyncio.to_thread(self._table.history, asked.limit, asked.key)
        return _reply(pb.AuthorityHistoryResponse(changes=[change_to_proto(c, number) for number, c in changes], total=total))

    async def attempt(self, request: Request, visit: Visit) -> Json:
        """What a change would do, before it is saved; costs as many queries as it is tried on."""
        asked = read(Proposal, await content(request))
        if not 1 <= len(asked.queries) <= MAX_QUERIES:
            raise RequestRefused(f"a change is tried on 1 to {MAX_QUERIES} queries, not on {len(asked.queries)}")
        with visit.paid("search", len(asked.queries)):
            return await self._attempt(asked, visit)

    async def _attempt(self, asked: Proposal, visit: Visit) -> Json:
        try:
            queries = [Query(text) for text in asked.queries]
        except QueryError as error:
            raise RequestRefused(str(error)) from None
        changed = after(self._searcher.pinned, None if asked.key else asked.written(), _canonical(asked.key) if asked.key else "")
        if self._trial and not self._trial.done():
            raise Overloaded("another change is being tried", 2)
        gone = threading.Event()
        self._trial = asyncio.ensure_future(asyncio.to_thread(attempted, self._searcher, queries, changed, gone.is_set))
        self._trial.add_done_callback(lambda done: done.exception())  # whoever waited has heard of it
        try:
            return Json(await visit.unless_over(asyncio.wait_for(asyncio.shield(self._trial), visit.left)))
        except TimeoutError:
            raise DeadlineExceeded("the change was not tried on all queries in time; try it on fewer") from None
        finally:
            gone.set()  # the thread looks before each query; only its end makes room for another trial

    async def put(self, request: Request, visit: Visit) -> Json:
        """Add an entry or replace the one with its key."""
        asked = await _edit(request, visit)
        entry = asked.written()
        return await _saved(lambda: self._table.put(entry, asked.why, visit.caller, asked.expected_version, asked.who))

    async def remove(self, request: Request, visit: Visit) -> Json:
        """Take an entry out."""
        asked = await _edit(request, visit)
        return await _saved(lambda: self._table.remove(asked.key, asked.why, visit.caller, asked.expected_version, asked.who))

    async def revert(self, request: Request, visit: Visit) -> Json:
        """Undo a change by a new one."""
        asked = await _edit(request, visit)
        return await _saved(lambda: self._table.revert(asked.number, asked.why, visit.caller, asked.expected_version, asked.who))

    def _entry(self, key: str) -> Entry | None:
        table = self._searcher.pinned.trusted.table
        return table.get(_canonical(key)) if table else None


async def _edit(request: Request, visit: Visit) -> Proposal:
    """What is to be changed, by somebody who may, on this page, with a name. Raises Forbidden, RequestRefused."""
    made_here(request)
    visit.admit("authority", 1)
    asked = read(Proposal, await content(request))
    if not asked.who.strip():
        raise RequestRefused("who makes the change is not said; write a name")
    return asked


async def _saved(edit: Callable[[], Change]) -> Json:
    """The answer to a change, which waits for other edits and for the disk."""
    return _reply(pb.EditAuthorityResponse(change=change_to_proto(await asyncio.to_thread(edit))))


def _canonical(key: str) -> str:
    try:
        return canonical_key(key)
    except EntryError as error:
        raise RequestRefused(str(error)) from None


def _reply(message: Message) -> Json:
    return Json(to_json(message))
