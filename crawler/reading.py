"""What does a source hand over, one step at a time?

Everything that reads the world (paper sources, folders, sites) yields Readings: a document, a record set aside with its
reason, or a file passed over. Nothing is dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.document import MAX_TEXT, Document

_MAX_EXCERPT = 200
"""Characters of a bad record that are kept beside its reason."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that should have become a document and could not."""

    where: str
    """``file:line`` or a URL."""
    reason: str
    """A short phrase that can be counted: ``broken JSON``."""
    excerpt: str = ""
    """What it looked like, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was never meant to become a document: a picture in a folder, the front matter of a volume."""

    where: str
    """``file:line`` or a path."""
    what: str
    """A short phrase that can be counted: ``front matter``."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A document that its source has withdrawn: the corpus forgets it."""

    where: str
    """``file:line`` or a URL."""
    id: str
    """The document's id, ``pubmed:12345``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One step through a source."""

    record: Document | SetAside | Skipped | Deleted
    """What was found."""
    where: str
    """``file:line`` or URL of the record."""
    share: float
    """Share of the input that is read by now, in [0, 1]; never falls."""


def document_or_reason(document: Document, where: str) -> Document | SetAside:
    """The document, or why it is set aside: a text longer than MAX_TEXT."""
    if len(document.text) > MAX_TEXT:
        return set_aside(where, "text too long", f"{len(document.text):,} characters; the limit is {MAX_TEXT:,}")
    return document


def set_aside(where: str, reason: str, excerpt: str | bytes = "") -> SetAside:
    """A SetAside whose excerpt is short and printable."""
    if isinstance(excerpt, bytes):
        excerpt = excerpt[: 4 * _MAX_EXCERPT].decode("utf-8", errors="replace")
    return SetAside(where, reason, " ".join(excerpt[:_MAX_EXCERPT].split()))
