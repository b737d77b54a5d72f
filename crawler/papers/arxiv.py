"""What does arXiv hold?

Reads the metadata snapshot of arXiv that Cornell keeps on Kaggle (a line of JSON a paper) and arXiv's OAI-PMH replies and dumps
(`arXiv`, `arXivRaw` and `oai_dc` records), mixed in one folder if need be. `stepwell crawler harvest oai` asks arXiv itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from crawler.papers import About
from crawler.papers.arxiv_record import arxiv_document, name_of, names_of
from crawler.papers.json_objects import read_objects
from crawler.papers.lines import Line
from crawler.papers.oai import SETS, read_oai
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.reading import Reading, SetAside, document_or_reason, set_aside
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

_SUFFIXES = (".json", ".jsonl", ".ndjson", ".xml")
_FIELDS = ("id", "submitter", "title", "comments", "journal-ref", "doi", "report-no", "categories", "license", "abstract")


class ArxivSource:
    """arXiv's metadata, from files."""

    about = About(
        name="arXiv",
        documentation="https://info.arxiv.org/help/oa/index.html and https://www.kaggle.com/datasets/Cornell-University/arxiv",
        terms="CC0 1.0 for the metadata; each paper has its own licence (https://info.arxiv.org/help/api/tou.html).",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every paper under `path`. Raises UsageError or SourceError where there is no such file."""
        name = collection or "arxiv"

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            if ".xml" in part.name.lower():
                yield from read_oai(file, part.name, name)
                return
            for line in read_objects(file):
                where = f"{part.name}:{line.number}"
                yield Reading(_record(line, where, name), where, 0.0)

        yield from read_parts(find_parts(path, _SUFFIXES), told(read, *SETS))


def kaggle_document(record: dict[str, Any], collection: str) -> Document | None:
    """The document of one line of the snapshot; None where it has no arXiv id."""
    fields = {name: _text(record.get(name)) for name in _FIELDS}
    versions = [version for version in _list(record.get("versions")) if isinstance(version, dict)]
    fields["versions"] = _text(versions[-1].get("version")).lstrip("v") if versions else ""
    dates = [_text(version.get("created")) for version in versions] or [_text(record.get("update_date"))]
    parsed = [
        tuple(map(_text, [*person, "", "", ""][:3])) for person in _list(record.get("authors_parsed")) if isinstance(person, list)
    ]
    names = tuple(name for family, given, suffix in parsed if (name := name_of(family, given, suffix)))
    if not fields["versions"].isdecimal():
        fields["versions"] = str(len(versions) or "")
    return arxiv_document(fields, names or names_of(_text(record.get("authors"))), dates, collection)


def arxiv_xml_document(metadata: _Element, collection: str) -> Document | None:
    """The document of an `arXiv` or `arXivRaw` element whose names have no namespace; None where it has no arXiv id."""
    fields = {str(child.tag): child.text or "" for child in metadata if child.text and child.text.strip()}
    versions = metadata.findall("version")
    if versions:  # arXivRaw
        number = (versions[-1].get("version") or "").lstrip("v")
        fields["versions"] = number if number.isdecimal() else str(len(versions))
        dates = [version.findtext("date") or "" for version in versions]
        withdrawn = "I" in (versions[-1].findtext("source_type") or "")  # `ignore`: how arXiv marks a withdrawal
        return arxiv_document(fields, names_of(fields.get("authors", "")), dates, collection, withdrawn)
    fields.pop("versions", None)
    people = [
        [person.findtext(tag) or "" for tag in ("keyname", "forenames", "suffix")]
        for person in metadata.iterfind("authors/author")
    ]
    names = tuple(name for family, given, suffix in people if (name := name_of(family, given, suffix)))
    return arxiv_document(fields, names, [fields.get("created", ""), fields.get("updated", "")], collection)


def _record(line: Line, where: str, collection: str) -> Document | SetAside:
    if line.problem:
        return set_aside(where, line.problem, line.data)
    try:
        record = orjson.loads(line.data)
    except orjson.JSONDecodeError:
        return set_aside(where, "broken JSON", line.data)
    document = kaggle_document(record, collection) if isinstance(record, dict) else None
    return document_or_reason(document, where) if document else set_aside(where, "no arXiv id", line.data)


def _text(value: object) -> str:
    return (
        value if isinstance(value, str) else str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
