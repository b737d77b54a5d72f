"""What does PubMed hold?

Reads the baseline, the daily update files and E-utilities replies (PubmedArticleSet, PubmedBookArticleSet, DeleteCitation),
gzip or plain. Of a folder the newest file is read first: a record that a newer file, or the same file further down, has replaced
or deleted is passed over, so that the corpus ends as PubMed stands, whatever it held before.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.papers import About
from crawler.papers.numbers_met import Numbers
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.pubmed_record import document_of
from crawler.papers.xml_records import read_xml
from crawler.reading import Deleted, Reading, Skipped, document_or_reason, set_aside

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAGS = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation", "DeleteCitation", "DeleteDocument")
_SETS = ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", "DeleteCitation")
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
        seen = _Seen()

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            seen.next_file(part)
            for record in read_xml(file, part.name, _TAGS):
                if record.element is None:
                    yield Reading(set_aside(record.where, record.problem, record.excerpt), record.where, 0.0)
                else:
                    yield from _readings(record.element, record.where, collection or "pubmed", seen)

        yield from read_parts(parts, told(read, *_SETS))


class _Seen:
    """PMIDs that have been spoken of later: a bit for each, about 5 MB for all of PubMed."""

    def __init__(self) -> None:
        self._newer = Numbers()
        self._here = array("Q")
        """PMIDs of the file being read."""
        self._last: dict[str, int] = {}
        """PMID -> position of its last mention, for those that the file being read mentions more than once."""
        self._at = 0

    def next_file(self, part: Part) -> None:
        """What the file before spoke of is newer than `part`, which is gone through once for what it says twice."""
        for number in self._here:
            self._newer.add(number)
        self._here = array("Q")
        self._last, self._at = _last_mentions(part), 0

    def replaced_by(self, pmid: str) -> str:
        """What spoke of it later, empty for nothing; notes that this file does."""
        at, self._at = self._at, self._at + 1
        if number := _number(pmid):
            self._here.append(number)
            if number in self._newer:
                return "a newer file"
        return "the same file" if at < self._last.get(pmid, 0) else ""


def _last_mentions(part: Part) -> dict[str, int]:
    """Where a file last mentions each PMID that it mentions twice; empty where it cannot be read, which its reading will tell."""
    once, last, at = Numbers(), {}, 0
    try:
        with part.open() as file:
            for record in read_xml(file, part.name, _TAGS):
                for pmid in _mentions(record.element):
                    number = _number(pmid)
                    if not number or number in once:
                        last[pmid] = at
                    else:
                        once.add(number)
                    at += 1
    except OSError:
        return {}
    return last


def _mentions(element: _Element | None) -> list[str]:
    """The PMIDs that one element is about: a citation has one, a list of deletions any number."""
    if element is None:
        return []
    if element.tag in ("DeleteCitation", "DeleteDocument"):
        return list(filter(None, map(pmid_of, element.iterfind("PMID"))))
    pmid = pmid_of(element.find("MedlineCitation/PMID" if element.tag == "PubmedArticle" else ".//PMID"))
    return [pmid] if pmid else []


def _number(pmid: str) -> int:
    """The PMID as a number; 0 for ``12345.2``, which is a version, and for numbers that are none."""
    number = int(pmid) if pmid.isdecimal() and len(pmid) < 11 else 0
    return number if number < _MAX_PMID else 0


def _readings(element: _Element, where: str, collection: str, seen: _Seen) -> Iterator[Reading]:
    """The readings of one element: a citation is one, a list of deletions one for each."""
    mentions = _mentions(element)
    if element.tag in ("DeleteCitation", "DeleteDocument"):
        for pmid in mentions:
            if not seen.replaced_by(pmid):
                yield Reading(Deleted(where, f"pubmed:{pmid}"), where, 0.0)
    elif not mentions:
        yield Reading(set_aside(where, "no PMID", "".join(map(str, element.itertext()))), where, 0.0)
    elif by := seen.replaced_by(mentions[0]):
        yield Reading(Skipped(where, f"replaced by {by}"), where, 0.0)
    else:
        yield Reading(document_or_reason(document_of(element, mentions[0], collection), where), where, 0.0)


def pmid_of(element: _Element | None) -> str:
    """``12345``, or ``12345.2`` for its second version; empty where there is none."""
    if element is None or not (number := (element.text or "").strip()):
        return ""
    version = element.get("Version", "1")
    return number if version == "1" else f"{number}.{version}"
