"""What does DBLP hold?

Reads the dump `dblp.xml` (or .gz) and any cut of it, and replies of ``https://dblp.org/rec/KEY.xml``. Its entities are Latin
letters by HTML's names, which xml_repair.py knows; the DTD is neither needed nor fetched. Home pages of persons (`www`, `person`)
are no publications and are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from crawler.merging import identity
from crawler.papers import About
from crawler.papers.cited import cited
from crawler.papers.dates import iso_date
from crawler.papers.markup import tidy
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.running_text import running_text
from crawler.papers.xml_records import read_xml
from crawler.papers.xml_repair import RepairedXml
from crawler.reading import Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

SITE = "https://dblp.org"
_PUBLICATIONS = ("article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "data")
_OTHERS = {"www": "web page", "person": "person"}
_DETAILS = (
    "pages",
    "volume",
    "number",
    "chapter",
    "series",
    "publisher",
    "address",
    "school",
    "note",
    "crossref",
    "publnr",
    "stream",
)
_HOMONYM = re.compile(r"\s+\d{4}$")
"""``Manish Singh 0001``: which of the persons of that name."""


class DblpSource:
    """DBLP's publications."""

    about = About(
        name="DBLP",
        documentation="https://dblp.org/faq/16154937.html and https://dblp.org/xml/dblp.dtd",
        terms="CC0 1.0.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every publication under `path`. Raises UsageError or SourceError where there is no XML."""

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            for found in read_xml(cast("BinaryIO", RepairedXml(file)), part.name, (*_PUBLICATIONS, *_OTHERS)):
                if found.element is None:
                    record: Document | SetAside | Skipped = set_aside(found.where, found.problem, found.excerpt)
                else:
                    record = _record(found.element, found.where, collection or "dblp")
                yield Reading(record, found.where, 0.0)

        yield from read_parts(find_parts(path, (".xml",)), told(read, "dblp", "dblpperson", "result"))


def _record(element: _Element, where: str, collection: str) -> Document | SetAside | Skipped:
    key = (element.get("key") or "").strip()
    if element.tag in _OTHERS:
        return Skipped(where, "person" if key.startswith("homepages/") else _OTHERS[str(element.tag)])
    if not key:
        return set_aside(where, "no key", running_text(element))
    return document_or_reason(_document(element, key, collection), where)


def _document(element: _Element, key: str, collection: str) -> Document:
    links = _texts(element, "ee")
    title = running_text(element.find("title"))
    kinds = (element.get("publtype") or "").split()
    details = {name: "; ".join(_texts(element, name)) for name in _DETAILS}
    details["type"] = " ".join((str(element.tag), *kinds))
    details["links"] = " ".join(links[1:])
    return Document(
        id=f"dblp:{key}",
        title=title[:-1] if title.endswith(".") and not title.endswith("..") else title or key,
        kind="paper",
        url=next(iter(links), f"{SITE}/rec/{key}"),
        authors=_names(element, "author"),
        editors=_names(element, "editor"),
        venue=next((text for tag in ("journal", "booktitle", "school", "series") for text in _texts(element, tag)), ""),
        published=iso_date(_text(element, "year"), _text(element, "month")),
        collection=collection,
        identifiers=_identifiers(element, key, links),
        retracted=True if "withdrawn" in kinds else None,
        references=tuple(filter(None, map(_reference, _texts(element, "cite")))),
        details={name: value for name, value in details.items() if value},
    )


def _identifiers(element: _Element, key: str, links: list[str]) -> dict[str, str]:
    volume = _text(element, "volume")
    preprint = volume.startswith("abs/") or _text(element, "journal") == "CoRR"
    number = identity.arxiv(volume) if preprint else next(filter(None, map(identity.arxiv, links)), None)
    found = {
        "dblp": key,
        "doi": next(filter(None, map(identity.doi, links)), ""),
        "arxiv": str(number or ""),
        "isbn": next(filter(None, map(identity.isbn, _texts(element, "isbn"))), ""),
        "pdf": next((link for link in links if link.lower().endswith(".pdf")), ""),
    }
    return {scheme: name for scheme, name in found.items() if name}


def _reference(key: str) -> str:
    """DBLP's own key; three dots stand for a work that DBLP does not have."""
    if key.strip(".") == "":
        return ""
    return f"dblp:{key}" if identity.dblp(key) else cited(key)


def _names(element: _Element, tag: str) -> tuple[str, ...]:
    return tuple(_HOMONYM.sub("", name) for name in _texts(element, tag))


def _texts(element: _Element, tag: str) -> list[str]:
    return [text for child in element.iterfind(tag) if (text := tidy("".join(map(str, child.itertext()))))]


def _text(element: _Element, tag: str) -> str:
    return next(iter(_texts(element, tag)), "")
