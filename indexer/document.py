"""What is a document, and which part of it is a passage?

Crawlers make Documents; everything after them reads Documents. ``Document.text`` is immutable once it is in a corpus:
passages, highlights and citations are character offsets into it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

MAX_TEXT = 20_000_000
"""Characters in one document's text; longer records are set aside by crawlers."""

PERSON_ROLES = ("author", "editor")


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
    details: dict[str, str] = field(default_factory=dict)
    """What only this source says (``pages``, ``volume``, ``publisher`` …); shown, never ranked."""

    def __post_init__(self) -> None:
        assert self.id, "a document needs an id"
        assert self.title, f"document {self.id} needs a title"

    def to_json(self) -> bytes:
        """One line of JSON, no newline; empty fields are left out."""
        return orjson.dumps({f.name: v for f in fields(self) if (v := getattr(self, f.name))})

    @classmethod
    def from_json(cls, line: bytes) -> Document:
        """Inverse of to_json.

        Raises ValueError (orjson.JSONDecodeError is one) or TypeError on what is not a document; unknown fields are an error.
        """
        record: dict[str, Any] = orjson.loads(line)
        if not isinstance(record, dict) or not record.get("id") or not record.get("title"):
            raise ValueError("not a document: an object with `id` and `title` is needed")
        for name in ("authors", "editors"):
            if name in record:
                if not isinstance(record[name], list):
                    raise ValueError(f"`{name}` must be a list of names")
                record[name] = tuple(record[name])
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
