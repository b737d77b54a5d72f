"""Which records does a WARC file hold?

Files of any version, compressed by record or as a whole, or not at all. A damaged file gives the records that can be read, and
says where it is damaged; reading goes on at the next record that begins after it. What a record's HTTP body is once unpacked is
told here too; what it means is not.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAX_BODY = 10_000_000
"""Bytes of one page after decompression; the limit of a crawl."""
MAX_RECORD = 64 * 1024 * 1024
"""Bytes of one record; a longer one is passed over unread."""
MAX_HEAD = 64 * 1024
"""Bytes of a record's own headers, and of its HTTP headers."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an archive."""

    kind: str
    """``response``, ``request``, ``warcinfo`` …"""
    url: str
    date: str
    """ISO 8601, as the record gives it."""
    block: bytes
    """Empty where the record is longer than MAX_RECORD."""
    where: str
    """``file:offset``; the offset counts unpacked bytes in a file that is compressed."""
    share: float
    """Share of the file that is read, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where an archive cannot be read."""

    where: str
    reason: str
    detail: str
    share: float


def read_archive(path: Path) -> Iterator[Record | Damage]:
    """The records of one file, in order."""
    size = max(1, path.stat().st_size)
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not packed:
            yield from _records(raw, path, lambda: min(1.0, raw.tell() / size))
            return
        unpacked_bytes = _Unpacked(raw)
        with io.BufferedReader(unpacked_bytes, 1 << 16) as stream:
            yield from _records(stream, path, lambda: min(1.0, raw.tell() / size))
        for offset, detail in unpacked_bytes.damage:
            yield Damage(f"{path}:{offset}", "damaged archive", detail, 1.0)


def _records(stream: IO[bytes], path: Path, share: Callable[[], float]) -> Iterator[Record | Damage]:
    """Records of unpacked bytes; after a break the next line that begins a record is looked for."""
    offset = 0
    lost = 0
    while line := stream.readline(MAX_HEAD):
        began, offset = offset, offset + len(line)
        if not line.strip():
            continue
        if not line.startswith(b"WARC/"):
            lost += len(line)
            continue
        if lost:
            yield Damage(f"{path}:{began}", "damaged record", f"{lost:,} bytes belong to no record", share())
            lost = 0
        headers, length = _headers(stream)
        offset += length
        where = f"{path}:{began}"
        declared = headers.get("content-length", "")
        if not declared.isdigit():
            yield Damage(where, "damaged record", f"its length is {declared[:40]!r}", share())
            continue
        wanted = int(declared)
        block = stream.read(wanted) if wanted <= MAX_RECORD else b""
        got = len(block) if wanted <= MAX_RECORD else _pass(stream, wanted)
        offset += got
        if got < wanted:
            yield Damage(where, "record cut short", f"{got:,} of {wanted:,} bytes; {headers.get('warc-target-uri', '')}", share())
            continue
        url = headers.get("warc-target-uri", "").strip("<>")
        yield Record(headers.get("warc-type", ""), url, headers.get("warc-date", ""), block, where, share())
    if lost:
        yield Damage(f"{path}:{offset - lost}", "damaged record", f"{lost:,} bytes belong to no record", share())


def _headers(stream: IO[bytes]) -> tuple[dict[str, str], int]:
    """Names in lower case, and the bytes that were read."""
    headers: dict[str, str] = {}
    length = 0
    while length < MAX_HEAD and (line := stream.readline(MAX_HEAD)):
        length += len(line)
        if not line.strip():
            break
        name, _, value = line.decode("utf-8", errors="replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, length


def _pass(stream: IO[bytes], wanted: int) -> int:
    got = 0
    while got < wanted and (part := stream.read(min(1 << 20, wanted - got))):
        got += len(part)
    return got


class _Unpacked(io.RawIOBase):
    """gzip members as one stream; a broken member ends where it breaks, and reading goes on at the next one."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._unpacker = zlib.decompressobj(31)
        self._input = b""
        self._fresh = True  # at the beginning of a member
        self._out = 0
        self.damage: list[tuple[int, str]] = []

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Some bytes; 0 at the end."""
        while True:
            if not self._input and not self._fill():
                return 0
            try:
                out = self._unpacker.decompress(self._input, len(buffer))
            except zlib.error as error:
                self.damage.append((self._out, str(error)))
                self._resume()
                continue
            self._fresh = self._fresh and not out
            self._input = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                self._input = self._unpacker.unused_data.lstrip(b"\0")
                self._unpacker, self._fresh = zlib.decompressobj(31), True
            if out:
                buffer[: len(out)] = out
                self._out += len(out)
                return len(out)

    def _fill(self) -> bool:
        self._input = self._raw.read(1 << 16)
        if not self._input and not self._fresh:
            self.damage.append((self._out, "the file ends within a compressed record"))
            self._fresh = True
        return bool(self._input)

    def _resume(self) -> None:
        """At the next bytes that look like the head of a member, this one's own passed over."""
        window = self._input[1:]
        while (at := window.find(b"\x1f\x8b\x08")) < 0:
            more = self._raw.read(1 << 16)
            if not more:
                window = b""
                break
            window = window[-2:] + more
        self._input = window[at:] if window else b""
        self._unpacker, self._fresh = zlib.decompressobj(31), True


def unchunked(body: bytes) -> bytes:
    """The body of a chunked answer (RFC 9112, 7.1); one that is not really chunked is returned as it is. Raises ValueError."""
    parts: list[bytes] = []
    rest = body
    while rest:
        size, separator, after = rest.partition(b"\r\n")
        digits = size.partition(b";")[0].strip()
        if not separator or not digits or digits.strip(b"0123456789abcdefABCDEF"):
            if not parts:  # many archives hold the decoded body beside the header
                return body
            raise ValueError("a chunk has no length")
        length = int(digits, 16)
        if not length:
            break
        parts.append(after[:length])
        rest = after[length + 2 :]
    return b"".join(parts)


def unpacked(body: bytes, coding: str) -> bytes:
    """One content coding undone, up to one byte past MAX_BODY. Raises ValueError, zlib.error, OSError."""
    if coding in ("", "identity") or (coding in ("gzip", "x-gzip") and not body.startswith(b"\x1f\x8b")):
        return body
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(31).decompress(body, MAX_BODY + 1)  # what is there of a body that was cut short
    if coding == "deflate":
        try:
            return zlib.decompressobj().decompress(body, MAX_BODY + 1)
        except zlib.error:
            return zlib.decompressobj(-15).decompress(body, MAX_BODY + 1)
    if coding == "zstd":
        import zstandard

        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read(MAX_BODY + 1)
    raise ValueError(f"content coding {coding[:20]!r} is not known")
