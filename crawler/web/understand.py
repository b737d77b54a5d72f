"""What does one answer tell crawlers, and what does it tell people?

Runs in worker processes, one page at a time: everything that costs time, and everything that a hostile page could break, happens
here, on bytes, without network and without state. What comes back is small and ready to be stored.
"""

from __future__ import annotations

import atexit
import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

import orjson

from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError, PdfRefused
from crawler.extract import Extracted, extract
from crawler.pdf.pdf import PdfReader
from crawler.web.page import canonical_url, read_page
from crawler.web.scope import Scope
from indexer.document import MAX_TEXT, Document

PDF_SECONDS = 45.0
"""For one PDF; less than workers.SECONDS, so that a slow one is told as slow."""
_pdfs = PdfReader(PDF_SECONDS)
"""Its process begins with the first PDF of a worker, and ends with the worker."""
atexit.register(_pdfs.close)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it is sent to a worker."""

    url: str
    body: bytes
    form: Literal["html", "text", "pdf"]
    declared: str | None = None
    """Charset that the server names."""
    robots: tuple[str, ...] = ()
    """Values of X-Robots-Tag."""
    link_headers: tuple[str, ...] = ()
    """Values of Link."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One page, ready to be stored."""

    keep: bool = True
    """False where the page asks not to be indexed."""
    canonical: tuple[str, str] = ("", "")
    """Key and URL of the page that this one names as canonical, where that is another page in scope; else empty."""
    follow: tuple[tuple[str, str], ...] = ()
    """Key and URL of each link in scope."""
    document: bytes = b""
    """The document's JSON; empty where there is none."""
    doc_id: str = ""
    digest: bytes = b""
    """Of the document's JSON."""
    outlinks: bytes = b""
    """``{"url": …, "links": [[URL, anchor], …]}``."""
    reason: str = ""
    """Why there is no document; empty where there is one, or the page asks not to be kept."""
    excerpt: str = ""


def understand(answer: Answer, scope: Scope) -> Understood:
    """Never raises on any bytes, short of running out of memory."""
    try:
        markup = "" if answer.form == "pdf" else decode(answer.body, answer.declared, markup=answer.form == "html")
    except DecodeError as error:
        return Understood(reason="no text", excerpt=str(error))
    page = read_page(markup if answer.form == "html" else "", answer.url, answer.robots, answer.link_headers)
    follow = tuple((key, url) for url, _ in page.anchors if scope.contains(url) and (key := _key(url)))
    outlinks = orjson.dumps({"url": answer.url, "links": page.anchors})
    if not page.keep:
        return Understood(keep=False, follow=follow)
    key = canonical_url(answer.url)
    named = (_key(page.canonical), page.canonical) if page.canonical and scope.contains(page.canonical) else ("", "")
    canonical = named if named[0] and named[0] != key else ("", "")
    try:
        found = _extracted(answer, markup)
    except ExtractionError as error:
        reason = error.reason if isinstance(error, PdfRefused) else "no text"
        return Understood(follow=follow, outlinks=outlinks, reason=reason, excerpt=str(error))
    if len(found.text) > MAX_TEXT:
        return Understood(follow=follow, outlinks=outlinks, reason="text too long", excerpt=f"{len(found.text):,} characters")
    document = document_of(found, canonical[0] or key, canonical[1] or answer.url, scope.collection_of(answer.url))
    line = document.to_json()
    digest = hashlib.blake2b(line, digest_size=16).digest()
    return Understood(True, canonical, follow, line, document.id, digest, outlinks)


def document_of(found: Extracted, key: str, url: str, collection: str) -> Document:
    """The document of one page, under its canonical key."""
    return Document(
        id=f"web:{key}",
        title=found.title or _last_name(key) or key,
        text=found.text,
        url=url.partition("#")[0],
        authors=found.authors,
        venue=found.site_name,
        published=found.published,
        language=found.language,
        collection=collection,
        sections=found.sections,
        details={"date_confidence": found.date_confidence} if found.date_confidence else {},
    )


def _extracted(answer: Answer, markup: str) -> Extracted:
    if answer.form == "pdf":
        read = _pdfs.read(answer.body, answer.url)
        title = _last_name(answer.url) if read.title == answer.url else read.title
        return Extracted(title, read.text, read.authors, read.published, sections=read.sections)
    if answer.form == "html":
        return extract(answer.body, answer.url, answer.declared)
    if not (text := markup.strip()):
        raise ExtractionError(f"no text in {answer.url}")
    return Extracted(title="", text=text)


def _last_name(url: str) -> str:
    return unquote(PurePosixPath(urlsplit(url).path).name)


def _key(url: str) -> str:
    try:
        return canonical_url(url)
    except ValueError:
        return ""
