"""Which calls beside search and fetch have a form in JSON?

One row a call of the contract, answered by the gRPC service itself, with its scope and its limits. What only reads is a GET whose
parameters are the fields of the request; what changes something is a POST of the request, and says that it is JSON: a page of
another site can make a browser post a form, but not that.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message
from starlette.requests import Request

from protos.stepwell.v1 import admin_pb2 as admin
from protos.stepwell.v1 import authority_pb2 as authority
from server.errors import RequestRefused
from server.http.asked import content
from server.http.native import parse, reply
from server.http.replies import Json
from server.http.visit import Answer, Visit

KEY = "api_key"
"""A parameter that is the caller's key, and no field."""


@dataclass(frozen=True, slots=True)
class Form:
    """One call."""

    method: str
    """GET or POST."""
    path: str
    call: str
    """``Service/Method`` in the contract."""
    request: type[Message]
    response: type[Message]
    says: str
    """For the OpenAPI document."""

    @property
    def answer(self) -> Answer:
        """What answers the path."""

        async def answer(request: Request, visit: Visit) -> Json:
            fields = await content(request)
            if self.method == "POST" and "json" not in request.headers.get("content-type", "json" if not fields else ""):
                raise RequestRefused("a change is sent as JSON; set the header content-type: application/json")
            if isinstance(fields, dict):
                fields = {name: value for name, value in fields.items() if name != KEY}
            message, warnings = parse(self.request(), fields)
            return await reply(await visit.ask(self.call, message), warnings)

        answer.__doc__ = self.says
        return answer


FORMS = (
    Form(
        "GET", "/v1/authority", "Authority/List", authority.ListAuthorityRequest, authority.ListAuthorityResponse,
        "Entries of the table in force.",
    ),
    Form(
        "GET", "/v1/authority/explain", "Authority/Explain", authority.ExplainAuthorityRequest, authority.ExplainAuthorityResponse,
        "Why an address is trusted, or not.",
    ),
    Form(
        "GET", "/v1/authority/history", "Authority/History", authority.AuthorityHistoryRequest, authority.AuthorityHistoryResponse,
        "Who changed the table, when and why.",
    ),
    Form(
        "POST", "/v1/authority/set", "Authority/Set", authority.SetAuthorityRequest, authority.EditAuthorityResponse,
        "Add an entry or replace the one with its key; needs the scope authority, as the next two do.",
    ),
    Form(
        "POST", "/v1/authority/remove", "Authority/Remove", authority.RemoveAuthorityRequest, authority.EditAuthorityResponse,
        "Take an entry out.",
    ),
    Form(
        "POST", "/v1/authority/revert", "Authority/Revert", authority.RevertAuthorityRequest, authority.EditAuthorityResponse,
        "Undo a change by a new one.",
    ),
    Form(
        "GET", "/v1/admin/status", "Admin/Status", admin.AdminStatusRequest, admin.AdminStatusResponse,
        "How this worker is; needs the scope admin, as the next three do.",
    ),
    Form(
        "GET", "/v1/admin/snapshots", "Admin/Snapshots", admin.SnapshotsRequest, admin.SnapshotsResponse,
        "The generations that the index keeps.",
    ),
    Form(
        "POST", "/v1/admin/reload", "Admin/Reload", admin.ReloadRequest, admin.ReloadResponse,
        "Take up what changed on disk.",
    ),
    Form(
        "POST", "/v1/admin/drain", "Admin/Drain", admin.DrainRequest, admin.DrainResponse,
        "End the server as SIGTERM does.",
    ),
)  # fmt: skip
