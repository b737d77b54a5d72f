"""What exactly was sent and received?

Every exchange of a crawl as WARC 1.1 records (ISO 28500:2017, https://iipc.github.io/warc-specifications/), one gzip member a
record: a request, and a response or, where the payload was seen before or the server says "not modified", a revisit. The archive
is written as answers come and is synced before the frontier forgets them; after a kill it is cut back to its last whole step.
Bodies are kept as they came, compressed or not; only the transfer coding (chunks) is undone, as it was before we saw them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from scrapy import Request
from scrapy.http import Headers, Response

MAX_FILE = 1_000_000_000
"""Bytes after which a new file is begun; the guidelines of the format ask for 1 GB."""
LEVEL = 3
"""Of zlib: 10 % larger than level 6, at a third of its time."""
REMEMBERED = 100_000
"""Payloads for which a second copy becomes a revisit."""
_SAME = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_CODED = frozenset({b"transfer-encoding", b"content-length"})


@dataclass(frozen=True, slots=True)
class _Seen:
    url: str
    date: str
    record: str


class WarcArchive:
    """The archive of one crawl in a folder of its own; one process at a time."""

    def __init__(self, folder: Path, position: str = "") -> None:
        """`position` is what `position` gave after the last whole step; what was written after it is cut off."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()
        name, _, length = position.partition(":")
        for path in sorted(folder.glob("stepwell-*.warc.gz")):
            if position and path.name > name:
                path.unlink()  # begun after the last step: nothing in the frontier knows of it
        self._file: IO[bytes] | None = None
        self._path = folder / name
        if name and self._path.exists():
            os.truncate(self._path, int(length))
            self._file = self._path.open("ab")

    @property
    def position(self) -> str:
        """Name and length of the newest file; all it says has left this process."""
        if self._file is None:
            newest = max(self._folder.glob("stepwell-*.warc.gz"), default=self._folder / "stepwell-00000.warc.gz")
            return f"{newest.name}:{newest.stat().st_size if newest.exists() else 0}"
        self._file.flush()
        return f"{self._path.name}:{self._file.tell()}"

    def exchange(self, request: Request, response: Response) -> None:
        """Append one request and its answer, as they went over the wire."""
        now = datetime.now(UTC)
        date, response_id = now.strftime("%Y-%m-%dT%H:%M:%SZ"), _new_id()
        head = _response_head(response)
        digest = hashlib.sha1(response.body, usedforsecurity=False).digest()
        about = {"WARC-Target-URI": response.url, "WARC-Date": date, "WARC-Payload-Digest": _sha1(digest)}
        if address := getattr(response, "ip_address", None):
            about["WARC-IP-Address"] = str(address)
        seen = self._seen.get(digest) if response.body else None
        if response.status == 304:
            about |= {"WARC-Profile": _NOT_MODIFIED, "WARC-Refers-To-Target-URI": response.url}
            del about["WARC-Payload-Digest"]  # the payload did not come
        elif seen:
            about |= {"WARC-Profile": _SAME, "WARC-Refers-To-Target-URI": seen.url, "WARC-Refers-To-Date": seen.date}
            about["WARC-Refers-To"] = seen.record
        elif response.body:
            self._seen[digest] = _Seen(response.url, date, response_id)
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        if "download_stopped" in response.flags:
            about["WARC-Truncated"] = "length"
        revisit = "WARC-Profile" in about
        block = head if revisit else head + response.body
        kind = "revisit" if revisit else "response"
        self._write(kind, "application/http; msgtype=response", about, block, response_id)
        asked = {"WARC-Target-URI": response.url, "WARC-Date": date, "WARC-Concurrent-To": response_id}
        self._write("request", "application/http; msgtype=request", asked, _request_block(request), _new_id())

    def sync(self) -> None:
        """Force what was written to disk."""
        if self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close."""
        self.sync()
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, kind: str, content_type: str, about: dict[str, str], block: bytes, record: str) -> None:
        if self._file is None or self._file.tell() >= MAX_FILE:
            self._begin()
        assert self._file is not None, "a file was begun"
        self._file.write(record_bytes(kind, content_type, about, block, record))

    def _begin(self) -> None:
        self.close()
        numbers = [int(path.name.split("-")[1].split(".")[0]) for path in self._folder.glob("stepwell-*.warc.gz")]
        self._path = self._folder / f"stepwell-{max(numbers, default=0) + 1:05}.warc.gz"
        self._file = self._path.open("ab")
        date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = b"software: stepwell/0.1\r\nformat: WARC File Format 1.1\r\nrobots: classic\r\n"
        about = {"WARC-Date": date, "WARC-Filename": self._path.name}
        self._file.write(record_bytes("warcinfo", "application/warc-fields", about, fields, _new_id()))


def record_bytes(kind: str, content_type: str, about: dict[str, str], block: bytes, record: str) -> bytes:
    """One record as a gzip member."""
    fields = {"WARC-Type": kind, "WARC-Record-ID": record, **about, "WARC-Block-Digest": _sha1(_digest(block))}
    fields |= {"Content-Type": content_type, "Content-Length": str(len(block))}
    head = "WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    return packer.compress(head.encode() + block + b"\r\n\r\n") + packer.flush()


def _response_head(response: Response) -> bytes:
    reason = getattr(response, "reason", "") or _REASONS.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {reason}".rstrip().encode()]
    lines += _header_lines(response.headers)
    lines.append(b"Content-Length: %d" % len(response.body))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _request_block(request: Request) -> bytes:
    from urllib.parse import urlsplit

    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{request.method} {path} HTTP/1.1".encode(), f"Host: {parts.netloc}".encode(), *_header_lines(request.headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _header_lines(headers: Headers) -> list[bytes]:
    return [
        b"%s: %s" % (name, b" ".join(value.split(b"\r\n")))
        for name, values in headers.items()
        if name.lower() not in _CODED
        for value in values
    ]


def _digest(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _sha1(digest: bytes) -> str:
    return f"sha1:{base64.b32encode(digest).decode()}"


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _reasons() -> dict[int, str]:
    from http import HTTPStatus

    return {status.value: status.phrase for status in HTTPStatus}


_REASONS = _reasons()
