"""How does XML as it is found become XML that a parser takes?

Dumps and replies declare no namespaces, use entities of DTDs that nobody ships (DBLP's ``&uuml;``), hold control characters and
bytes that are not in their encoding, or are fragments without a root. Here a stream becomes well-formed UTF-8: entities by HTML's
table, which holds all of DBLP's, and no other; document types are dropped, and those that declare entities of their own refused,
so that there is nothing a parser could expand or fetch. Line numbers stay. What is broken otherwise stays broken.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.entities import html5
from typing import TYPE_CHECKING, BinaryIO

from crawler.papers.lines import BrokenOff, read_blocks

if TYPE_CHECKING:
    from lxml.etree import _Element

_PREFIXES = {
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xlink": "http://www.w3.org/1999/xlink",
    "mml": "http://www.w3.org/1998/Math/MathML",
    "jats": "http://www.ncbi.nlm.nih.gov/JATS1",
    "dc": "http://purl.org/dc/elements/1.1/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "ai": "http://www.crossref.org/AccessIndicators.xsd",
    "fr": "http://www.crossref.org/fundref.xsd",
    "rel": "http://www.crossref.org/relations.xsd",
}
_ROOT = "<records " + " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items()) + ">"
"""Around everything: with it a file may hold several documents, or fragments whose namespaces were declared further out."""
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_ENCODINGS = re.compile(r"utf_?8|utf_?16.*|ascii|iso8859|latin|cp125\d|cp932|koi8|big5|gb|euc|shift|mac", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(#?\w{1,32};)?")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>|<!DOCTYPE[^>\[]*([\[>])", re.IGNORECASE)
_PROLOG = 1_000
"""Bytes in which a file names its encoding."""
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>|!--|!\[CDATA\[|\?)")
_MAX_HELD = 1 << 20
"""Characters of a tag that may wait for its end."""


class RepairedXml:
    """A file that reads as the repaired XML of another one, packed or not; for parsers, which ask for nothing but `read`.

    `read` raises BrokenOff where the packed file breaks, is no XML, or declares entities.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._pieces = repaired(read_blocks(file))
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken

    def tell(self) -> int:
        """How much of the packed file is read."""
        return self.file.tell()


def repaired(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of well-formed UTF-8 with one root around it; none is empty. Raises BrokenOff as RepairedXml does."""
    yield _ROOT.encode()
    begun, held = False, ""
    for block in _decoded(blocks):
        text = held + block
        if not begun:
            text = text.lstrip("\ufeff \t\r\n")
            begun = bool(text)
            if begun and text[0] != "<":
                raise BrokenOff("not XML")
        cut = _whole(text)
        text, held = text[:cut], text[cut:]
        if text:
            yield _clean(text).encode()
    if not begun:
        raise BrokenOff("not XML")
    yield (_clean(held) + "</records>").encode()


def fragment(text: str) -> _Element:
    """Markup in a string, as far as it can be read; a ``<`` that begins no tag is text."""
    from lxml import etree

    source = _ROOT + _clean(_NO_TAG.sub("&lt;", text)) + "</records>"
    parser = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True)
    return etree.fromstring(source.encode(), parser)


def plain_names(element: _Element) -> None:
    """Take the namespaces off an element and all it holds."""
    for each in element.iter("*"):
        each.tag = str(each.tag).rpartition("}")[2]


def _decoded(blocks: Iterator[bytes]) -> Iterator[str]:
    first = b""
    while len(first) < _PROLOG and (block := next(blocks, b"")):
        first += block
    declared = _ENCODING.search(first[:_PROLOG])
    name = declared[1].decode() if declared else "utf-8"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    elif not _ENCODINGS.match(name.replace("-", "").lower()) or "16" in name or "ascii" in name.lower():
        name = "utf-8"  # also where the bytes plainly are not UTF-16, and for ASCII, which is UTF-8
    try:
        decoder = codecs.getincrementaldecoder(name)("replace")
    except LookupError:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
    yield decoder.decode(first)
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _whole(text: str) -> int:
    """Where the last tag or entity begins that may go on in the next block; the length where all are whole."""
    tag = text.rfind("<")
    if tag > text.rfind(">") and len(text) - tag < _MAX_HELD:
        return tag
    entity = text.rfind("&", max(0, len(text) - 40))
    return entity if entity >= 0 and ";" not in text[entity:] else len(text)


def _clean(text: str) -> str:
    if "<!D" in text or "<?xml" in text or "<!d" in text:
        text = _DECLARATION.sub(_without_declaration, text)
    if "&" in text:
        text = _AMPERSAND.sub(_entity, text)
    return _ILLEGAL.sub("", text)


def _without_declaration(found: re.Match[str]) -> str:
    if found[1] == "[":
        raise BrokenOff("entity declarations")
    return "\n" * found[0].count("\n")


def _entity(found: re.Match[str]) -> str:
    """The character that an entity stands for; an ampersand that begins none, or one that nobody knows, is text."""
    name = found[1] or ""
    if name.startswith("#"):
        return _character(name[1:-1])
    character = html5.get(name, "")
    return character.replace("&", "&amp;").replace("<", "&lt;") if character else f"&amp;{name}"


def _character(number: str) -> str:
    """A numeric reference, kept where XML allows the character; else nothing."""
    try:
        code = int(number[1:], 16) if number[:1] in "xX" else int(number)
    except ValueError:
        return f"&amp;#{number};"
    legal = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return f"&#{code};" if legal else ""
