"""What does the ACL Anthology hold?

Reads the Anthology's XML files (a folder of them, or one) and yields a document per <paper>. Front matter (one a volume:
covers, tables of contents) is no paper and is skipped and counted; its editors are the editors of the volume's papers.
Nothing is fetched, no entity is expanded and a file with a document type declaration is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.papers import About
from crawler.papers.language import language_code
from crawler.papers.markup import plain_text, tidy
from crawler.papers.parts import Part, find_parts, read_parts, titled
from crawler.papers.xml_records import read_xml
from crawler.reading import Reading, Skipped, document_or_reason, set_aside
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

SITE = "https://aclanthology.org"

_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)?(1?0\.\d{4,9}/\S+)$", re.IGNORECASE)


class AclSource:
    """The ACL Anthology's ``data/xml``."""

    about = About(
        name="ACL Anthology",
        documentation="https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc",
        terms="CC BY 4.0 for papers from 2016 on, CC BY-NC-SA 3.0 before; other publishers keep their own.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every paper under `path`, file by file in name order. Raises UsageError or SourceError where there is no XML."""
        yield from read_parts(_xml_parts(path), lambda part, file: _read_file(part, file, collection or "acl"))


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume's <meta> says about each of its papers."""

    venue: str
    editors: tuple[str, ...]
    published: str
    isbn: str
    details: dict[str, str]


def anthology_id(collection: str, volume: str, paper: str) -> str:
    """The Anthology's id of a paper: ``P19-1001``, ``W06-0101``, ``2020.acl-main.1``.

    Ids before 2020 have four digits after the dash: one of the volume and three of the paper, but two and two for workshops
    (W), C69, and D19 from volume 5 on. Newer ids are not padded. <https://aclanthology.org/info/ids/>
    """
    if collection[:1].isdigit():
        return f"{collection}-{volume}.{paper}"
    if collection.startswith("W") or collection == "C69" or (collection == "D19" and int(volume) >= 5):
        return f"{collection}-{int(volume):02d}{int(paper):02d}"
    return f"{collection}-{int(volume)}{int(paper):03d}"


def published(year: str, month: str) -> str:
    """``2019-07`` where the month can be read, else the year: `29 October--3 November` is October, `6` is June."""
    found = _YEAR.search(year)
    if not found:
        return ""
    name = _MONTH.search(month)
    number = _MONTHS.index(name.group(1).lower()) // 3 + 1 if name else int(month) if month.isdecimal() else 0
    return f"{found.group()}-{number:02d}" if 1 <= number <= 12 else found.group()


def _xml_parts(path: Path | str) -> list[Part]:
    """The files of a folder of XML, or of the data/xml folder of a clone of the Anthology."""
    clone = Path(path) / "data" / "xml" if "://" not in str(path) else None
    return find_parts(clone if clone and clone.is_dir() else path, (".xml",))


def _read_file(part: Part, file: BinaryIO, collection: str) -> Iterator[Reading]:
    """Papers of one file, each released once it is read; a break ends the file with its line, and what came before stays."""
    volume: Volume | None = None
    for record in read_xml(file, part.name, ("meta", "frontmatter", "paper")):
        element = record.element
        if element is None:
            yield Reading(set_aside(record.where, record.problem, record.excerpt), record.where, 1.0)
            return
        parent = element.getparent()
        if parent is None or parent.tag != "volume":  # the <meta> of an event
            continue
        if element.tag == "meta":
            volume = _volume(element)
        elif element.tag == "frontmatter":
            yield Reading(Skipped(record.where, "front matter"), record.where, 0.0)
        else:
            yield _paper_reading(element, volume, record.where, collection, 0.0)


def _paper_reading(paper: _Element, volume: Volume | None, where: str, collection: str, share: float) -> Reading:
    parent = paper.getparent()
    assert parent is not None
    root = parent.getparent()
    name = (root.get("id", "") if root is not None else "", parent.get("id", ""), paper.get("id", ""))
    try:
        acl_id = anthology_id(*name) if all(name) else ""
    except ValueError:
        acl_id = ""
    if not acl_id:
        return Reading(set_aside(where, "no Anthology id", " ".join(name)), where, share)
    document = _document(paper, acl_id, volume or Volume("", (), "", "", {}), collection)
    return Reading(titled(document_or_reason(document, where), where), where, share)


def _document(paper: _Element, acl_id: str, volume: Volume, collection: str) -> Document:
    link = _text(paper, "url")
    identifiers = {"acl": acl_id, **_doi_or_handle(_text(paper, "doi"))}
    if link and (link.endswith(".pdf") or "://" not in link):
        identifiers["pdf"] = link if "://" in link else f"{SITE}/{link}.pdf"
    if volume.isbn:
        identifiers["isbn"] = volume.isbn
    if bibkey := _text(paper, "bibkey"):
        identifiers["bibkey"] = bibkey
    return Document(
        id=f"acl:{acl_id}",
        title=plain_text(paper.find("title")) or acl_id,
        text=plain_text(paper.find("abstract")),
        kind="paper",
        url=f"{SITE}/{acl_id}/",
        authors=_names(paper, "author"),
        editors=_names(paper, "editor") or volume.editors,
        venue=volume.venue,
        published=volume.published,
        language=language_code(_text(paper, "language")),
        collection=collection,
        identifiers=identifiers,
        details={**volume.details, **_details(paper, link if "://" in link else "")},
    )


def _doi_or_handle(doi: str) -> dict[str, str]:
    """The DOI without prefixes; a few <doi> hold a Handle URL, a few have lost the 1 of ``10.``, and one is incomplete."""
    if found := _DOI.match(doi):
        name = found.group(1)
        return {"doi": name if name.startswith("1") else f"1{name}"}
    return {"handle": doi} if "://" in doi else {}


def _details(paper: _Element, link: str) -> dict[str, str]:
    """What only the Anthology says about a paper; retractions and corrections above all."""
    details = {"link": link} if link and not link.endswith(".pdf") else {}
    for tag in ("pages", "journal", "issue", "note"):
        if value := _text(paper, tag):
            details[tag] = value
    doi = _text(paper, "doi")
    if doi and not _doi_or_handle(doi):
        details["doi"] = doi  # incomplete: shown, but no name of the work
    for tag in ("retracted", "removed"):
        if (element := paper.find(tag)) is not None:
            details[tag] = " ".join(filter(None, (element.get("date", ""), plain_text(element)))) or "yes"
    corrections = {
        "awards": [plain_text(e) for e in paper.iterfind("award")],
        "errata": [f"{SITE}/{plain_text(e)}.pdf {e.get('date', '')}".strip() for e in paper.iterfind("erratum")],
        "revisions": [_revision(e) for e in paper.iterfind("revision") if e.get("id") != "1"],  # 1 is the first version
        "attachments": [_attachment(plain_text(e)) for e in paper.iterfind("attachment")],
        "names": [_variant(e) for e in paper.iterfind("author/variant")],
    }
    details |= {name: "; ".join(values) for name, values in corrections.items() if values}
    if kind := paper.get("type"):
        details["type"] = kind
    return details


def _revision(element: _Element) -> str:
    return " ".join(filter(None, (f"v{element.get('id', '?')}", element.get("date", ""), plain_text(element))))


def _attachment(name: str) -> str:
    return name if "://" in name else f"{SITE}/attachments/{name}"


def _variant(variant: _Element) -> str:
    """``Yu Wang = 王昱``: Han names are written family first and joined."""
    owner = variant.getparent()
    assert owner is not None
    first, last = _text(variant, "first"), _text(variant, "last")
    name = f"{last}{first}" if variant.get("script") == "hani" else f"{first} {last}".strip()
    return f"{_name(owner)} = {name}"


def _names(element: _Element, tag: str) -> tuple[str, ...]:
    return tuple(name for person in element.iterfind(tag) if (name := _name(person)))


def _name(person: _Element) -> str:
    return f"{_text(person, 'first')} {_text(person, 'last')}".strip()


def _text(element: _Element, tag: str) -> str:
    return tidy(element.findtext(tag) or "")


def _volume(meta: _Element) -> Volume:
    parent = meta.getparent()
    details = {
        "volume": parent.get("id", "") if parent is not None else "",
        "venues": " ".join(tidy(venue.text or "") for venue in meta.iterfind("venue")),
        **{tag: _text(meta, tag) for tag in ("publisher", "address", "journal-title", "journal-volume", "journal-issue")},
    }
    return Volume(
        venue=plain_text(meta.find("booktitle")),
        editors=_names(meta, "editor"),
        published=published(_text(meta, "year"), _text(meta, "month")),
        isbn=_text(meta, "isbn"),
        details={name: value for name, value in details.items() if value},
    )
