"""What does this PDF say?

PDFium (pypdfium2) reads it, in a process of its own with bounded memory and time: a PDF is a program in a format that has been
used for attacks, and what breaks its reader must not break the crawl. That process has no environment, writes no file, and gets
the bytes of one PDF after another through a pipe; it is started when it is first needed, and again after a PDF has killed it.

Nothing is run or fetched: no script, no form, no attachment. There is no character recognition: scans are set aside.
"""

from __future__ import annotations

import atexit
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import orjson

from crawler.errors import PdfRefused
from indexer.document import Section

MAX_BYTES = 100 * 1024 * 1024
"""Bytes of one PDF."""
MAX_PAGES = 5_000
"""Pages of one PDF; a longer one is set aside, not cut."""
MAX_SECONDS = 60.0
"""Seconds for one PDF: about 15,000 pages of a plain text take that long."""
MAX_MEMORY = 1024 * 1024 * 1024
"""Bytes of address space of the process that reads PDFs."""
_RESTART_AFTER = 200
"""PDFs that one process reads: what leaks in it stays small."""
_HEADER = 8
"""Bytes before each message, which say how long it is, big endian."""


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text and metadata of one PDF."""

    title: str
    """From the metadata where that is a title, else the first line of the text; never empty."""
    text: str
    """Paragraphs set apart by empty lines; page numbers and running headers are left out."""
    authors: tuple[str, ...]
    """From the metadata."""
    published: str
    """ISO 8601 day of creation as the metadata has it, or empty."""
    sections: tuple[Section, ...]
    """From the outline that the PDF brings; empty where it has none."""
    pages: int


class PdfReader:
    """Reads PDFs in a process of its own; a context manager. Not for use by several threads at once."""

    def __init__(self, seconds: float = MAX_SECONDS, memory: int = MAX_MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def read(self, data: bytes, name: str) -> PdfText:
        """The text of a PDF; `name` is what messages call it, and the title where there is no other.

        Raises PdfRefused where it is encrypted, scanned, broken, or beyond a limit.
        """
        if len(data) > MAX_BYTES:
            raise PdfRefused("PDF too large", f"{name} has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
        answer = self._ask(data, name)
        if reason := answer.get("refused"):
            raise PdfRefused(str(reason), f"{name}: {answer.get('why', reason)}")
        return PdfText(
            title=answer["title"] or name,
            text=answer["text"],
            authors=tuple(answer["authors"]),
            published=answer["published"],
            sections=tuple(Section(*section) for section in answer["sections"]),
            pages=answer["pages"],
        )

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _ask(self, data: bytes, name: str) -> dict[str, Any]:
        """Send a PDF, await the answer until the time is up."""
        if self._process is None or self._read >= _RESTART_AFTER:
            self.close()
            self._process, self._read = self._start(), 0
        self._read += 1
        deadline = time.monotonic() + self.seconds
        try:
            self._exchange_out(len(data).to_bytes(_HEADER, "big") + data, deadline)
            size = int.from_bytes(self._exchange_in(_HEADER, deadline), "big")
            answer: dict[str, Any] = orjson.loads(self._exchange_in(size, deadline))
        except TimeoutError:
            self.close()
            raise PdfRefused("PDF takes too long", f"{name} takes more than {self.seconds:g} seconds to read") from None
        except (OSError, EOFError, orjson.JSONDecodeError):
            self.close()
            raise PdfRefused(
                "PDF breaks its reader", f"{name} kills the process that reads it, or needs too much memory"
            ) from None
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        limits = [str(self.memory), str(MAX_PAGES)]
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler.pdf.child", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,
            env={},
            bufsize=0,
        )
        assert process.stdin is not None, "it has pipes"
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _exchange_out(self, message: bytes, deadline: float) -> None:
        pipe, view = _number(self._process, "stdin"), memoryview(message)
        while view:
            _, ready, _ = select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            view = view[os.write(pipe, view[: 1 << 16]) :]

    def _exchange_in(self, size: int, deadline: float) -> bytes:
        pipe, missing = _number(self._process, "stdout"), size
        parts: list[bytes] = []
        while missing:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            if not (part := os.read(pipe, min(missing, 1 << 20))):
                raise EOFError
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _number(process: subprocess.Popen[bytes] | None, name: Literal["stdin", "stdout"]) -> int:
    pipe = getattr(process, name)
    assert pipe is not None, "the process is running"
    number: int = pipe.fileno()
    return number


_shared = PdfReader()
atexit.register(_shared.close)


def read_pdf(data: bytes, name: str) -> PdfText:
    """As PdfReader.read, with one process that is kept until this one ends."""
    return _shared.read(data, name)
