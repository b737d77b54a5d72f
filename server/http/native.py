"""How is the contract said in JSON?

The messages of `protos/stepwell/v1`, by protobuf's own JSON mapping with the field names of the .proto: one mapping, in both
directions. A query may also be given as a string, an enum's value by its plain name. A field that the contract does not know is
ignored, and `warnings`, or the refusal of the call, says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar

import orjson
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from starlette.requests import Request

from protos.stepwell.v1 import search_pb2 as pb
from server.errors import RequestRefused
from server.http.asked import content
from server.http.ignored import ignored
from server.http.replies import Json
from server.http.visit import Visit
from server.http.words import MAX_DEPTH, spelled_out
from server.wire.reply import Reply

M = TypeVar("M", bound=Message)


async def batch_search(request: Request, visit: Visit) -> Json:
    """`POST /v1/batch_search`: BatchSearchRequest -> BatchSearchResponse."""
    message, warnings = await _search(request)
    with telling(warnings):
        return await reply(await visit.batch_search(message), warnings)


async def batch_search_stream(request: Request, visit: Visit) -> AsyncGenerator[bytes, None]:
    """`POST /v1/batch_search_stream`: BatchSearchRequest -> BatchSearchPart, a line each as soon as it is known."""
    message, warnings = await _search(request)
    begun = False
    with telling(warnings):
        async with aclosing(visit.stream(message)) as parts:
            async for part in parts:
                if warnings and not begun:
                    yield orjson.dumps({"warnings": warnings}) + b"\n"
                begun = True
                yield await asyncio.to_thread(_line, part)


async def _search(request: Request) -> tuple[pb.BatchSearchRequest, list[str]]:
    fields = await content(request)
    if isinstance(fields, dict) and isinstance(fields.get("queries"), list):
        fields = fields | {"queries": [{"text": q} if isinstance(q, str) else q for q in fields["queries"]]}
    return await asyncio.to_thread(parse, pb.BatchSearchRequest(), fields)


async def fetch(request: Request, visit: Visit) -> Json:
    """`POST /v1/fetch`: FetchRequest -> FetchResponse."""
    message, warnings = await asyncio.to_thread(parse, pb.FetchRequest(), await content(request))
    with telling(warnings):
        return await reply(await visit.fetch_documents(message), warnings)


def _line(part: Reply) -> bytes:
    return orjson.dumps(to_json(part.part)) + b"\n"


async def status(_: Request, visit: Visit) -> Json:
    """`GET /v1/status`: StatusResponse."""
    return await reply(await visit.status_message(), [])


def parse(message: M, fields: Any) -> tuple[M, list[str]]:
    """The message that JSON stands for, and what of it was ignored, in words. Raises RequestRefused."""
    if not isinstance(fields, dict):
        raise RequestRefused("the body is JSON, but no object; send {...}")
    spelled = spelled_out(fields, message.DESCRIPTOR)
    try:
        read = ParseDict(spelled, message, ignore_unknown_fields=True, max_recursion_depth=MAX_DEPTH)
    except (ParseError, TypeError, ValueError, AttributeError) as error:
        complaint = str(error).splitlines()[0][:300] if str(error) else "not as the contract has it"
        raise RequestRefused(f"{complaint}; see /openapi.json") from None
    return read, ignored(fields, message.DESCRIPTOR)


@contextmanager
def telling(warnings: list[str]) -> Iterator[None]:
    """Around a call: where it is refused, what was ignored of it may be the reason."""
    try:
        yield
    except RequestRefused as error:
        raise RequestRefused("; ".join([str(error), *warnings])) from None


def to_json(message: Message) -> dict[str, Any]:
    """Inverse of parse; fields without a value are there, too."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


async def reply(message: Message, warnings: list[str]) -> Json:
    """The message in JSON, with what was ignored of the request."""

    def encode() -> Json:  # megabytes of it would hold up every other call
        return Json(to_json(message) | ({"warnings": warnings} if warnings else {}))

    return await asyncio.to_thread(encode)
