"""How does the process that reads PDFs answer?

Gets PDFs on standard input and writes JSON to standard output, each with its length before it. It limits itself before it reads
the first byte: memory, no files written, no core. pdf.py starts it, times it, and starts it again when a PDF has killed it.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from typing import Any

import orjson
import pypdfium2
import pypdfium2.raw as pdfium

from crawler.pdf.layout import Layout, lay_out
from crawler.pdf.metadata import authors_in, creation_date, title_in
from indexer.document import MAX_TEXT

_HEADER = 8
_SAMPLE = 2_000
"""Characters that tell whether a text layer can be read."""
_REASONS = {
    pdfium.FPDF_ERR_PASSWORD: ("encrypted PDF", "it wants a password"),
    pdfium.FPDF_ERR_SECURITY: ("encrypted PDF", "its encryption is not known"),
}
_MAX_BOOKMARKS = 10_000


class _RefusedError(Exception):
    """Raised where there is no text; the arguments are the reason and why."""


def main() -> None:
    """Answer until standard input ends; arguments are the limit of memory in bytes and of pages."""
    memory, pages = int(sys.argv[1]), int(sys.argv[2])
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(header := source.read(_HEADER)) == _HEADER:
        data = source.read(int.from_bytes(header, "big"))
        try:
            answer = _read(data, pages)
        except _RefusedError as refused:
            answer = {"refused": refused.args[0], "why": refused.args[1]}
        except MemoryError:
            answer = {"refused": "PDF breaks its reader", "why": "it needs too much memory"}
        message = orjson.dumps(answer)
        sink.write(len(message).to_bytes(_HEADER, "big") + message)
        sink.flush()


def _read(data: bytes, max_pages: int) -> dict[str, Any]:
    if not data.strip():
        raise _RefusedError("empty PDF", "there is nothing in it")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise _RefusedError(*_REASONS.get(pdfium.FPDF_GetLastError(), ("broken PDF", "it cannot be parsed"))) from None
    with document:
        count = len(document)
        if not count:
            raise _RefusedError("broken PDF", "it has no pages")
        if count > max_pages:
            raise _RefusedError("PDF has too many pages", f"it has {count:,}; the limit is {max_pages:,}")
        layout = lay_out(_pages(document, count))
        if not layout.text:
            raise _RefusedError("scanned PDF", "it has no text layer; character recognition would have to make one")
        if _unreadable(layout.text):
            raise _RefusedError("PDF without readable text", "its fonts do not say which characters they draw")
        metadata = {key: _clean(value) for key, value in document.get_metadata_dict().items()}
        return {
            "title": title_in(metadata.get("Title", ""), layout.text),
            "text": layout.text,
            "authors": authors_in(metadata.get("Author", "")),
            "published": creation_date(metadata.get("CreationDate", "")) or creation_date(metadata.get("ModDate", "")),
            "sections": _sections(document, layout),
            "pages": count,
        }


def _pages(document: pypdfium2.PdfDocument, count: int) -> list[str]:
    """The text of each page, lines as they stand; a page that cannot be parsed is empty."""
    pages, length, broken = [], 0, 0
    for number in range(count):
        try:
            page = document[number]
            textpage = page.get_textpage()
            text = _clean(textpage.get_text_range())
            textpage.close()
            page.close()
        except pypdfium2.PdfiumError:
            text = ""
            broken += 1
        length += len(text)
        if length > MAX_TEXT:
            raise _RefusedError("text too long", f"more than {MAX_TEXT:,} characters")
        pages.append(text)
    if broken == count:
        raise _RefusedError("broken PDF", "no page of it can be parsed")
    return pages


def _clean(text: str) -> str:
    """Without lone surrogates and controls; PDFium's mark for a hyphen at the end of a line becomes a soft hyphen."""
    text = (
        text.replace("\ufffe", "\xad\n").replace("\x02", "\xad\n").replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    )
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _unreadable(text: str) -> bool:
    """Whether most of it is private or unassigned characters, as from fonts without a map to Unicode."""
    sample = [c for c in text[:_SAMPLE] if not c.isspace()]
    odd = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or (not c.isprintable() and c != "\xad") for c in sample)
    return odd > len(sample) / 2


def _sections(document: pypdfium2.PdfDocument, layout: Layout) -> list[tuple[str, int, int, int]]:
    """Headings of the outline where the text has them on the page that they point at, each up to the next of its level."""
    found: list[tuple[str, int, int]] = []
    after = 0
    for number, bookmark in enumerate(document.get_toc(max_depth=6)):
        if number >= _MAX_BOOKMARKS:
            break
        heading, page = " ".join(_clean(bookmark.get_title()).split()), _page_of(bookmark)
        if heading and page is not None and (start := layout.find(heading, page, after)) is not None:
            found.append((heading, bookmark.level + 1, start))
            after = start
    sections = []
    for at, (heading, level, start) in enumerate(found):
        end = next((later for _, other, later in found[at + 1 :] if other <= level), len(layout.text))
        if end > start:
            sections.append((heading, level, start, end))
    return sections


def _page_of(bookmark: pypdfium2.PdfBookmark) -> int | None:
    try:
        target = bookmark.get_dest()
        page = target.get_index() if target is not None else None
    except (pypdfium2.PdfiumError, ctypes.ArgumentError):
        return None
    return page if isinstance(page, int) and page >= 0 else None


if __name__ == "__main__":
    main()
