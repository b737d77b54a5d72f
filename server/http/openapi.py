"""How do the contract's messages look as JSON schemas?"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from server.http.words import plain, repeated

NUMBERS: dict[int, dict[str, Any]] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT32: {"type": "integer"},
    FieldDescriptor.TYPE_SINT32: {"type": "integer"},
    FieldDescriptor.TYPE_UINT64: {"type": "string", "pattern": "^[0-9]+$"},
    FieldDescriptor.TYPE_INT64: {"type": "string", "pattern": "^-?[0-9]+$"},
}
"""Protobuf's JSON mapping; 64-bit integers travel as strings. Every other scalar is a string."""


def schemas(*messages: Descriptor) -> dict[str, Any]:
    """A schema per message, those inside them too, by name."""
    found: dict[str, Any] = {}
    left = list(messages)
    while left:
        message = left.pop()
        if message.name not in found:
            found[message.name] = {"type": "object", "properties": {field.name: _field(field) for field in message.fields}}
            left += [field.message_type for field in message.fields if field.message_type and not _is_map(field)]
    return found


def reference(message: Descriptor) -> dict[str, str]:
    """Where the document keeps the schema of a message."""
    return {"$ref": f"#/components/schemas/{message.name}"}


def parameters(message: Descriptor) -> list[dict[str, Any]]:
    """The fields of a message as parameters of a query string."""
    return [{"name": field.name, "in": "query", "schema": _field(field)} for field in message.fields]


def _field(field: FieldDescriptor) -> dict[str, Any]:
    if _is_map(field):
        return {"type": "object", "additionalProperties": _one(field.message_type.fields_by_name["value"])}
    return {"type": "array", "items": _one(field)} if repeated(field) else _one(field)


def _one(field: FieldDescriptor) -> dict[str, Any]:
    if field.message_type:
        return dict(reference(field.message_type))
    if field.enum_type:
        return {"type": "string", "enum": [*plain(field.enum_type), *(value.name for value in field.enum_type.values)]}
    return NUMBERS.get(field.type, {"type": "string"})


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)
