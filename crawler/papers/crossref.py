"""What does Crossref hold?

Reads the annual public data file (parts of ``{"items": [...]}`` or lines, gzip), replies of the REST interface (one work or a
list), unixref and unixsd XML, OAI-PMH records of Crossref, deposit files, and the cassettes of API clients.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from crawler.papers import About
from crawler.papers.cassette import read_cassette
from crawler.papers.crossref_json import work_document
from crawler.papers.crossref_xml import CONTAINERS, documents
from crawler.papers.json_objects import read_objects
from crawler.papers.lines import BrokenOff, Line
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.running_text import running_text
from crawler.papers.xml_records import read_xml
from crawler.papers.xml_repair import RepairedXml, plain_names
from crawler.reading import Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

_SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml", ".yml", ".yaml")
_CASSETTES = (".yml", ".yaml")
_SETS = ("crossref_result", "doi_records", "OAI-PMH")
_TAGS = tuple(f"{{*}}{name}" for name in (*CONTAINERS, "error"))


class CrossrefSource:
    """Crossref's records, from files."""

    about = About(
        name="Crossref",
        documentation="https://www.crossref.org/documentation/retrieve-metadata/rest-api/",
        terms="Facts, free to reuse; abstracts may be under their publishers' copyright (see Crossref's metadata reuse page).",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every work under `path`. Raises UsageError or SourceError where there is no such file."""
        name = collection or "crossref"

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            if any(suffix in part.name.lower().rpartition("/")[2] for suffix in _CASSETTES):
                yield from _cassette(file, part.name, name)
            elif ".xml" in part.name.lower().rpartition("/")[2]:
                yield from _xml(file, part.name, name)
            else:
                yield from _json(file, part.name, name)

        yield from read_parts(find_parts(path, _SUFFIXES), told(read, *_SETS))


def _cassette(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    try:
        for number, body in enumerate(read_cassette(file), 1):
            read = _xml if body.lstrip()[:1] == b"<" else _json
            yield from read(io.BytesIO(body), f"{name}#{number}", collection)
    except BrokenOff as error:
        yield Reading(set_aside(name, str(error)), name, 0.0)


def _json(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    for line in read_objects(file, ("items",)):
        where = f"{name}:{line.number}"
        yield Reading(_record(line, where, collection), where, 0.0)


def _record(line: Line, where: str, collection: str) -> Document | SetAside | Skipped:
    """The document of one object: a work, or a reply with one."""
    if line.problem:
        return set_aside(where, line.problem, line.data)
    try:
        work = orjson.loads(line.data)
    except orjson.JSONDecodeError:
        return set_aside(where, "broken JSON", line.data)
    if isinstance(work, dict) and "message-type" in work:
        if work.get("status") != "ok":
            return set_aside(where, f"Crossref answered {work['message-type']}", line.data)
        if work["message-type"] != "work":
            return Skipped(where, f"Crossref {work['message-type']}")
        work = work.get("message")
    document = work_document(work, collection) if isinstance(work, dict) else None
    return document_or_reason(document, where) if document else set_aside(where, "no DOI", line.data)


def _xml(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    for found in read_xml(cast("BinaryIO", RepairedXml(file)), name, _TAGS):
        element, where = found.element, found.where
        if element is None:
            yield Reading(set_aside(where, found.problem, found.excerpt), where, 0.0)
            continue
        plain_names(element)
        if element.tag == "error":
            yield Reading(set_aside(where, "Crossref error", element.text or ""), where, 0.0)
            continue
        for work, document in documents(element, collection):
            place = f"{name}:{work.sourceline or 0}"
            record = document_or_reason(document, place) if document else set_aside(place, "no DOI", running_text(work))
            yield Reading(record, place, 0.0)
