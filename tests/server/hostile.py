"""What may arrive at a server? Strategies for whatever a client, or somebody who is none, might send.

Objects are made of the names that some shape knows and of values that are wrong in every way; messages follow the contract's
descriptors; bytes are messages that were damaged, and noise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from protos.stepwell.v1 import admin_pb2, authority_pb2
from protos.stepwell.v1 import search_pb2 as pb
from server.http.adapters import brave, exa, gpt_researcher, open_webui, search_r1, searxng, serper, step, tavily
from server.http.forms import FORMS
from server.http.openapi import repeated

SHAPES = (brave.BraveSearch, exa.ExaContents, exa.ExaSearch,
          gpt_researcher.CustomSearch, open_webui.ExternalSearch, search_r1.Access, search_r1.Retrieve,
          searxng.SearxSearch, serper.SerperSearch, step.StepSearch, tavily.TavilyExtract, tavily.TavilySearch)  # fmt: skip
MESSAGES = (pb.BatchSearchRequest, pb.Query, pb.Filters, pb.Overlay, pb.FetchRequest, pb.Part,
            authority_pb2.ListAuthorityRequest, authority_pb2.SetAuthorityRequest, authority_pb2.AuthorityEntry,
            authority_pb2.RevertAuthorityRequest, authority_pb2.ExplainAuthorityRequest)  # fmt: skip
NAMES = sorted(
    {name for shape in SHAPES for name in shape.model_fields}
    | {field.name for message in MESSAGES for field in message.DESCRIPTOR.fields}
    | {"jsonrpc", "id", "method", "params", "name", "arguments", "api_key", "who", "queries", "contents", "maxCharacters"}
)
"""Every name of a field that some shape knows."""
WORDS = (
    "tides", "tide table", "", " ", "json", "html", "2020", "2020-02-30", "2019-01-01to2020", "qdr:d9999", "on", "day", "nan",
    "cdr:1,cd_min:1/1/1", "*.gov", "https://[::1", "https://met.alder.example/0", "tiny:0", "urn:stepwell:%zz", "-1", "1e400",
    "AUTHORITY_MODE_OFF", "keep", "off",
    "9" * 40, "\u0000", "\ud800", "\U0001f9ea", "'\"<script>", "site:a..b year:0..9999999", "2.0", "inf",
    "tools/call", "search", "fetch", "who.int", ".gov", "venue:Nature", "host:www.who.int", "primary", "domain", "medicine",
    "judgement:well read:2026-01-02", "tiny", "en", "0-0", '"tide table" -moon', "site:met.alder.example", "2024-01-01T00:00:00Z",
)  # fmt: skip
LEAVES = (
    st.sampled_from(WORDS)
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.sampled_from([0, 1, -1, 2**63, 2**64])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
SHAPED = st.sampled_from(SHAPES).flatmap(
    lambda shape: st.dictionaries(st.sampled_from(sorted(shape.model_fields)), LEAVES | st.lists(LEAVES, max_size=3), max_size=6)
)
"""Objects of one shape's own fields."""


BODIES = (OBJECTS | SHAPED | VALUES).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
PARAMETERS = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(WORDS).map(lambda w: w.encode("utf-8", "replace").decode()), max_size=4
)
KINDS = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "\xff"])
QUERIES = st.lists(
    st.dictionaries(st.sampled_from([field.name for field in pb.Query.DESCRIPTOR.fields]), VALUES, max_size=3).map(
        lambda fields: {"text": "tides"} | fields
    ),
    min_size=1,
    max_size=3,
).map(lambda queries: {"queries": queries})
"""Searches of the contract with a few fields that are wrong."""


def _tool(name: str, argument: str) -> dict[str, Any]:
    params = {"name": name, "arguments": {argument: "tides"}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


ENTRY = {"key": "who.int", "tier": "primary", "evidence": "judgement:well read:2026-01-02"}
SOUND: dict[str, dict[str, Any]] = {
    "/v1/batch_search": {"queries": ["tides"]},
    "/v1/batch_search_stream": {"queries": ["tides", "bread"]},
    "/v1/fetch": {"targets": ["tiny:0"]},
    "/v1/search": {"query": "tides"},
    "/search": {"query": "tides"},
    "/extract": {"urls": ["https://met.alder.example/0"]},
    "/retrieve": {"queries": ["tides"]},
    "/access": {"urls": ["tiny:0"]},
    "/searxng/search": {"q": "tides", "format": "json"},
    "/tavily/search": {"query": "tides"},
    "/serper/search": {"q": "tides"},
    "/exa/search": {"query": "tides", "contents": {"text": {"maxCharacters": 9}, "highlights": True}},
    "/exa/contents": {"urls": ["tiny:0"], "text": True},
    "/open-webui/search": {"query": "tides", "count": 2},
    "/mcp": _tool("search", "query"),
    "/mcp/browsecomp": _tool("get_document", "docid"),
    "/page/authority/try": {"entry": ENTRY, "queries": ["tides"], "why": "tried"},
    "/v1/authority/set": {"entry": ENTRY, "why": "tried"},
    "/v1/authority/remove": {"key": "who.int", "why": "tried"},
    "/v1/authority/revert": {"number": 1, "why": "tried"},
}
"""A request that each path answers."""
NEARLY = st.sampled_from(sorted(SOUND)).flatmap(
    lambda path: st.tuples(
        st.just(("POST", path)),
        (OBJECTS | QUERIES if path.startswith("/v1/batch") else OBJECTS | SHAPED).map(
            lambda fields: json.dumps(SOUND[path] | fields).encode()
        ),
    )
)
"""A path, and what it answers but for a few fields."""
POSTS = ("/v1/batch_search", "/v1/batch_search_stream", "/v1/fetch", "/v1/search", "/search", "/extract", "/retrieve", "/access",
         "/searxng/search", "/tavily/search", "/tavily/extract", "/serper/search", "/exa/search", "/exa/contents",
         "/mcp", "/mcp/browsecomp", "/page/authority/try", "/page/authority/set")  # fmt: skip
GETS = ("/", "/search", "/searxng", "/gpt-researcher/search", "/res/v1/web/search", "/brave/search", "/v1/status", "/healthz",
        "/mcp", "/metrics", "/openapi.json", "/page/authority", "/page/authority/explain", "/page/authority/history",
        "/page/index", "/page/choices")  # fmt: skip
ENDS = "/v1/admin/drain"
"""Says nothing that could be wrong, and ends the server."""
WHERE = st.sampled_from(
    [("POST", path) for path in POSTS]
    + [("GET", path) for path in GETS]
    + [(form.method, form.path) for form in FORMS if form.path != ENDS]
)

ASKED = st.tuples(WHERE, BODIES) | NEARLY
"""Method and path of a request over HTTP, and its body."""

CALLS: dict[str, Descriptor] = {
    f"/{service.full_name}/{method.name}": method.input_type
    for file in (pb, authority_pb2, admin_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if method.name != "Drain"
}
"""Request of every method that gRPC answers."""
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: st.sampled_from(WORDS).map(lambda word: word.encode("utf-8", "replace").decode())
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_UINT32: st.sampled_from([0, 1, 2, 10, 100, 1000, 1001, 2**31, 2**32 - 1]),
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
}


@cache
def message(descriptor: Descriptor) -> st.SearchStrategy[Any]:
    """Messages of a type with any of its fields set to anything that fits there."""
    fields = {field.name: _value(field) for field in descriptor.fields}
    if not fields:
        return st.builds(GetMessageClass(descriptor))
    chosen = st.lists(st.sampled_from(sorted(fields)), max_size=5, unique=True)
    return chosen.flatmap(lambda names: st.builds(GetMessageClass(descriptor), **{name: fields[name] for name in names}))


def _value(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type:
        one: st.SearchStrategy[Any] = st.deferred(lambda: message(field.message_type))
    elif field.enum_type:
        one = st.sampled_from([0, 1, 2, 3, -1, 2**31 - 1])
    else:
        one = SCALARS[field.type]
    return st.lists(one, max_size=3) if repeated(field) else one


def _damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a piece cut out, changed, doubled or put in."""
    place = st.integers(0, len(data))

    def change(first: int, last: int, noise: bytes, how: Callable[[bytes, bytes, bytes], bytes]) -> bytes:
        first, last = min(first, last), max(first, last)
        return how(data[:first], data[first:last], noise) + data[last:]

    ways: list[Callable[[bytes, bytes, bytes], bytes]] = [
        lambda head, piece, noise: head,
        lambda head, piece, noise: head + noise,
        lambda head, piece, noise: head + piece + piece,
        lambda head, piece, noise: head + piece + noise,
        lambda head, piece, noise: head + bytes(255 - byte for byte in piece),
    ]
    return st.builds(change, place, place, st.binary(max_size=8), st.sampled_from(ways))


ANSWERED: dict[str, Message] = {
    "/stepwell.v1.Search/BatchSearch": pb.BatchSearchRequest(queries=[pb.Query(text="tides")]),
    "/stepwell.v1.Search/BatchSearchStream": pb.BatchSearchRequest(queries=[pb.Query(text="tides"), pb.Query(text="bread")]),
    "/stepwell.v1.Search/Fetch": pb.FetchRequest(parts=[pb.Part(target="tiny:0")]),
    "/stepwell.v1.Authority/Set": authority_pb2.SetAuthorityRequest(entry=authority_pb2.AuthorityEntry(**ENTRY), why="tried"),
    "/stepwell.v1.Authority/Remove": authority_pb2.RemoveAuthorityRequest(key="who.int", why="tried"),
    "/stepwell.v1.Authority/Revert": authority_pb2.RevertAuthorityRequest(number=1, why="tried"),
}
"""A request that is answered; a hostile one may be put on top of it."""


def _on_top(call: str, one: Message) -> Message:
    """A request whose queries, or parts, say something."""
    for query in getattr(one, "queries", ()):
        query.text = query.text or "tides"
    for part in getattr(one, "parts", ()):
        part.target = part.target or "tiny:0"
    found = type(one)()
    if call in ANSWERED:
        found.CopyFrom(ANSWERED[call])
    found.MergeFrom(one)
    return found


def requests(call: str) -> st.SearchStrategy[bytes]:
    """Bytes of a request: a message of the contract, one that is answered but for a few fields, a damaged one, or noise."""
    drawn = message(CALLS[call])
    sound = (drawn | drawn.map(lambda one: _on_top(call, one))).map(lambda one: one.SerializeToString())
    return sound | sound.flatmap(_damaged) | st.binary(max_size=100)


ANY_CALL = st.sampled_from(sorted(CALLS)).flatmap(lambda call: st.tuples(st.just(call), requests(call)))
"""A method and the bytes that are sent to it."""
