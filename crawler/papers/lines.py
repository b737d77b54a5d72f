"""Which lines (or blocks of bytes) does a plain, gzip or zstd file hold?

parts.py finds and opens the files, from folders and URLs alike; here they are unpacked. Streams: memory is bounded by one line
and one decompressed block, so a decompression bomb costs time but no memory. What is readable before a break is yielded; the
break itself comes last. The format is told by the first bytes, not by the name.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one line; the rest of a longer one is passed over. Parsed it takes up to ten times as much."""
_READ = 64 * 1024
"""Bytes read at a time from plain and gzip files."""
_BLOCK = 1 << 20
"""Bytes decompressed at a time from gzip."""
_READ_ZSTD = 1024
"""Bytes of zstd fed at a time: 4 bytes make at most a block of 128 KiB, so 1 KiB makes at most 32 MiB."""
_WINDOW_ZSTD = 128 * 1024 * 1024
"""Largest zstd window, in bytes, that is accepted (what `zstd --long` uses)."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, or what is wrong in its place."""

    number: int
    """Counted from 1."""
    data: bytes
    """Without the line end; of a bad line only its beginning."""
    problem: str = ""
    """Empty, or why `data` is not the whole line: ``line too long``, ``truncated file``, ``damaged file``."""


class BrokenOff(Exception):
    """Raised by read_blocks where the file ends too early or its bytes make no sense; the message is the reason."""


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Numbered lines of a file open for reading at its beginning; line ends may be ``\\n`` or ``\\r\\n``."""
    return lines_of(read_blocks(file))


def lines_of(blocks: Iterator[bytes]) -> Iterator[Line]:
    """Numbered lines of unpacked blocks."""
    number, pending, skipping = 1, bytearray(), False
    while True:
        try:
            block = next(blocks)
        except StopIteration:
            if pending and not skipping:
                yield Line(number, bytes(pending).removesuffix(b"\r"))
            return
        except BrokenOff as error:
            yield Line(number, bytes(pending[:1000]), str(error))
            return
        begin = 0
        while (end := block.find(b"\n", begin)) >= 0:
            if not skipping:
                pending += block[begin:end]
                yield _whole(number, pending)
            number, begin, skipping = number + 1, end + 1, False
            pending = bytearray()
        if not skipping:
            pending += block[begin:]
            if len(pending) > MAX_LINE:
                yield _whole(number, pending)
                pending, skipping = bytearray(), True


def _whole(number: int, line: bytearray) -> Line:
    if len(line) > MAX_LINE:
        return Line(number, bytes(line[:1000]), "line too long")
    return Line(number, bytes(line).removesuffix(b"\r"))


def read_blocks(file: BinaryIO) -> Iterator[bytes]:
    """The unpacked bytes of a file open for reading at its beginning, a block at a time; it need not be seekable.

    Raises BrokenOff after the last block that could be read.
    """
    head = file.read(4)
    whole = cast("BinaryIO", _Rejoined(head, file))
    if head.startswith(_GZIP):
        return _gzip(whole)
    return _zstd(whole) if head == _ZSTD else iter(lambda: whole.read(_READ), b"")


class _Rejoined:
    """A file whose first bytes have been read already."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self.head, self.file = head, file

    def read(self, size: int) -> bytes:
        if not self.head:
            return self.file.read(size)
        head, self.head = self.head, b""
        return head + self.file.read(size - len(head))


def _gzip(file: BinaryIO) -> Iterator[bytes]:
    """Decompressed blocks of all members."""
    packed = b""
    while packed or (packed := file.read(_READ)):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                block = member.decompress(packed, _BLOCK)
            except zlib.error as error:
                raise BrokenOff("damaged file") from error
            if block:
                yield block
            packed = member.unconsumed_tail or (b"" if member.eof else file.read(_READ))
            if not packed and not member.eof and not block:
                raise BrokenOff("truncated file")
        packed = member.unused_data


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    """Decompressed blocks of all frames."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW_ZSTD)
    packed = b""
    while packed or (packed := file.read(_READ_ZSTD)):
        frame = decompressor.decompressobj()
        while not frame.eof:
            try:
                block = frame.decompress(packed)
            except zstandard.ZstdError as error:
                raise BrokenOff("damaged file") from error
            if block:
                yield block
            packed = b"" if frame.eof else file.read(_READ_ZSTD)
            if not packed and not frame.eof:
                raise BrokenOff("truncated file")
        packed = frame.unused_data
