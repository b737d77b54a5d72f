"""Who may write to a directory now, and what is somebody reading?

Locks are the kernel's (flock): they end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def exclusive(path: Path, refusal: Exception) -> IO[str]:
    """Hold the lock file at `path` until the returned file is closed or the process ends; raises `refusal` if it is held."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise refusal from None
    return lock


class Pin:
    """A shared lock on a file, held until it is closed or forgotten."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Let go; twice is as good as once."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()


def share(path: Path) -> Pin:
    """Hold `path` together with others; raises FileNotFoundError if it is gone. Needs no right to write."""
    pin = Pin(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    with suppress(OSError):  # a file system without locks: the reader goes on unpinned, its mapped files stay readable anyway
        fcntl.flock(pin._descriptor, fcntl.LOCK_SH)  # noqa: SLF001 - its own maker
    return pin


@contextmanager
def unshared(path: Path) -> Iterator[bool]:
    """Whether nobody shares `path`; if so, nobody can begin to while the block runs."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # also of what is no regular file
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
