"""Which records does a file of JSON hold?

Lines of JSON, plain, gzip or zstd; or one reply of an interface: an object, a list, or an object whose records lie under one
key. A line may be a reply too. Memory is bounded by MAX_REPLY.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from crawler.papers.lines import Line, read_lines

MAX_REPLY = 16 * 1024 * 1024
"""Bytes of one line or reply: parsed it takes up to ten times as much, and no interface answers with more than 10 MB."""
_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some programs put at the beginning."""


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One object of a file, or what is wrong in its place."""

    where: str
    """``file:line``, and the position in a reply as ``file:line#3``."""
    fields: dict[str, Any] | None
    """The object; None where there is a problem, or where a reply holds ``null`` for a record that its service does not have."""
    problem: str = ""
    """Empty, or a short phrase: ``broken JSON``, ``truncated file``, ``not an object``."""
    excerpt: bytes = b""
    """What the problem looks like."""


def read_json(file: BinaryIO, name: str, envelopes: tuple[str, ...]) -> Iterator[JsonRecord]:
    """Every record; `envelopes` are the keys under which replies hold their list of records."""
    lines, held, first = read_lines(file), bytearray(), 0
    for line in lines:
        if not line.data.strip() and not line.problem:
            continue
        if not held and not _begins_reply(line):
            yield from _records(line, name, envelopes)
            break
        if line.problem or (held and _is_record(line)):  # a reply has its records indented, or on several lines
            yield from _reply(bytes(held), first, name, envelopes)
            yield from _records(line, name, envelopes)
            break
        first = first or line.number
        held += line.data + b"\n"
        if len(held) > MAX_REPLY:
            yield JsonRecord(f"{name}:{first}", None, "record too large", bytes(held[:1000]))
            return
    else:
        yield from _reply(bytes(held), first, name, envelopes)
        return
    yield from (record for line in lines for record in _records(line, name, envelopes))


def _begins_reply(line: Line) -> bool:
    """Whether an object or list begins here that ends on a later line, as replies are saved by people and browsers."""
    return not line.problem and line.data.lstrip(_MARK)[:1] in (b"{", b"[") and _value(line.data) is None


def _is_record(line: Line) -> bool:
    """Whether the line holds an object of its own, from its first character on."""
    value = _value(line.data) if line.data[:1] == b"{" else None
    return isinstance(value, dict) and bool(value)


def _reply(held: bytes, first: int, name: str, envelopes: tuple[str, ...]) -> Iterator[JsonRecord]:
    """The records of a reply on several lines; where they are no JSON together, each line stands for itself."""
    if _value(held) is not None:
        yield from _records(Line(first, held), name, envelopes)
        return
    for number, data in enumerate(held.split(b"\n"), first):
        yield from _records(Line(number, data), name, envelopes)


def _records(line: Line, name: str, envelopes: tuple[str, ...]) -> Iterator[JsonRecord]:
    where = f"{name}:{line.number}"
    if line.problem:
        yield JsonRecord(where, None, line.problem, line.data[:1000])
        return
    if not line.data.strip(_MARK).strip(b"[], \t"):
        return  # blank, or the bracket around a list with a record on each line
    if len(line.data) > MAX_REPLY:
        yield JsonRecord(where, None, "record too large", line.data[:1000])
        return
    value = _value(line.data)
    if value is None:
        yield JsonRecord(where, None, "broken JSON", line.data[:1000])
        return
    records = (
        next((value[key] for key in envelopes if isinstance(value.get(key), list)), value) if isinstance(value, dict) else value
    )
    if isinstance(records, dict):
        yield JsonRecord(where, records)
    elif isinstance(records, list):
        for position, record in enumerate(records, 1):
            ok = isinstance(record, dict) or record is None
            yield JsonRecord(
                f"{where}#{position}", record if ok else None, "" if ok else "not an object", str(record)[:200].encode()
            )
    else:
        yield JsonRecord(where, None, "not an object", line.data[:1000])


def _value(data: bytes) -> Any:
    """The value of a line, a comma behind it forgiven; None for what is no JSON (and for ``null``, which is no record either)."""
    try:
        return orjson.loads(data.lstrip(_MARK).strip().rstrip(b","))
    except orjson.JSONDecodeError:
        return None


def text_of(value: object) -> str:
    """A string or number as text on one line; empty for anything else."""
    if isinstance(value, str):
        return " ".join(value.split())
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def object_of(value: object) -> dict[str, Any]:
    """An object, also one that is written as a string of JSON; empty for anything else."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[dict[str, Any]]:
    """The objects of a list, also of one that is written as a string of JSON; empty for anything else."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(value: object) -> list[str]:
    """The strings of a list; a single string is a list of one."""
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := text_of(item))]
