"""Which objects does a JSON file of any size and form hold, one at a time?

Lines of JSON, one object after the other, an array of objects, or objects in a list inside others (``{"items": [...]}``): memory
is bounded by one object even where the whole file is one line. In a file of lines a bad line costs itself; in the other forms
there is no telling where the next object begins, so the file ends there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import orjson

from crawler.papers.lines import MAX_LINE, BrokenOff, Line, lines_of, read_blocks

MAX_OBJECT = MAX_LINE
"""Bytes of one object; a longer one ends the file."""
_HEAD = 64 * 1024
"""Bytes at which the form of a file is told."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]]', re.DOTALL)
_LIST = re.compile(rb"\s*:\s*(\[)?")
_BOM = b"\xef\xbb\xbf"


def read_objects(file: BinaryIO, lists: tuple[str, ...] = ("items",)) -> Iterator[Line]:
    """Numbered objects, or what is wrong in their place; numbers are of lines in a file of lines, else of objects.

    Objects in an array under one of the names in `lists`, at most three levels deep, are handed out singly.
    """
    blocks = read_blocks(file)
    head, broken = b"", None
    try:
        while len(head) < _HEAD and (block := next(blocks, b"")):
            head += block
    except BrokenOff as error:
        broken = error
    start = head.removeprefix(_BOM).lstrip()
    whole = chain((head.removeprefix(_BOM),), _broken_off(broken) if broken else blocks)
    begins = start[:1] in (b"{", b"[")
    if not begins and not _has_line(start):
        yield Line(1, head[:1000], str(broken or "not JSON") if head else "empty file")
    elif not begins or _is_lines(start, lists):
        yield from (line for line in lines_of(whole) if line.data.strip() or line.problem)
    else:
        yield from _objects(whole, frozenset(f'"{name}"'.encode() for name in lists))


def _is_lines(head: bytes, lists: tuple[str, ...]) -> bool:
    first, newline, _ = head.partition(b"\n")
    names = "|".join(lists).encode()
    if not newline or head.startswith(b"[") or re.search(rb'"(?:' + names + rb')"\s*:\s*\[|"message-type"', first):
        return False
    try:
        orjson.loads(first)
    except orjson.JSONDecodeError:
        return not re.fullmatch(rb'\{\s*|\{\s*"[^"]*"\s*:\s*[^\n]{0,300}[,\[{]\s*', first)  # a broken line, or an object laid out
    return True


def _has_line(head: bytes) -> bool:
    """Whether an object stands on a line after the first one, which is bad then and costs itself only."""
    *whole, last = head.split(b"\n")[1:] or [b""]
    return last.startswith(b'{"') or any(line.startswith(b"{") and _is_object(line) for line in whole)


def _is_object(line: bytes) -> bool:
    try:
        return bool(orjson.loads(line))
    except orjson.JSONDecodeError:
        return False


def _broken_off(error: BrokenOff) -> Iterator[bytes]:
    raise error
    yield b""


def _objects(blocks: Iterator[bytes], lists: frozenset[bytes]) -> Iterator[Line]:
    scan = _Scan(lists)
    try:
        for block in blocks:
            yield from scan.take(block)
            if len(scan.buffer) > MAX_OBJECT:
                yield Line(scan.number + 1, scan.begun(), "object too large")
                return
    except BrokenOff as error:
        yield Line(scan.number + 1, scan.begun(), str(error))
        return
    if scan.depth:
        yield Line(scan.number + 1, scan.begun(), "truncated file")


class _Scan:
    """Finds objects by their brackets, strings passed over."""

    def __init__(self, lists: frozenset[bytes]) -> None:
        self.lists = lists
        self.buffer = b""
        self.at = 0
        """Position in the buffer up to which brackets have been counted."""
        self.start = -1
        """Position of the object that has begun, or -1."""
        self.depth = 0
        self.base = 0
        """Depth at which an object is handed out; -1 in what is left of an object whose list has been read."""
        self.number = 0
        self.words = b""
        """What has been read of an item that is no object."""

    def begun(self) -> bytes:
        """The beginning of what is not complete."""
        return self.buffer[max(self.start, 0) :][:1000]

    def take(self, block: bytes) -> Iterator[Line]:
        """The objects that end in this block."""
        keep = self.at if self.start < 0 else self.start
        self.buffer = self.buffer[keep:] + block
        self.at -= keep
        self.start = min(self.start, 0)
        while token := _TOKEN.search(self.buffer, self.at):
            kind = token[0]
            yield from self._loose(self.buffer[self.at : token.start()], True)
            if kind == b'"':
                self.at = token.start()
                return  # a string that goes on in the next block
            if kind[0] == 0x22:
                yield from self._other(kind)
                if kind not in self.lists:
                    self.at = token.end()
                elif not self._list(token.start(), token.end()):
                    return
                continue
            self.at = token.end()
            if kind in b"{[":
                if kind == b"[":
                    yield from self._other(kind)
                self._open(kind, token.start())
            elif (found := self._close()) is not None:
                yield found
        yield from self._loose(self.buffer[self.at :], False)
        self.at = len(self.buffer)

    def _in_list(self) -> bool:
        """Whether the next thing is an item of a list that is handed out."""
        return self.base > 0 and self.depth == self.base and self.start < 0

    def _loose(self, words: bytes, ended: bool) -> Iterator[Line]:
        """Items that are no objects, of what stands between two others; the last of them may not be complete."""
        if not self._in_list():
            return
        *items, last = (self.words + words).split(b",")
        self.words = b"" if ended else last[:1000]
        for item in filter(None, map(bytes.strip, [*items, last] if ended else items)):
            yield from self._other(item)

    def _other(self, item: bytes) -> Iterator[Line]:
        """What is wrong with an item that is no object."""
        if self._in_list():
            self.number += 1
            yield Line(self.number, item[:1000], "not an object")

    def _list(self, begin: int, end: int) -> bool:
        """Step into the list that a string names, or over the string; false where it takes the next block to tell."""
        self.at = end
        if self.depth > 3 or self.start < 0:
            return True
        found = _LIST.match(self.buffer, end)
        if found is None or found[1] is None:
            if len(self.buffer) - end < 20:
                self.at = begin
                return False
            return True
        self.at = found.end()
        self.depth += 1
        self.base, self.start = self.depth, -1
        return True

    def _open(self, kind: bytes, at: int) -> None:
        if self.depth == self.base:
            if kind == b"{":
                self.start = at
            elif self.depth == 0:
                self.base = 1
        self.depth += 1

    def _close(self) -> Line | None:
        self.depth = max(0, self.depth - 1)
        found = None
        if self.depth == self.base and self.start >= 0:
            self.number += 1
            found = Line(self.number, self.buffer[self.start : self.at])
            self.start = -1
        if self.depth < self.base:
            self.base = -1
        if self.depth == 0:
            self.base = 0
        return found
