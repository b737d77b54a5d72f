"""Which records does a large XML file hold?

Streams a plain, gzip or zstd file and hands out one element at a time; each is released when the next one is asked for, so memory
is bounded by one record. No DTD is loaded, nothing is fetched, no entity is expanded, and a file that declares entities of its
own is refused. A file that breaks gives the records before the break; the break comes last, with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crawler.papers.lines import BrokenOff, read_blocks

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_RECORD = 160 * 1024 * 1024
"""Bytes of memory, by a rough count, that the tree of one record may take; more without the end of a record ends the file."""
_NODE = 120
"""Bytes of libxml2's tree for each ``<`` of the source, besides the text itself: an element, or the text before its end."""


@dataclass(frozen=True, slots=True)
class XmlRecord:
    """One record of a file, or what is wrong in its place."""

    element: _Element | None
    """Valid until the next record is asked for; None where there is a problem."""
    where: str
    """``file:line``."""
    problem: str = ""
    """Empty, or a short phrase: ``broken XML``, ``truncated file``, ``entity declarations``, ``record too large``."""
    excerpt: str = ""
    """What the parser says about the problem."""


def read_xml(file: BinaryIO, name: str, tags: tuple[str, ...]) -> Iterator[XmlRecord]:
    """Elements of the given tags (``article``, or ``{*}article`` for any namespace) in document order; of two nested, the outer.

    `name` is what the file is called in ``where``; it need not be seekable.
    """
    from lxml import etree

    source = _Source(file)
    line, checked = 0, False
    try:
        for _, element in etree.iterparse(
            cast("BinaryIO", source), events=("end",), tag=tags, resolve_entities=False, load_dtd=False, no_network=True
        ):
            if (parent := element.getparent()) is not None and parent.tag in tags:
                continue  # a part of a record that is still to come
            line = element.sourceline or line
            if not checked and (names := _entities(element)):
                yield XmlRecord(None, f"{name}:1", "entity declarations", names)
                return
            checked = True
            yield XmlRecord(element, f"{name}:{line}")
            _release(element)
            source.since = 0
    except etree.XMLSyntaxError as error:
        where = f"{name}:{max(error.lineno or 0, line)}"
        yield XmlRecord(None, where, source.problem or "broken XML", error.msg or "")
    except _TooLargeError:
        yield XmlRecord(None, f"{name}:{line}", "record too large", f"more than {MAX_RECORD:,} bytes of memory")


class _TooLargeError(Exception):
    """Raised where a record does not end."""


class _Source:
    """What iterparse reads from: the blocks of a packed file, which end where the file does, however that is."""

    def __init__(self, file: BinaryIO) -> None:
        self._blocks = read_blocks(file)
        self.problem = ""
        self.since = 0
        """Bytes of memory since the end of the last record."""

    def read(self, _size: int = -1) -> bytes:
        try:
            block = next(self._blocks, b"")
        except BrokenOff as error:
            self.problem = str(error)
            return b""
        self.since += len(block) + _NODE * block.count(b"<")
        if self.since > MAX_RECORD:
            raise _TooLargeError
        return block


def _entities(element: _Element) -> str:
    """Names of the entities that the file itself declares; those of pictures (NDATA: a notation and no text) are harmless."""
    dtd: Any = element.getroottree().docinfo.internalDTD
    declared = dtd.iterentities() if dtd is not None else ()
    return " ".join(entity.name for entity in declared if entity.orig is not None or not entity.content)


def _release(element: _Element) -> None:
    """Free an element and all that came before it."""
    element.clear()
    node: _Element | None = element
    while node is not None and (parent := node.getparent()) is not None:
        while (previous := node.getprevious()) is not None:
            parent.remove(previous)
        node = parent
