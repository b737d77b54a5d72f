"""What may be asked of the authority table behind a server, and how is it changed there?

    client.ask(table.explain("https://www.who.int/news"))
    client.ask(table.put(entry, why="the register lists it", expected=version))

Changes need a key with the scope `authority`, are signed with its name, and are never made twice: where no answer came, look at
`history` before the same is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from authority.entry import Entry, Kind
from authority.explain import Explanation, Step
from authority.history import Change
from protos.stepwell.v1 import authority_pb2 as pb
from server.client.conversations import Conversation
from server.client.methods import Call, Method
from server.table import Wanted
from server.wire.authority import change_from_proto, entry_from_proto, entry_to_proto

_SERVICE = "/stepwell.v1.Authority"
LIST = Method(f"{_SERVICE}/List", pb.ListAuthorityResponse)
EXPLAIN = Method(f"{_SERVICE}/Explain", pb.ExplainAuthorityResponse)
HISTORY = Method(f"{_SERVICE}/History", pb.AuthorityHistoryResponse)
SET = Method(f"{_SERVICE}/Set", pb.EditAuthorityResponse, repeatable=False)
REMOVE = Method(f"{_SERVICE}/Remove", pb.EditAuthorityResponse, repeatable=False)
REVERT = Method(f"{_SERVICE}/Revert", pb.EditAuthorityResponse, repeatable=False)
EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Entries:
    """Some entries of a table."""

    entries: tuple[Entry, ...]
    """In the order of the table."""
    total: int
    """How many there are without the limit."""
    version: str
    """Hash of the table, or ``off``."""


@dataclass(frozen=True, slots=True)
class Past:
    """Some changes of a table."""

    changes: tuple[tuple[int, Change], ...]
    """With their numbers from 1, oldest first; the newest comes first."""
    total: int
    """How many there are without the limit."""


def entries(wanted: Wanted = EVERYTHING) -> Conversation[Entries]:
    """Entries of the table in force."""
    request = pb.ListAuthorityRequest(
        match=wanted.match, tier=wanted.tier, topic=wanted.topic, kind=wanted.kind, limit=wanted.limit, offset=wanted.offset
    )
    reply: pb.ListAuthorityResponse = yield Call(LIST, request)
    return Entries(tuple(map(entry_from_proto, reply.entries)), reply.total, reply.version)


def explain(url: str) -> Conversation[Explanation]:
    """Why an address is trusted, or not."""
    reply: pb.ExplainAuthorityResponse = yield Call(EXPLAIN, pb.ExplainAuthorityRequest(url=url))
    steps = tuple(Step(cast("Kind", step.kind), step.key, step.listed) for step in reply.steps)
    entry = entry_from_proto(reply.entry) if reply.HasField("entry") else None
    return Explanation(url, reply.host, reply.domain, steps, entry, reply.remark)


def history(limit: int = 100, key: str = "") -> Conversation[Past]:
    """Who changed the table, when and why; of one key alone, if it is given."""
    reply: pb.AuthorityHistoryResponse = yield Call(HISTORY, pb.AuthorityHistoryRequest(limit=limit, key=key))
    return Past(tuple((change.number, change_from_proto(change)) for change in reply.changes), reply.total)


def put(entry: Entry, why: str, expected: str = "") -> Conversation[Change]:
    """Add an entry, or replace the one with its key; refused unless the table's version is `expected`, where that is given."""
    return (yield from _edit(SET, pb.SetAuthorityRequest(entry=entry_to_proto(entry), why=why, expected_version=expected)))


def remove(key: str, why: str, expected: str = "") -> Conversation[Change]:
    """Take an entry out."""
    return (yield from _edit(REMOVE, pb.RemoveAuthorityRequest(key=key, why=why, expected_version=expected)))


def revert(number: int, why: str, expected: str = "") -> Conversation[Change]:
    """Undo a change by a new one."""
    return (yield from _edit(REVERT, pb.RevertAuthorityRequest(number=number, why=why, expected_version=expected)))


def _edit(
    method: Method[pb.EditAuthorityResponse],
    request: pb.SetAuthorityRequest | pb.RemoveAuthorityRequest | pb.RevertAuthorityRequest,
) -> Conversation[Change]:
    reply: pb.EditAuthorityResponse = yield Call(method, request)
    return change_from_proto(reply.change)
