"""Which plain words stand for values of the contract in JSON?

Protobuf's JSON knows an enum by its whole name (`AUTHORITY_MODE_OFF`) and a flag by `true` and `false`. People and models write
`"authority": "off"` and `"undated": "keep"`, and parameters of a query string are words anyway. Here such words become what
protobuf's mapping takes. A word that names nothing is refused with those that do, and so is a value where an object is meant:
an answer to another question than the one that was asked would be worse.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from server.errors import RequestRefused
from server.http.asked import quoted

FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
"""Words for a flag."""
OWN = {"undated": {"keep": True, "drop": False}}
"""Words of one flag more, by its field."""
MAX_DEPTH = 20
"""Levels of a request; the contract has four."""


def spelled_out(fields: Any, message: Descriptor, depth: int = MAX_DEPTH) -> Any:
    """The same fields of a message with every such word replaced; what is no object stays. Raises RequestRefused."""
    if not isinstance(fields, dict) or depth == 0:
        return fields
    known = names_of(message)
    return {name: _value(value, known[name], depth) if name in known else value for name, value in fields.items()}


@cache
def names_of(message: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of a message by every name that JSON may give them: the contract's and protobuf's own."""
    return {field.json_name: field for field in message.fields} | dict(message.fields_by_name.items())


def repeated(field: FieldDescriptor) -> bool:
    """Whether a message may hold it many times."""
    known: bool | None = getattr(field, "is_repeated", None)  # protobuf 6 and later; before, there is only the label
    return field.label == FieldDescriptor.LABEL_REPEATED if known is None else known


def plain(kind: EnumDescriptor) -> dict[str, str]:
    """The names of an enum's values as people write them: `off` for `AUTHORITY_MODE_OFF`; the unspecified one has none."""
    prefix = kind.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(prefix).lower(): value.name for value in kind.values if value.number}


def _value(value: Any, field: FieldDescriptor, depth: int) -> Any:
    if value is None or (field.message_type and field.message_type.GetOptions().map_entry):
        return value
    if not repeated(field):
        return _one(value, field, depth)
    if not isinstance(value, list):
        raise RequestRefused(f"{field.name} is {quoted(value)}; write a list [...]")
    return [_one(one, field, depth) for one in value]


def _one(value: Any, field: FieldDescriptor, depth: int) -> Any:
    if field.message_type:
        return _object(value, field, field.message_type, depth)
    if field.enum_type:
        return _named(value, field, field.enum_type)
    return _flag(value, field) if field.type == FieldDescriptor.TYPE_BOOL and isinstance(value, str) else value


def _object(value: Any, field: FieldDescriptor, message: Descriptor, depth: int) -> Any:
    """Protobuf would take whatever has a length for an object without known fields."""
    if value is None or isinstance(value, dict):
        return spelled_out(value, message, depth - 1)
    raise RequestRefused(f'{field.name} is {quoted(value)}; write an object like {{"{message.fields[0].name}": ...}}')


def _named(value: Any, field: FieldDescriptor, kind: EnumDescriptor) -> Any:
    """To protobuf `false` and 0 are the value that was not specified, which may well mean on."""
    word = ("on" if value else "off") if isinstance(value, bool) else value
    names = plain(kind)
    if isinstance(word, int | float) and word:
        return word
    whole = word.strip().upper().replace("-", "_") if isinstance(word, str) else ""
    if whole in kind.values_by_name:
        return whole
    found = names.get(whole.lower())
    if found is None:
        raise RequestRefused(f"{field.name} is {quoted(value)}; write {' or '.join(names)}")
    return found


def _flag(word: str, field: FieldDescriptor) -> bool:
    own = OWN.get(field.name, {})
    found = (FLAGS | own).get(word.strip().lower())
    if found is None:
        raise RequestRefused(f"{field.name} is {quoted(word)}; write {' or '.join([*own, 'true', 'false'])}")
    return found
