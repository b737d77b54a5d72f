"""Which calls does the contract have, and which of them may be made twice?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from protos.stepwell.v1 import admin_pb2
from protos.stepwell.v1 import search_pb2 as pb

Reply = TypeVar("Reply", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[Reply]):
    """One method of a service."""

    path: str
    """``/package.Service/Method``."""
    reply: type[Reply]
    repeatable: bool = True
    """Whether a call that may have been carried out can be made again: it only reads."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Reply]):
    """One method with what is sent to it."""

    method: Method[Reply]
    request: Message


def serialize(request: Message) -> bytes:
    """The bytes of any request."""
    return request.SerializeToString()


_SEARCH = "/stepwell.v1.Search"
BATCH_SEARCH = Method(f"{_SEARCH}/BatchSearch", pb.BatchSearchResponse)
BATCH_SEARCH_STREAM = Method(f"{_SEARCH}/BatchSearchStream", pb.BatchSearchPart)
FETCH = Method(f"{_SEARCH}/Fetch", pb.FetchResponse)
STATUS = Method(f"{_SEARCH}/Status", pb.StatusResponse)
_ADMIN = "/stepwell.v1.Admin"
ADMIN_STATUS = Method(f"{_ADMIN}/Status", admin_pb2.AdminStatusResponse)
SNAPSHOTS = Method(f"{_ADMIN}/Snapshots", admin_pb2.SnapshotsResponse)
