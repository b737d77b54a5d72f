"""Every field of the contract can be said, and is seen, with the typed client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from authority.entry import Entry
from protos.stepwell.v1 import admin_pb2, authority_pb2
from protos.stepwell.v1 import search_pb2 as pb
from ranker.overlay import Overlay
from ranker.query import Filters
from server.client import Asking, Part, QueryOptions, conversations, table, worker
from server.http.openapi import repeated
from server.table import Wanted
from server.wire.authority import entry_to_proto

FILTERS = Filters(
    kinds=("paper",),
    collections=("a",),
    sites=("x.org",),
    exclude_sites=("y.org",),
    after="2019",
    before="2020",
    undated=True,
    hosts=("z.org",),
    languages=("en",),
    retracted=("false",),
    clusters=("c",),
)
OPTIONS = QueryOptions(
    k=3,
    filters=FILTERS,
    authority=False,
    passages=1,
    profile="medicine",
    overlay=Overlay(boost=("x.org",), block=("y.org",), only=("z.org",)),
    max_tokens=5,
    max_per_domain=2,
    max_per_paper=2,
    diversity=0.5,
    rerank=9,
    rerank_ms=200,
    impact=0.1,
    feedback=0.2,
    recency=0.1,
    fuse="one question",
)
ENTRY = Entry.make("x.org", "primary", "health", "judgement:a test:2026-11-22", "a note")
PARTS = [
    *(Part("id", unit, 1, 2, find="words", matches=3) for unit in ("characters", "bytes", "lines", "passages")),
    Part("id", section="Methods"),
]
ASKED = [
    conversations.batch_search(["tides"], OPTIONS, Asking("2026-11-22", "research", explain=True)),
    conversations.fetch(["id"], "2026-11-22"),
    conversations.read(PARTS, "2026-11-22"),
    conversations.status(),
    conversations.overview(),
    table.entries(Wanted("who", "primary", "health", "domain", 7, 3)),
    table.explain("https://www.who.int"),
    table.history(5, "x.org"),
    table.put(ENTRY, "why", "v1"),
    table.remove("x.org", "why", "v1"),
    table.revert(1, "why", "v1"),
    worker.reload(),
    worker.drain(),
]
SERVICES = [file.services_by_name[name] for file, name in (
    (pb.DESCRIPTOR, "Search"), (authority_pb2.DESCRIPTOR, "Authority"), (admin_pb2.DESCRIPTOR, "Admin"))]  # fmt: skip
UNSEEN = {
    "AuthorityChange.number": "0 in the answer to a change; history gives it",
    "AuthorityEntry.value": "the tier says it",
    "AdminStatusResponse.workers": "the length of processes",
    "Snapshot.number": "the beginning of name",
    "ExplainAuthorityResponse.version": "the table's, asked for by its entries",
    "FetchOutcome.target": "the caller has it",
    "SearchOutcome.query": "the caller has it",
}


def test_every_field_of_every_request_can_be_said() -> None:
    sent = [next(conversation).request for conversation in ASKED]
    said = {name for message in sent for name in _set(message)}
    wanted = {name for service in SERVICES for method in service.methods for name in _declared(method.input_type)}
    assert not wanted - said


@pytest.mark.parametrize("asked", [
    conversations.batch_search(["tides"], {}), conversations.read([Part("id")]), conversations.overview(), table.entries(),
    table.explain("x.org"), table.history(), table.put(ENTRY, "why"), worker.reload(), worker.drain(),
])  # fmt: skip
def test_every_field_of_every_reply_is_seen(asked: Any) -> None:
    values: dict[str, str] = {}
    call = next(asked)
    seen = ""
    while not seen:
        try:
            call = asked.send(_filled(call.method.reply, values))
        except StopIteration as done:
            seen = repr(done.value)
    assert {name for name, value in values.items() if value not in seen} <= set(UNSEEN), seen


def _filled(kind: Any, values: dict[str, str]) -> Any:
    """A message whose every field has a value that no other one has; `values` learns them. Of alternatives the best."""
    message = kind()
    if kind is authority_pb2.AuthorityEntry:
        return entry_to_proto(ENTRY)
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof and field.name == "failure":
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)["key"] = values[f"{message.DESCRIPTOR.name}.{field.name}"] = f"of a map {len(values)}"
            continue
        value = (
            _filled(GetMessageClass(field.message_type), values)
            if field.message_type
            else _value(field, f"{message.DESCRIPTOR.name}.{field.name}", values)
        )
        if repeated(field):
            getattr(message, field.name).append(value)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(value)
        else:
            setattr(message, field.name, value)
    return message


def _value(field: FieldDescriptor, name: str, values: dict[str, str]) -> Any:
    if field.enum_type or field.type == FieldDescriptor.TYPE_BOOL:
        return 1  # too few values to be told from each other
    value: Any = 1_000 + len(values)
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        value += 0.5
    elif field.type == FieldDescriptor.TYPE_STRING:
        value = f"text {value}"
    values[name] = str(value)
    return value


def _declared(message: Descriptor) -> Iterator[str]:
    for field in message.fields:
        yield f"{message.name}.{field.name}"
        if field.message_type:
            yield from _declared(field.message_type)


def _set(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        yield f"{message.DESCRIPTOR.name}.{field.name}"
        if field.message_type:
            for one in value if repeated(field) else [value]:
                yield from _set(one)
