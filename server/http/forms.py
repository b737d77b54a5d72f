"""Which calls beside search and fetch have a form in JSON?

One row a call of the contract, answered by the gRPC service itself, with its scope and its limits. What only reads is a GET whose
parameters are the fields of the request; what changes something is a POST of the request, and says that it is JSON: a page of
another site can make a browser post a form, but not that.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from starlette.requests import Request

from protos.stepwell.v1 import admin_pb2, authority_pb2
from server.errors import RequestRefused
from server.http.asked import content
from server.http.native import parse, reply, telling
from server.http.reception import Answer
from server.http.replies import Json
from server.http.visit import Visit

KEY = "api_key"
"""A parameter that is the caller's key, and no field."""


@dataclass(frozen=True, slots=True)
class Form:
    """One call."""

    method: str
    """GET or POST."""
    path: str
    call: MethodDescriptor
    """In the contract."""
    says: str
    """For the OpenAPI document."""

    @property
    def answer(self) -> Answer:
        """What answers the path."""
        name = f"{self.call.containing_service.name}/{self.call.name}"
        message_class = GetMessageClass(self.call.input_type)

        async def answer(request: Request, visit: Visit) -> Json:
            fields = await content(request)
            if self.method == "POST" and "json" not in request.headers.get("content-type", "json" if not fields else ""):
                raise RequestRefused("a change is sent as JSON; set the header content-type: application/json")
            if isinstance(fields, dict):
                fields = {name: value for name, value in fields.items() if name != KEY}
            message, warnings = parse(message_class(), fields)
            with telling(warnings):
                return await reply(await visit.ask(name, message), warnings)

        answer.__doc__ = self.says
        return answer


_TABLE = authority_pb2.DESCRIPTOR.services_by_name["Authority"].methods_by_name
_WORKER = admin_pb2.DESCRIPTOR.services_by_name["Admin"].methods_by_name
FORMS = (
    Form("GET", "/v1/authority", _TABLE["List"], "Entries of the table in force."),
    Form("GET", "/v1/authority/explain", _TABLE["Explain"], "Why an address is trusted, or not."),
    Form("GET", "/v1/authority/history", _TABLE["History"], "Who changed the table, when and why."),
    Form("POST", "/v1/authority/set", _TABLE["Set"], "Add an entry or replace the one with its key. Scope authority."),
    Form("POST", "/v1/authority/remove", _TABLE["Remove"], "Take an entry out. Scope authority."),
    Form("POST", "/v1/authority/revert", _TABLE["Revert"], "Undo a change by a new one. Scope authority."),
    Form("GET", "/v1/admin/status", _WORKER["Status"], "How this worker is, and in short the others. With keys, scope admin."),
    Form("GET", "/v1/admin/snapshots", _WORKER["Snapshots"], "The generations that the index keeps. With keys, scope admin."),
    Form("POST", "/v1/admin/reload", _WORKER["Reload"], "Take up what changed on disk. Scope admin."),
    Form("POST", "/v1/admin/drain", _WORKER["Drain"], "End the server as SIGTERM does. Scope admin."),
)
