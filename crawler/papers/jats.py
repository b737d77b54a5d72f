"""What does a full-text article in JATS say?

Reads articles of PubMed Central and of every publisher that deposits there: single ``.xml`` or ``.nxml`` files, Europe PMC's and
E-utilities' sets of articles, OAI-PMH replies, and the open-access subset's ``.tar.gz`` packages, one article at a time.
"""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from crawler.papers import About
from crawler.papers.jats_body import read_body
from crawler.papers.jats_front import Front, read_front
from crawler.papers.jats_references import read_references
from crawler.papers.mathml import name_of
from crawler.papers.other_kind import told
from crawler.papers.parts import Part, find_parts, read_parts
from crawler.papers.xml_records import read_xml
from crawler.reading import Reading, document_or_reason, set_aside
from indexer.document import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

_PACKAGES = (".tar.gz", ".tgz", ".tar")
_ARTICLES = (".xml", ".nxml")
_SUFFIX = re.compile(r"\.n?xml(\.(gz|gzip|zst|zstd))?$")
_TAGS = ("{*}article",)
_SETS = ("articles", "pmc-articleset", "OAI-PMH")


class JatsSource:
    """JATS (ANSI/NISO Z39.96) and its ancestor, the NLM journal DTDs."""

    about = About(
        name="PubMed Central / JATS",
        documentation="https://jats.nlm.nih.gov/publishing/tag-library/1.4/",
        terms="Each article under its own licence (details: license); PMC offers the Open Access Subset alone for bulk use.",
    )

    def read(self, path: Path | str, collection: str = "") -> Iterator[Reading]:
        """Every article under `path`, in the order of the files. Raises UsageError or SourceError where there is none."""

        def read(part: Part, file: BinaryIO) -> Iterator[Reading]:
            if part.name.endswith(_PACKAGES):
                yield from _package(file, part.name, collection or "pmc")
            else:
                yield from _articles(file, part.name, collection or "pmc")

        yield from read_parts(find_parts(path, (*_ARTICLES, ".tar", ".tgz")), told(read, *_SETS))


def _articles(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    """Every article of one file; its name stands in for the number that an article should have."""
    stem, count = _SUFFIX.sub("", name.rpartition("/")[2]), 0
    for record in read_xml(file, name, _TAGS):
        if record.element is None:
            yield Reading(set_aside(record.where, record.problem, record.excerpt), record.where, 0.0)
        else:
            count += 1
            document = document_of(record.element, stem if count == 1 else f"{stem}#{count}", collection)
            yield Reading(document_or_reason(document, record.where), record.where, 0.0)


def _package(file: BinaryIO, name: str, collection: str) -> Iterator[Reading]:
    """Every article of a tar file, read as a stream: nothing is unpacked to disk."""
    try:
        with tarfile.open(fileobj=file, mode="r|*") as package:
            for member in package:
                if member.isfile() and member.name.endswith(_ARTICLES) and (article := package.extractfile(member)):
                    yield from _articles(cast("BinaryIO", article), f"{name}/{member.name}", collection)
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        yield Reading(set_aside(name, "damaged package", str(error)), name, 0.0)


def document_of(article: _Element, key: str, collection: str) -> Document:
    """The document of one ``<article>``."""
    _simplify(article)
    front = read_front(article)
    outline = read_body(article)
    return Document(
        id=_id(front, key),
        title=front.title or key,
        text=outline.text,
        kind="paper",
        url=_url(front),
        authors=front.authors,
        editors=front.editors,
        venue=front.venue,
        published=front.published,
        language=front.language,
        collection=collection,
        identifiers=front.identifiers,
        sections=outline.sections,
        retracted=front.retracted,
        notices=front.notices,
        references=read_references(article),
        details=front.details,
    )


def _simplify(article: _Element) -> None:
    """Names without their namespace and in lower case: HTML tables come as ``TD``, PMC's articles in a namespace of their own."""
    for element in article.iter():
        if (name := name_of(element)) and name != element.tag:
            element.tag = name


def _id(front: Front, key: str) -> str:
    if number := front.identifiers.get("pmcid"):
        return f"pmc:{number}"
    return f"pmc:{front.identifiers.get('doi') or front.details.get('publisher_id') or key}"


def _url(front: Front) -> str:
    if number := front.identifiers.get("pmcid"):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{number}/"
    doi = front.identifiers.get("doi")
    return f"https://doi.org/{doi}" if doi else ""
