"""What does PubMed hold?

Reads the baseline, the daily update files and E-utilities replies (PubmedArticleSet, PubmedBookArticleSet, DeleteCitation),
gzip or plain. Of a folder the newest file is read first: a record that a newer file has replaced or deleted is passed over, so
that the corpus ends as PubMed stands, whatever it held before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.papers import About
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.pubmed_record import document_of
from crawler.papers.xml_records import read_xml
from crawler.reading import Deleted, Reading, Skipped, document_or_reason, set_aside

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAGS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation", "DeleteCitation", "DeleteDocument")
_MAX_PMID = 1 << 30
"""PMIDs are below 50 million; a larger number in a broken record must not size a table."""


class PubmedSource:
    """PubMed's citations as XML."""

    about = About(
        name="PubMed",
        documentation="https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html",
        terms="NLM Terms and Conditions: free, NLM named as the source; abstracts may be under their publishers' copyright.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every citation under `path`, newest file first. Raises UsageError or SourceError where there is no XML."""
        parts = find_parts(path, (".xml",))
        parts.sort(key=lambda part: part.name.rpartition("/")[2], reverse=True)
        newer = _Seen() if len(parts) > 1 else None

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            for record in read_xml(file, part.name, _TAGS):
                if record.element is None:
                    yield Reading(set_aside(record.where, record.problem, record.excerpt), record.where, 0.0)
                else:
                    yield from _readings(record.element, record.where, collection or "pubmed", newer)
            if newer is not None:
                newer.next_file()

        yield from read_parts(parts, read)


class _Seen:
    """PMIDs that newer files have spoken of: a bit for each, about 5 MB for all of PubMed."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self._here: list[int] = []
        """PMIDs of the file being read, which may speak of one twice."""

    def known(self, pmid: str) -> bool:
        """Whether a newer file spoke of it; notes that this file does."""
        number = int(pmid) if pmid.isdecimal() else -1
        if not 0 <= number < _MAX_PMID:
            return False
        self._here.append(number)
        return number // 8 < len(self._bits) and bool(self._bits[number // 8] >> number % 8 & 1)

    def next_file(self) -> None:
        """What this file spoke of is newer than all that follow."""
        for number in self._here:
            if number // 8 >= len(self._bits):
                self._bits.extend(bytes(number // 8 + 1 - len(self._bits)))
            self._bits[number // 8] |= 1 << number % 8
        self._here.clear()


def _readings(element: _Element, where: str, collection: str, newer: _Seen | None) -> Iterator[Reading]:
    """The readings of one element: a citation is one, a list of deletions one for each."""
    if element.tag in ("DeleteCitation", "DeleteDocument"):
        for pmid in filter(None, map(pmid_of, element.iterfind("PMID"))):
            if newer is None or not newer.known(pmid):
                yield Reading(Deleted(where, f"pubmed:{pmid}"), where, 0.0)
        return
    pmid = pmid_of(element.find("MedlineCitation/PMID" if element.tag == "PubmedArticle" else ".//PMID"))
    if not pmid:
        yield Reading(set_aside(where, "no PMID", "".join(map(str, element.itertext()))), where, 0.0)
    elif newer is not None and newer.known(pmid):
        yield Reading(Skipped(where, "replaced by a newer file"), where, 0.0)
    else:
        yield Reading(document_or_reason(document_of(element, pmid, collection), where), where, 0.0)


def pmid_of(element: _Element | None) -> str:
    """``12345``, or ``12345.2`` for its second version; empty where there is none."""
    if element is None or not (number := (element.text or "").strip()):
        return ""
    version = element.get("Version", "1")
    return number if version == "1" else f"{number}.{version}"
