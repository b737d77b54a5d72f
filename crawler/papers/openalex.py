"""What do OpenAlex's works say?

Reads the snapshot as it lies in its bucket (``data/works/updated_date=…/part_….gz`` and ``data/merged_ids/works``), single
parts, and replies of the interface. The newest partition comes first: of a work that lies in several, because old ones were not
cleared away, the newest is kept. What was merged into another work is read first: it is deleted from the corpus and passed over.
"""

from __future__ import annotations

import html
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from crawler.merging import identity
from crawler.papers import About
from crawler.papers.cited import cited
from crawler.papers.dates import checked_iso
from crawler.papers.json_records import object_of, objects_of, read_json, text_of, texts_of
from crawler.papers.language import language_code
from crawler.papers.lines import read_lines
from crawler.papers.markup import tidy
from crawler.papers.numbers_met import Numbers
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.reading import Deleted, Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

SITE = "https://openalex.org"
_DIGITS = 15
"""Characters of an id that are believed; numbers are below 10 billion."""
MAX_POSITION = 2_000_000
"""Positions of an inverted abstract that are believed; a larger one is damage."""

_WORKS = re.compile(r"(?:^|/)(?:part_[^/]*|[^/]*\.jsonl?)(?:\.gz|\.gzip|\.zst|\.zstd)?$")
_MERGED = re.compile(r"(?:^|/)merged_ids/works/[^/]+\.csv(?:\.gz)?$")
_OTHER = re.compile(
    r"(?:^|/)(?:authors|sources|institutions|concepts|topics|publishers|funders|fields|subfields|domains|awards)/"
)
_HEADING = re.compile(r"^(?:ABSTRACT|Abstract)(?:\s*[:.—–-]\s*|\s+(?=[A-Z0-9]))")
"""The heading of an abstract, at its beginning: not `Abstract interpretation is …`, unless it is written large."""
_PARTITION = re.compile(r"updated_date=(\d{4}-\d\d-\d\d)")
_LINE_END = re.compile(r"(?:&#13;|\\r)\s?(?:\\n)?|\\n(?=\s)")
"""Line ends that were written out, ``&#13;\\n``: they have become parts of words in the index."""
_TAG = re.compile(r"</?(?:i|b|u|em|strong|sub|sup|scp|tt|p|br|span|title|jats:[a-z-]+|mml:[a-z]+)\b[^<>]{0,200}>", re.IGNORECASE)


class OpenAlexSource:
    """Works of OpenAlex."""

    about = About(
        name="OpenAlex",
        documentation="https://developers.openalex.org/download/snapshot-format",
        terms="CC0: free of all restrictions; OpenAlex asks to be named.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every work under `path`, newest partition first. Raises UsageError or SourceError where there is none."""
        parts = find_parts(path, (".jsonl", ".json", ".csv", ""))
        if len(parts) > 1 or parts[0].name != str(path):
            parts = [part for part in parts if _is_works(part.name)]
        works = [part for part in parts if not _MERGED.search(part.name)]
        works.sort(key=lambda part: part.name)
        works.sort(key=_partition, reverse=True)  # stable: within a partition by name

        merged = [part for part in parts if _MERGED.search(part.name)]
        seen = _Seen()
        read_works = told(lambda part, file: _works(file, part.name, collection or "openalex", seen))

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            if _MERGED.search(part.name):
                yield from _merged(file, part.name, seen)
            else:
                yield from read_works(part, file)
                seen.next_file()

        yield from read_parts([*merged, *works], read)


class _Seen:
    """Works that were merged into others, and works that newer files have held: a bit for each."""

    def __init__(self) -> None:
        self.merged, self._newer = Numbers(), Numbers()
        self._here = array("Q")

    def next_file(self) -> None:
        """What this file held is newer than all that follow."""
        for number in self._here:
            self._newer.add(number)
        self._here = array("Q")

    def why_skipped(self, work: int) -> str:
        """Why a work of this number is passed over, empty where it is not; notes that this file holds it."""
        self._here.append(work)
        return "merged into another work" if work in self.merged else "replaced by a newer file" if work in self._newer else ""


def _is_works(name: str) -> bool:
    name = name.replace("\\", "/")
    return bool(_MERGED.search(name)) or (bool(_WORKS.search(name)) and not _OTHER.search(name) and "merged_ids/" not in name)


def _partition(part: Part) -> str:
    found = _PARTITION.search(part.name)
    return found[1] if found else ""


def _works(file: BinaryIO, name: str, collection: str, seen: _Seen) -> Iterator[Reading]:
    for record in read_json(file, name, ("results",)):
        if record.fields is None:
            yield Reading(set_aside(record.where, record.problem or "empty record", record.excerpt), record.where, 0.0)
        else:
            work = identity.openalex(_id(record.fields))
            why = seen.why_skipped(int(work[1:])) if 1 < len(work) < _DIGITS else ""
            read = Skipped(record.where, why) if why else _document(record.fields, record.where, collection)
            yield Reading(read, record.where, 0.0)


def _merged(file: BinaryIO, name: str, seen: _Seen) -> Iterator[Reading]:
    """Lines of ``merge_date,id,merge_into_id``."""
    for line in read_lines(file):
        where, fields = f"{name}:{line.number}", line.data.decode(errors="replace").split(",")
        if line.problem:
            yield Reading(set_aside(where, line.problem, line.data), where, 0.0)
        elif len(fields) > 1 and (number := identity.openalex(fields[1])):
            if len(number) < _DIGITS:
                seen.merged.add(int(number[1:]))
            yield Reading(Deleted(where, f"openalex:{number}"), where, 0.0)


def _document(work: dict[str, Any], where: str, collection: str) -> Document | SetAside:
    number = identity.openalex(_id(work))
    if not number:
        return set_aside(where, "no OpenAlex id", text_of(work.get("display_name")) or str(work)[:200])
    place = object_of(work.get("primary_location")) or object_of(work.get("host_venue"))
    venue = object_of(place.get("source")) or place
    retracted = work.get("is_retracted")
    text = _HEADING.sub("", abstract(work.get("abstract_inverted_index")) or plain(work.get("abstract")))
    document = Document(
        id=f"openalex:{number}",
        title=plain(work.get("title")) or plain(work.get("display_name")) or f"{SITE}/{number}",
        text=text,
        kind="paper",
        url=text_of(place.get("landing_page_url")) or text_of(work.get("doi")) or f"{SITE}/{number}",
        authors=tuple(filter(None, map(_author, objects_of(work.get("authorships"))))),
        venue=text_of(venue.get("display_name")) or text_of(place.get("raw_source_name")),
        published=checked_iso(text_of(work.get("publication_date"))) or checked_iso(text_of(work.get("publication_year"))),
        language=language_code(text_of(work.get("language"))),
        collection=collection,
        identifiers=_identifiers(work, number, venue),
        retracted=retracted if isinstance(retracted, bool) else None,
        references=tuple(cited("", openalex=name) or name for name in texts_of(work.get("referenced_works"))),
        details=_details(work, place),
    )
    return document_or_reason(document, where)


def _id(work: dict[str, Any]) -> str:
    return text_of(work.get("id")) or text_of(object_of(work.get("ids")).get("openalex"))


def abstract(inverted: object) -> str:
    """The text of an inverted index, word -> positions; of two words at one position the first stays.

    The older form wraps it: ``{"IndexLength": 5, "InvertedIndex": {…}}``.
    """
    index = object_of(inverted)
    index = object_of(index.get("InvertedIndex")) or index
    words: dict[int, str] = {}
    for word, positions in index.items():
        for position in positions if isinstance(positions, list) else ():
            if isinstance(position, int) and 0 <= position <= MAX_POSITION:
                words.setdefault(position, word)
    return plain(" ".join(words[position] for position in sorted(words)))


def plain(text: object) -> str:
    """Titles and abstracts come with markup of their publishers, sometimes escaped; it is taken out."""
    found = _LINE_END.sub(" ", text_of(text))
    if "&lt;" in found:
        found = html.unescape(found)
    return tidy(_TAG.sub("", found) if "<" in found else found)


def _author(authorship: dict[str, Any]) -> str:
    author = object_of(authorship.get("author"))
    return text_of(author.get("display_name")) or text_of(authorship.get("raw_author_name"))


def _identifiers(work: dict[str, Any], number: str, venue: dict[str, Any]) -> dict[str, str]:
    ids = object_of(work.get("ids"))
    found = {"openalex": number}
    for scheme in ("doi", "pmid", "pmcid", "arxiv"):
        printed = text_of(work.get(scheme)) or text_of(ids.get(scheme))
        if name := identity.NORMAL[scheme](printed):
            found[scheme] = name
    locations = [object_of(work.get(key)) for key in ("best_oa_location", "primary_location")] + objects_of(work.get("locations"))
    if "arxiv" not in found and (preprint := next(filter(None, map(_arxiv, locations)), "")):
        found["arxiv"] = preprint
    if mag := text_of(ids.get("mag")):
        found["mag"] = mag
    if issn := text_of(venue.get("issn_l")) or next(iter(texts_of(venue.get("issn"))), ""):
        found["issn"] = issn
    open_access = text_of(object_of(work.get("open_access")).get("oa_url"))
    if pdf := next(filter(None, (text_of(place.get("pdf_url")) for place in locations)), ""):
        found["pdf"] = pdf
    elif open_access.endswith(".pdf"):
        found["pdf"] = open_access
    return found


def _arxiv(location: dict[str, Any]) -> str:
    url = text_of(location.get("landing_page_url"))
    return str(identity.arxiv(url) or "") if "arxiv" in url.lower() else ""


def _details(work: dict[str, Any], place: dict[str, Any]) -> dict[str, str]:
    """Counts of citations are left out: they change with every release, and would make every document a changed one."""
    biblio, topic = object_of(work.get("biblio")), object_of(work.get("primary_topic"))
    details = {
        "type": text_of(work.get("type")),
        "volume": text_of(biblio.get("volume")),
        "issue": text_of(biblio.get("issue")),
        "pages": "-".join(texts_of([biblio.get("first_page"), biblio.get("last_page")])),
        "publisher": text_of(object_of(place.get("source")).get("host_organization_name")),
        "license": text_of(place.get("license")),
        "version": text_of(place.get("version")),
        "topic": text_of(topic.get("display_name")),
        "field": text_of(object_of(topic.get("field")).get("display_name")),
        "keywords": "; ".join(
            texts_of([item.get("display_name") or item.get("keyword") for item in objects_of(work.get("keywords"))])
        ),
        "mesh": "; ".join(_mesh(heading) for heading in objects_of(work.get("mesh"))),
        "open_access": text_of(object_of(work.get("open_access")).get("oa_status")),
        "paratext": "yes" if work.get("is_paratext") is True else "",
    }
    return {name: value for name, value in details.items() if value}


def _mesh(heading: dict[str, Any]) -> str:
    star = "*" if heading.get("is_major_topic") is True else ""
    return star + "/".join(texts_of([heading.get("descriptor_name"), heading.get("qualifier_name")]))
