"""What does an OAI-PMH repository hold?

Reads replies and dumps of version 2.0 of the protocol: whole replies, several in one file, or bare records. Three formats are
understood: `oai_dc`, which every repository has, and arXiv's `arXiv` and `arXivRaw`. Records marked as deleted are passed on as
deletions. `stepwell crawler harvest oai` (crawler.harvest.harvest) asks a repository itself and reads its replies with this.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from crawler.merging import identity
from crawler.papers import About
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.xml_records import read_xml
from crawler.papers.xml_repair import RepairedXml, plain_names
from crawler.reading import Deleted, Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_NAMES = ("record", "header", "error", "resumptionToken", "responseDate", "Identify", "set", "metadataFormat")
_TAGS = (*_NAMES, *(f"{{{NAMESPACE}}}{name}" for name in _NAMES))
"""Bare records have lost the namespace of the reply they were cut from."""
SETS = ("OAI-PMH", "ListRecords", "ListIdentifiers")
"""Roots of what may hold no record."""
NOTHING_NEW = "noRecordsMatch"
_HARMLESS = frozenset({NOTHING_NEW, "noSetHierarchy"})


class OaiSource:
    """OAI-PMH replies in files."""

    about = About(
        name="OAI-PMH",
        documentation="https://www.openarchives.org/OAI/openarchivesprotocol.html",
        terms="Those of the repository; its Identify reply or web site states them.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every record under `path`. Raises UsageError or SourceError where there is no XML."""

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            yield from read_oai(file, part.name, collection)

        yield from read_parts(find_parts(path, (".xml",)), told(read, *SETS))


class Sign(NamedTuple):
    """What a reply says beside its records."""

    kind: str
    """``resumptionToken``, ``responseDate``, ``error``, or ``problem`` where the reply itself is broken."""
    text: str
    """The token, the date, the error's explanation, or what the problem is."""
    attributes: dict[str, str]
    """``code`` of an error; ``completeListSize`` of a token; ``where`` and ``detail`` of a problem."""


def read_oai(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    """The records of one file; errors that a repository answered with are set aside with their code."""
    for item in read_reply(file, name, collection):
        if isinstance(item, Reading):
            yield item
        elif item.kind == "problem":
            where = item.attributes["where"]
            yield Reading(set_aside(where, item.text, item.attributes["detail"]), where, 0.0)
        elif item.kind == "error":
            code = item.attributes.get("code", "")
            if code in _HARMLESS:
                yield Reading(Skipped(name, f"reply {code}"), name, 0.0)
            else:
                yield Reading(set_aside(name, f"OAI error {code}".strip(), item.text), name, 0.0)


def read_reply(file: BinaryIO, name: str, collection: str) -> Iterator[Reading | Sign]:
    """Records, and what stands beside them, in the order of the reply."""
    repaired = cast("BinaryIO", RepairedXml(file))
    for found in read_xml(repaired, name, _TAGS):
        element, where = found.element, found.where
        if element is None:
            yield Sign("problem", found.problem, {"where": where, "detail": found.excerpt})
            continue
        kind = _local(element)
        if kind in ("error", "resumptionToken", "responseDate"):
            yield Sign(kind, " ".join((element.text or "").split()), {str(k): str(v) for k, v in element.attrib.items()})
        elif kind in ("record", "header"):
            yield Reading(_record(element, where, collection), where, 0.0)
        else:
            yield Reading(Skipped(where, f"OAI {kind}"), where, 0.0)


def document_id(oai_id: str) -> str:
    """The id of the document that an OAI record became or becomes: arXiv's papers have one whatever the format was."""
    number = identity.arxiv(oai_id) if oai_id.lower().startswith("oai:arxiv.org:") else None
    return f"arxiv:{number.number}" if number else oai_id if oai_id.startswith("oai:") else f"oai:{oai_id}"


def _record(record: _Element, where: str, collection: str) -> Document | Deleted | SetAside | Skipped:
    """The document of a record, or of a header on its own what it says."""
    header = record if _local(record) == "header" else _child(record, "header")
    oai_id = _identifier(header) if header is not None else ""
    if header is not None and (header.get("status") or record.get("status")) == "deleted":
        return Deleted(where, document_id(oai_id)) if oai_id else set_aside(where, "deleted record without identifier")
    if header is record:
        return Skipped(where, "OAI header")
    metadata = _child(record, "metadata")
    content = next(metadata.iterchildren("*"), None) if metadata is not None else None
    if content is None:
        return set_aside(where, "no metadata", oai_id)
    return _document(content, oai_id, where, collection)


def _document(content: _Element, oai_id: str, where: str, collection: str) -> Document | SetAside:
    from crawler.papers.arxiv import arxiv_xml_document
    from crawler.papers.dublin_core import dublin_core_document

    form = _local(content)
    document: Document | None
    if form in ("arXiv", "arXivRaw"):
        plain_names(content)
        document = arxiv_xml_document(content, collection or "arxiv")
        missing = "no arXiv id"
    elif form == "dc":
        if not oai_id:
            return set_aside(where, "no identifier")
        plain_names(content)
        document = dublin_core_document(content, oai_id, collection or _collection(oai_id))
        missing = "no title and no description"
    else:
        return set_aside(where, f"metadata format {form}", oai_id)
    return document_or_reason(document, where) if document else set_aside(where, missing, oai_id)


def _collection(oai_id: str) -> str:
    """``oai:repository.example:123`` belongs to repository.example, arXiv's to arxiv."""
    parts = oai_id.split(":")
    name = parts[1] if len(parts) > 2 and parts[0] == "oai" else "oai"
    return "arxiv" if name.lower() == "arxiv.org" else name or "oai"


def _identifier(header: _Element) -> str:
    element = _child(header, "identifier")
    return " ".join((element.text or "").split()) if element is not None else ""


def _child(element: _Element, name: str) -> _Element | None:
    return next((child for child in element.iterchildren("*") if _local(child) == name), None)


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
