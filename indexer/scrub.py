"""Is what is being served still what was committed?

Disks decay in silence. A Scrubber reads every file of a generation again and again, so slowly that searches do not notice, and
tells of each file that is no longer what the manifest says. What follows from that is its owner's affair.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from indexer.errors import ChecksumError
from indexer.generation import files_of
from indexer.manifest import Manifest
from indexer.segment import FileSum

BLOCK = 1 << 20
"""Bytes read at once."""

Told = Callable[[Path, ChecksumError], None]


class Scrubber:
    """Reads the files of a generation in a thread of its own, `rate` bytes a second; a context manager."""

    def __init__(self, index: Path, manifest: Callable[[], Manifest], rate: float, on_bad: Told) -> None:
        """`manifest` is asked before each file, so a newer generation is taken up at once; `on_bad` is called in the thread."""
        self._index, self._manifest, self._on_bad = index, manifest, on_bad
        self.rate = rate
        """Bytes a second."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scrub", daemon=True)
        self.rounds = 0
        """Times that every file was read."""
        self.read = 0
        """Bytes read of the round under way."""
        self.damaged = 0
        """Files that were not what they should be."""

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the block under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            before = self._manifest()
            self.read = 0
            for path, expected in files_of(self._index, before):
                error = self._check(path, expected)
                if self._stop.is_set():
                    return
                if self._manifest().checksum != before.checksum:
                    break
                if error:
                    self.damaged += 1
                    self._on_bad(path, error)
            else:
                self.rounds += 1
            self._stop.wait(PAUSE)

    def _check(self, path: Path, expected: FileSum) -> ChecksumError | None:
        """What is wrong with one file, read at the agreed rate; None also when it was stopped in between."""
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    began = time.monotonic()
                    digest.update(block)
                    size += len(block)
                    self.read += len(block)
                    if self._stop.wait(max(0.0, len(block) / self.rate - (time.monotonic() - began))):
                        return None
        except OSError as error:
            return ChecksumError(f"{path} cannot be read ({error.strerror})")
        if (size, digest.hexdigest()) != (expected.bytes, expected.sha256):
            return ChecksumError(f"{path} is damaged: sha256 {digest.hexdigest()[:12]} instead of {expected.sha256[:12]}")
        return None


PAUSE = 1.0
"""Seconds between two rounds, however small the index."""
