"""Is a file that gave nothing of another kind than was asked for, or is there nothing in it?

A set without records is a good answer to a question; a feed read as PubMed's XML is a mistake that must not pass in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from crawler.papers.lines import BrokenOff, read_blocks
from crawler.papers.parts import Part
from crawler.reading import Reading, set_aside

_HEAD = 64 * 1024
"""Bytes in which the root of a file is looked for."""
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_EMPTY_LIST = re.compile(rb'(?:\A|"[\w-]+"\s*:)\s*\[\s*\]')


def told(read: Callable[[Part, BinaryIO], Iterator[Reading]], *roots: str) -> Callable[[Part, BinaryIO], Iterator[Reading]]:
    """`read`, but a file that has content and gives nothing is set aside.

    Nothing may come of XML under one of the `roots`, and of JSON with an empty list.
    """

    def read_told(part: Part, file: BinaryIO) -> Iterator[Reading]:
        silent = True
        for reading in read(part, file):
            silent = False
            yield reading
        if silent and (kind := _other_kind(part, roots)):
            yield Reading(set_aside(part.name, "no record of this kind", kind), part.name, 0.0)

    return read_told


def _other_kind(part: Part, roots: tuple[str, ...]) -> str:
    """What the file is instead; empty where it is blank or a set without records."""
    head = b""
    with part.open() as file:
        try:
            for block in read_blocks(file):
                head += block
                if len(head) >= _HEAD:
                    break
        except BrokenOff:
            pass
    head = head[:_HEAD].removeprefix(b"\xef\xbb\xbf").strip()
    if not head.startswith(b"<"):
        return "" if not head or _EMPTY_LIST.search(head) else f"begins with {head[:100].decode(errors='replace')}"
    found = _ROOT.search(re.sub(rb"<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|<\?.*?\?>", b"", head, flags=re.DOTALL))
    root = found[1].decode() if found else ""
    return "" if root in roots else f"root is <{root}>"
