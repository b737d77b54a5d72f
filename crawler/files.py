"""Which documents does a folder of one's own hold?

Text, Markdown, HTML and PDF files, recursively, in name order. Hidden files and folders, other suffixes and links that lead out
of the folder are skipped and counted. Files are only read, never changed, and nothing is fetched.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from crawler.decode import decode
from crawler.errors import DecodeError, ExtractionError, PdfRefused, UsageError
from crawler.extract import MAX_TITLE, Extracted, extract
from crawler.papers.language import language_code
from crawler.pdf.pdf import read_pdf
from crawler.reading import Reading, SetAside, Skipped, document_or_reason, set_aside
from indexer.document import Document

MAX_FILE = 50 * 1024 * 1024
"""Bytes of one file; larger ones are set aside."""
HTML = frozenset({".html", ".htm", ".xhtml"})
MARKDOWN = frozenset({".md", ".markdown"})
TEXT = frozenset({".txt", ".text"})
PDF = frozenset({".pdf"})

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY_VALUE = re.compile(r"^([A-Za-z_-]+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"\A\s*(?:#{1,6}[ \t]+([^\n]+?)[ \t#]*|([^\n]+)\n(?:=+|-+)[ \t]*)(?:\n|\Z)")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


def read_folder(folder: Path, collection: str = "") -> Iterator[Reading]:
    """Every file below `folder`; the collection is the folder's name unless it is given. Raises UsageError if it is no folder."""
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}; give a folder of txt, md, html or pdf files")
    root = folder.resolve()
    paths = list(_walk(folder, root))
    for done, (path, skipped) in enumerate(paths, 1):
        where = printable(path)
        record = Skipped(where, skipped) if skipped else _read_file(path, folder, collection or printable(Path(root.name)))
        yield Reading(record, where, done / len(paths))


def printable(path: Path) -> str:
    """The path as Unicode text, also where its name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def _walk(folder: Path, root: Path) -> Iterator[tuple[Path, str]]:
    """Every file with the reason for which it is skipped, or an empty one; linked folders are not entered."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            yield path, _why_skipped(path, root)


def _why_skipped(path: Path, root: Path) -> str:
    if path.name.startswith("."):
        return "hidden"
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        return printable(Path(suffix)) if suffix else "no suffix"
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return "link out of the folder"
    return ""


def _read_file(path: Path, folder: Path, collection: str) -> Document | SetAside:
    where = printable(path)
    try:
        path.name.encode()
        data = _bytes(path)
        document = _document(path, folder, collection, data)
    except UnicodeEncodeError:
        return set_aside(where, "file name is not UTF-8")
    except OSError as error:
        return set_aside(where, "cannot be read", error.strerror or str(error))
    except DecodeError as error:
        return set_aside(where, "binary data", str(error))
    except PdfRefused as error:
        return set_aside(where, error.reason, str(error))
    except ExtractionError as error:
        return set_aside(where, "no text", str(error))
    except _TooLargeError as error:
        return set_aside(where, "file too large", str(error))
    return document_or_reason(document, where)


class _TooLargeError(Exception):
    """Raised where a file exceeds MAX_FILE."""


def _bytes(path: Path) -> bytes:
    """The file's content; opened without waiting, so that a pipe with a text suffix cannot hang the job."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a regular file")
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise _TooLargeError(f"more than {MAX_FILE:,} bytes")
    return data


def _document(path: Path, folder: Path, collection: str, data: bytes) -> Document:
    name = path.relative_to(folder).as_posix()
    content = _READERS[path.suffix.lower()](data, name)
    return Document(
        id=f"file:{name}",
        title=content.title or path.stem,
        text=content.text,
        kind="file",
        url=path.absolute().as_uri(),
        authors=content.authors,
        venue=content.site_name,
        published=content.published,
        language=content.language,
        collection=collection,
        sections=content.sections,
    )


def _page(data: bytes, name: str) -> Extracted:
    return extract(data, name)


def _pdf(data: bytes, name: str) -> Extracted:
    found = read_pdf(data, name)
    return Extracted(found.title, found.text, found.authors, found.published, sections=found.sections)


def _markdown(data: bytes, name: str) -> Extracted:
    front, body = front_matter(_lines(data))
    title, body = _title(body, front.title)
    return _content(replace(front, title=title, text=body), name)


def _text(data: bytes, name: str) -> Extracted:
    front, body = front_matter(_lines(data))
    return _content(replace(front, text=body), name)


def _lines(data: bytes) -> str:
    return decode(data).replace("\r\n", "\n").replace("\r", "\n")


def _content(content: Extracted, name: str) -> Extracted:
    if not content.text.strip() and not content.title:
        raise ExtractionError(f"no text in {name}: the file is empty")
    return replace(content, text=content.text.strip())


def front_matter(text: str) -> tuple[Extracted, str]:
    """The front matter and the text after it; a text without one, or with one that says nothing known, stays whole.

    Only ``key: value`` lines are understood: title, author or authors (commas, semicolons or ``[a, b]``), date, lang or language.
    """
    found = _FRONT_MATTER.match(text)
    if not found:
        return Extracted("", ""), text
    values = {key.lower(): value.strip("\"'") for key, value in _KEY_VALUE.findall(found.group(1))}
    if not values:
        return Extracted("", ""), text
    people = re.split(r"\s*[;,]\s*", (values.get("authors") or values.get("author") or "").strip("[]"))
    date = _DATE.match(values.get("date", ""))
    front = Extracted(
        title=_one_line(values.get("title", "")),
        text="",
        authors=tuple(name for person in people if (name := person.strip("\"' "))),
        published=date.group() if date else "",
        language=language_code(values.get("lang") or values.get("language") or ""),
    )
    return front, text[found.end() :]


def _title(body: str, title: str) -> tuple[str, str]:
    """The title and the Markdown after it; a first heading is the title, unless the front matter names another."""
    found = _HEADING.match(body)
    if not found:
        return title, body
    heading = _one_line(found.group(1) or found.group(2) or "")
    if title and heading.casefold() != title.casefold():
        return title, body
    return title or heading, body[found.end() :]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_TITLE]


_READERS: dict[str, Callable[[bytes, str], Extracted]] = {
    **dict.fromkeys(HTML, _page),
    **dict.fromkeys(MARKDOWN, _markdown),
    **dict.fromkeys(TEXT, _text),
    **dict.fromkeys(PDF, _pdf),
}
"""Suffix -> how the bytes of such a file are read, given the name by which messages call it."""
