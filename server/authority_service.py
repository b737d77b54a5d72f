"""What does each call of the Authority service do?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from authority.errors import EntryError
from authority.history import Change
from protos.stepwell.v1 import authority_pb2 as pb
from protos.stepwell.v1 import authority_pb2_grpc as pb_grpc
from server.access.door import CALLER
from server.errors import RequestRefused
from server.table import ServedTable, Wanted
from server.wire.authority import change_to_proto, entry_from_proto, entry_to_proto

if TYPE_CHECKING:
    import grpc.aio

    Context = grpc.aio.ServicerContext[Any, Any]

NAME = "stepwell.v1.Authority"


class AuthorityService(pb_grpc.AuthorityServicer):
    """The table that searches use: read, explained, changed."""

    def __init__(self, table: ServedTable) -> None:
        self._table = table

    async def List(self, request: pb.ListAuthorityRequest, context: Context) -> pb.ListAuthorityResponse:  # noqa: ARG002, N802
        """Entries of the table in force."""
        limit = request.limit if request.HasField("limit") else 100
        wanted = Wanted(request.match, request.tier, request.topic, request.kind, limit, request.offset)
        entries, total, version = await asyncio.to_thread(self._table.entries, wanted)
        return pb.ListAuthorityResponse(entries=map(entry_to_proto, entries), total=total, version=version)

    async def Explain(  # noqa: N802
        self,
        request: pb.ExplainAuthorityRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.ExplainAuthorityResponse:
        """Why an address is trusted, or not."""
        found = self._table.explain(request.url)
        return pb.ExplainAuthorityResponse(
            host=found.host,
            domain=found.domain,
            steps=[pb.AuthorityStep(kind=step.kind, key=step.key, listed=step.listed) for step in found.steps],
            entry=entry_to_proto(found.entry) if found.entry else None,
            remark=found.remark,
            version=self._table.version,
        )

    async def History(  # noqa: N802
        self,
        request: pb.AuthorityHistoryRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.AuthorityHistoryResponse:
        """Who changed the table, when and why."""
        limit = request.limit if request.HasField("limit") else 100
        changes, total = await asyncio.to_thread(self._table.history, limit, request.key)
        return pb.AuthorityHistoryResponse(changes=[change_to_proto(c, number) for number, c in changes], total=total)

    async def Set(self, request: pb.SetAuthorityRequest, context: Context) -> pb.EditAuthorityResponse:  # noqa: ARG002, N802
        """Adds or replaces an entry."""
        try:
            entry = entry_from_proto(request.entry)
        except EntryError as error:
            raise RequestRefused(str(error)) from None
        caller = CALLER.get()
        return await _edited(lambda: self._table.put(entry, request.why, caller, request.expected_version))

    async def Remove(self, request: pb.RemoveAuthorityRequest, context: Context) -> pb.EditAuthorityResponse:  # noqa: ARG002, N802
        """Takes an entry out."""
        caller = CALLER.get()
        return await _edited(lambda: self._table.remove(request.key, request.why, caller, request.expected_version))

    async def Revert(self, request: pb.RevertAuthorityRequest, context: Context) -> pb.EditAuthorityResponse:  # noqa: ARG002, N802
        """Undoes a change by a new one."""
        caller = CALLER.get()
        return await _edited(lambda: self._table.revert(request.number, request.why, caller, request.expected_version))


async def _edited(edit: Callable[[], Change]) -> pb.EditAuthorityResponse:
    """The answer to a change, which waits for other edits and for the disk."""
    return pb.EditAuthorityResponse(change=change_to_proto(await asyncio.to_thread(edit)))
