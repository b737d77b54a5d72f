"""Where does a command keep what is not the run's, and who removes it?

In a folder of its own under the system's temporary one. The process that asked holds it by a lock, so that the next command finds
what a killed one left behind, and removes that.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from agent.sandbox.tree import remove_folder

PREFIX = "stepwell-sandbox-"
STALE = 60.0
"""Seconds after which a folder that nobody holds is taken for left behind; one is made a moment before it is held."""
MOST = 100
"""Folders that one command removes."""


@contextlib.contextmanager
def stage() -> Iterator[Path]:
    """A folder for one command. It is removed whatever the command did to its permissions, and no link is followed meanwhile."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with _held(folder):
            yield folder
    finally:
        remove_folder(folder)


def _sweep(under: Path) -> None:
    """Remove what processes of this user left that were killed."""
    with contextlib.suppress(OSError), os.scandir(under) as entries:
        left = [entry.path for entry in entries if entry.name.startswith(PREFIX) and _stale(entry)]
        for path in left[:MOST]:
            with contextlib.suppress(OSError), _held(Path(path)):
                remove_folder(Path(path))


def _stale(entry: os.DirEntry[str]) -> bool:
    state = entry.stat(follow_symlinks=False)
    return entry.is_dir(follow_symlinks=False) and state.st_uid == os.geteuid() and time.time() - state.st_mtime > STALE


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Raises BlockingIOError where another process holds it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)
