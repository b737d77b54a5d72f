"""When is a file really on disk?

After its bytes are synced, it has been renamed into place, and the directory that names it is synced too. Everything here that
is said to be committed went through these functions.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Put `content` at `path` atomically: a reader sees the old file or the whole new one, also after a crash.

    `mode` is the file's permissions, less the process's umask.
    """
    beside = path.with_name(path.name + ".tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    """Force a file that somebody else wrote to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Force a directory's entries (creations, renames, deletions) to disk."""
    sync_file(path)


def sync_tree(path: Path, but: str = "") -> None:
    """Force every file and directory below `path`, and `path` itself, to disk; without its sub-folder `but`."""
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not (name == but and folder == str(path))]
        for name in files:
            sync_file(Path(folder, name))
        sync_directory(Path(folder))
