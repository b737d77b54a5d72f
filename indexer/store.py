"""Here is a document's number, id or URL; what is the document?

Records are JSON lines in the order of their numbers, some tens of them to a zstd frame, so that what documents have in common is
written once a frame. Beside them, all memory-mapped: where each frame begins, the content hash of each record, and a table from
the hashes of ids and URLs to numbers. A table's answer is checked against the record, so two names of one hash do no harm.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import local

import numpy as np
import zstandard

from indexer.document import Document
from indexer.errors import ChecksumError
from indexer.hash64 import digest64, hash64
from indexer.mapped import mapped

FRAME = 16_384
"""Bytes of JSON from which a frame is full: 20 microseconds to unpack for one document, half the size of a frame a document."""
LEVEL = 1
"""Of zstd; level 3 takes a third longer for 2 % less."""
UNPACKED = 64
"""Frames that a reader keeps unpacked: neighbours are often read together."""
TOGETHER = 32 * FRAME
"""Bytes of frames packed at once: for each time that the packing thread begins, it waits for the lock of the interpreter."""
_WAITING = 8
"""Such groups that wait, some 4 MB: documents are added in bursts, while others are not analysed; with two the adding waited."""


def content_of(line: bytes) -> bytes:
    """128-bit BLAKE2b of a document's JSON line: equal if and only if nothing about the document changed."""
    return hashlib.blake2b(line, digest_size=16).digest()


class StoreWriter:
    """Writes one segment's documents to a new folder; zstd works in a thread of its own beside the analysis."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._records = folder / "records.zst"
        self._records.touch()
        self._thread = ThreadPoolExecutor(1, "compress")
        self._pack = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).multi_compress_to_buffer
        self._written: list[Future[list[int]]] = []
        self._frames: list[bytes | bytearray | memoryview] = []
        """Whole frames that wait for others of their group."""
        self._framed = 0
        """Bytes in `_frames`."""
        self._lines: list[bytes] = []
        self._waiting = 0
        """Bytes in `_lines`."""
        self._firsts = array("Q")
        self._ids: set[str] = set()
        self._contents = bytearray()
        self._keys, self._numbers = bytearray(), array("I")

    def add(self, document: Document, line: bytes = b"") -> bool:
        """Append a document, the n-th call as number n; False if its id was added before. `line` is its JSON, if at hand."""
        number = len(self._ids)
        self._ids.add(document.id)
        if len(self._ids) == number:
            return False
        line = line or document.to_json()
        self._contents += content_of(line)
        self._keys += digest64(document.id)
        self._numbers.append(number)
        if document.url:
            self._keys += digest64(document.url)
            self._numbers.append(number)
        if not self._lines:
            self._firsts.append(number)
        self._lines.append(line)
        self._waiting += len(line)
        if self._waiting >= FRAME:
            self._fill()
        return True

    def finish(self) -> None:
        """Write what waits and the tables. Raises OSError if the disk does not take it."""
        if self._lines:
            self._fill()
        if self._frames:
            self._flush()
        sizes = [size for written in self._written for size in written.result()]
        keys = np.frombuffer(self._keys, "<u8")
        order = np.argsort(keys, kind="stable")
        tables = {
            "frames": np.array([[*self._firsts, len(self._ids)], np.cumsum([0, *sizes], dtype=np.uint64)], np.uint64),
            "keys": keys[order],
            "numbers": np.asarray(self._numbers)[order],
            "contents": np.frombuffer(bytes(self._contents), np.uint8).reshape(-1, 16),
        }
        for name, table in tables.items():
            np.save(self._folder / f"{name}.npy", table)

    def _fill(self) -> None:
        self._frames.append(b"\n".join(self._lines))
        self._framed += self._waiting
        self._lines, self._waiting = [], 0
        if self._framed >= TOGETHER:
            self._flush()

    def _flush(self) -> None:
        self._written.append(self._thread.submit(self._write, self._frames))
        self._frames, self._framed = [], 0
        if len(self._written) > _WAITING:
            self._written[-_WAITING].result()

    def _write(self, frames: list[bytes | bytearray | memoryview]) -> list[int]:
        """Pack these frames to the end of the file; the bytes of each."""
        packed = self._pack(frames)
        with self._records.open("ab") as file:  # opened each time: a build that fails leaves nothing open
            return [file.write(packed[place].tobytes()) for place in range(len(packed))]


class DocumentStore:
    """One segment's documents, open for reading; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._firsts, self._starts = mapped(folder / "frames.npy").astype(np.int64)
        self._keys, self._numbers, self._contents = (mapped(folder / f"{name}.npy") for name in ("keys", "numbers", "contents"))
        self._path = path = folder / "records.zst"
        self._records = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8)
        self._frame = lru_cache(UNPACKED)(self._unpack)

    def by_number(self, numbers: Sequence[int]) -> list[Document]:
        """The documents at these numbers, in this order; raises KeyError for a number that is not there."""
        return [Document.from_json(self.line(number)) for number in numbers]

    def line(self, number: int) -> bytes:
        """The JSON of the document at this number; raises KeyError as by_number does."""
        if not 0 <= number < len(self._contents):
            raise KeyError(number)
        frame = int(np.searchsorted(self._firsts, number, side="right")) - 1
        return self._frame(frame)[number - int(self._firsts[frame])]

    def number_of(self, doc_id: str) -> tuple[int, bytes] | None:
        """Number and content hash of the document of this id, None if there is none."""
        for number in self._called(doc_id):
            if self.by_number([number])[0].id == doc_id:
                return number, self._contents[number].tobytes()
        return None

    def numbers(self, target: str) -> list[int]:
        """Numbers of the document of this id, then of those with this URL."""
        found = {number: self.by_number([number])[0] for number in self._called(target)}
        with_id = [number for number, document in found.items() if document.id == target]
        return [*with_id, *(number for number, document in found.items() if document.url == target and number not in with_id)]

    def close(self) -> None:
        """Forget what is unpacked; mapped files go with their last reference."""
        self._frame.cache_clear()

    def _called(self, name: str) -> Iterable[int]:
        """Numbers of the documents whose id or URL has the hash of `name`, ascending."""
        key = np.uint64(hash64(name))
        found: list[int] = self._numbers[slice(*np.searchsorted(self._keys, [key, key + np.uint64(1)]))].tolist()
        return dict.fromkeys(found)

    def _unpack(self, frame: int) -> list[bytes]:
        start, end = self._starts[frame : frame + 2].tolist()
        try:
            return _decompressor().decompress(self._records[start:end].data).split(b"\n")
        except zstandard.ZstdError as error:
            index = self._path.parents[3]
            raise ChecksumError(f"{self._path} is damaged ({error}); run: stepwell indexer repair --index {index}") from None


_of_thread = local()


def _decompressor() -> zstandard.ZstdDecompressor:
    """This thread's own: making one takes as long as it takes to unpack a frame."""
    if not hasattr(_of_thread, "decompressor"):
        _of_thread.decompressor = zstandard.ZstdDecompressor()
    made: zstandard.ZstdDecompressor = _of_thread.decompressor
    return made
