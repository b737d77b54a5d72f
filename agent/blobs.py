"""Where do a run's texts lie?

In files named by the SHA-256 of their content: a text is written once, never changed, and shows by its name whether it is
still what it was.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.errors import TrajectoryError
from agent.trajectory import Stored

INLINE = 4096
"""Bytes up to which a text is also kept in its event, so that the log alone reads well."""
WRITERS = 16
"""Files that are synced at a time."""
MAX_BLOB = 128 * 2**20
"""Bytes in one blob that are read back; a document has at most 4 million characters."""


class Blobs:
    """A directory of content-addressed texts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._new: dict[str, bytes] = {}

    def put(self, text: str) -> Stored:
        """Take a text; it is on disk once `sync` has returned, which comes before any event that names it."""
        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in self._new and not (self.directory / sha256).exists():
            self._new[sha256] = data
        return Stored(sha256, len(data), text if len(data) <= INLINE else "")

    def sync(self) -> None:
        """Put on disk what was taken, all at once: a disk makes many files durable in the time of one."""
        if len(self._new) == 1:
            [(name, data)] = self._new.items()
            _write(self.directory / name, data)
        elif self._new:
            with ThreadPoolExecutor(min(WRITERS, len(self._new))) as pool:
                list(pool.map(_write, [self.directory / name for name in self._new], self._new.values()))
        if self._new:
            sync_directory(self.directory)
            self._new.clear()

    def get(self, sha256: str) -> str:
        """The text of that SHA-256. Raises TrajectoryError where it is missing or is no longer the same text."""
        path = self.directory / sha256
        if sha256 in self._new:
            return self._new[sha256].decode()
        if not path.is_file():
            raise TrajectoryError(f"blob {sha256[:12]} is missing from {self.directory}")
        if path.stat().st_size > MAX_BLOB:
            raise TrajectoryError(f"blob {sha256[:12]} is over {MAX_BLOB:,} bytes")
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise TrajectoryError(f"blob {sha256[:12]} in {self.directory} was altered")
        return data.decode()

    def text(self, sha256: str) -> str | None:
        """The same, None where it is missing or altered."""
        try:
            return self.get(sha256)
        except TrajectoryError:
            return None

    def read(self, stored: Stored) -> str:
        """The text behind a Stored, from its event where it is there."""
        return stored.text if stored.text or not stored.size else self.get(stored.sha256)


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; it survives a crash once this returns."""
    _write(path, data)
    sync_directory(path.parent)


def _write(path: Path, data: bytes) -> None:
    """The file under its name, its content on disk; the name is durable with the directory."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
