"""Where does what is written of a generation stand once more?

A manifest is small and nothing can be made again without it; a hold is one line that keeps gigabytes. Each has a copy beside it,
under a checksum: so that a bad sector, a flip or a slip of the hand costs neither, and so that one that has gone is missed.

A copy is written after its file and deleted before it. One without its file is therefore always a loss, however a writer ended.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from indexer.durable import write_durably

SUFFIX = ".copy"
DIGEST = 64
"""Hexadecimal digits of the SHA-256 in the first line of a copy; the file's content follows."""


def copy_of(path: Path) -> Path:
    """Where the copy of a file lies."""
    return path.with_name(path.name + SUFFIX)


def write_copy(path: Path) -> None:
    """Write the copy of a file as it is."""
    content = path.read_bytes()
    write_durably(copy_of(path), hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def write_twice(path: Path, content: bytes) -> None:
    """Put `content` at `path`, atomically, and then its copy."""
    delete_copy(path)
    write_durably(path, content)
    write_copy(path)


def delete_copy(path: Path) -> None:
    """Delete the copy of a file that is to go, or to change."""
    copy_of(path).unlink(missing_ok=True)


def delete_both(path: Path) -> None:
    """Delete a file and its copy."""
    delete_copy(path)
    path.unlink(missing_ok=True)


def copied(path: Path) -> bytes | None:
    """What a file was when it was written; None where there is no copy of it, or none that can be trusted."""
    try:
        told, _, content = copy_of(path).read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest().encode() == told else None


def put_back(path: Path, content: bytes) -> None:
    """Write a lost file again, in its place if there is one: readers hold their generation by that very file."""
    try:
        if path.is_symlink():
            raise OSError
        with path.open("r+b") as file:
            file.write(content)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(".damaged"))
        write_durably(path, content)
