"""What is a document, and which part of it is a passage?

Crawlers make Documents; everything after them reads Documents. ``Document.text`` is immutable once it is in a corpus:
passages, highlights and citations are character offsets into it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

MAX_TEXT = 4_000_000
"""Characters in one document's text, some 1,500 printed pages; crawlers set longer records aside. At four bytes a character
it still fits a line of JSON lines."""


class Section(NamedTuple):
    """One headed part of a document's text."""

    heading: str
    level: int
    """1 for a chapter or top-level section, 2 for one below it, and so on."""
    start: int
    """Character offset into ``Document.text``; the section is ``[start, end)``, its subsections included."""
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One work or page, as a crawler or paper source understood it."""

    id: str
    """Unique in an index, stable across runs, ``source:key``: ``acl:P19-1001``, ``web:https://…``."""
    title: str
    """Plain text, no markup; may not be empty (a source falls back to the URL or file name)."""
    text: str = ""
    """Body as plain text: an abstract, an article. Empty where the source has none. Title not repeated."""
    kind: str = "page"
    """``paper``, ``page`` or ``file``."""
    url: str = ""
    """Landing page, or empty."""
    authors: tuple[str, ...] = ()
    """Names as printed, ``Given Family``, in the order of the byline."""
    editors: tuple[str, ...] = ()
    """Editors of proceedings and front matter, never mixed with authors."""
    venue: str = ""
    """Journal, proceedings or site name, as printed."""
    published: str = ""
    """ISO 8601 at the precision that is known: ``2019``, ``2019-06``, ``2019-06-03``; empty if unknown."""
    language: str = ""
    """ISO 639-1 code, or empty if unknown."""
    collection: str = ""
    """The collection the document belongs to; searchable alone."""
    identifiers: dict[str, str] = field(default_factory=dict)
    """Other names of the same work, by scheme in lower case: ``doi``, ``acl``, ``arxiv``, ``isbn``, ``issn``, ``pdf`` (a URL)."""
    sections: tuple[Section, ...] = ()
    """Headed parts of the text, in order; empty where the source has no headings."""
    retracted: bool | None = None
    """Whether the publisher has withdrawn the work; None if the source does not say. An erratum is not a retraction."""
    notices: tuple[str, ...] = ()
    """Corrections and the like as ``kind:identifier``: ``erratum:10.1000/x``, ``concern:…``, ``retraction:…``."""
    references: tuple[str, ...] = ()
    """Works it cites, in order: ``doi:…``, ``arxiv:…``, ``pmid:…`` where known, else the printed reference."""
    cluster: str = ""
    """Shared by the preprint, the published version and the revisions of one work; empty where nothing was clustered."""
    sources: tuple[str, ...] = ()
    """Ids of the records that were merged into this one; empty where it is one source's record."""
    details: dict[str, str] = field(default_factory=dict)
    """What only this source says (``pages``, ``volume``, ``publisher`` …); shown, never ranked."""

    def __post_init__(self) -> None:
        assert self.id, "a document needs an id"
        assert self.title, f"document {self.id} needs a title"

    def to_json(self) -> bytes:
        """One line of JSON, no newline; empty fields are left out."""
        record = {name: value for name, value in zip(_JSON_TYPES, _values(self), strict=True) if value or value is False}
        return orjson.dumps(record, default=tuple)

    @classmethod
    def from_json(cls, line: bytes) -> Document:
        """Inverse of to_json.

        Raises ValueError (orjson.JSONDecodeError is one) or TypeError on what is not a document; unknown fields are an error.
        """
        record: dict[str, Any] = orjson.loads(line)
        if not isinstance(record, dict) or not record.get("id") or not record.get("title"):
            raise ValueError("not a document: an object with `id` and `title` is needed")
        for name, value in record.items():
            if type(value) is not str or name not in _TEXTS:
                record[name] = _field(name, value)
        return cls(**record)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the whole record in hexadecimal: equal if and only if nothing about the document changed."""
        return hashlib.sha256(self.to_json()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one document that is indexed and scored on its own."""

    document: int
    """Position of the document in its segment, from 0."""
    start: int
    """Character offset into ``Document.text``; the span is ``[start, end)``."""
    end: int
    """End of the span; equal to ``start`` for a document without text, which is searched by its title alone."""


_JSON_TYPES: dict[str, type] = {
    f.name: list if f.type.startswith("tuple") else dict if f.type.startswith("dict") else bool if "bool" in f.type else str
    for f in fields(Document)
    if isinstance(f.type, str)
}
_values = attrgetter(*_JSON_TYPES)
_STRING = frozenset([str])
_TEXTS = frozenset(name for name, kind in _JSON_TYPES.items() if kind is str)


def _field(name: str, value: Any) -> Any:
    """One field from JSON. Raises TypeError where there is no such field or its value has another type."""
    expected = _JSON_TYPES.get(name)
    fits = expected is not None and isinstance(value, expected)
    if not fits:
        raise TypeError(f"`{name}` has the wrong type" if expected else f"`{name}` is not a field of a document")
    if expected is list:
        return _sections(value) if name == "sections" else _strings(name, value)
    if expected is dict:
        _strings(name, value.values())
    return value


def _strings(name: str, values: Iterable[object]) -> tuple[str, ...]:
    found = tuple(values)
    if not _STRING.issuperset(map(type, found)):
        raise TypeError(f"`{name}` holds something that is not a string")
    return found  # type: ignore[return-value]  # just checked


def _sections(values: list[Any]) -> tuple[Section, ...]:
    sections = tuple(Section(*value) for value in values)
    for s in sections:
        if not isinstance(s.heading, str) or not all(isinstance(n, int) and n >= 0 for n in (s.level, s.start, s.end)):
            raise TypeError("`sections` holds something that is not heading, level, start, end")
    return sections
