"""How much disk has a command taken so far?

Nothing in the kernel bounds the files of a folder for an ordinary user, so the folders are counted while the command runs: what
lies in them, and what its processes hold open though it was deleted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST = 1_000
"""Bytes of a folder's path below the workspace; what lies deeper could hardly be named, let alone removed by anybody."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What folders hold, as far as it was counted."""

    size: int
    """Bytes on the disk."""
    number: int
    """Files and folders."""
    deep: bool = False
    """Whether a folder lies deeper than LONGEST; what is in it is not counted."""


def taken(folders: Iterable[Path], entries: int) -> Taken:
    """What these folders hold; counting stops past `entries`, and at a folder that lies too deep.

    A folder that was closed to its owner is opened again; one that is closed once more counts as too many files.
    """
    size = number = 0
    waiting = [(str(folder), len(os.fsencode(folder)) + LONGEST) for folder in folders]
    while waiting and number <= entries:
        folder, longest = waiting.pop()
        try:
            for entry in _listed(folder):
                number += 1
                if number > entries:
                    break
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    if len(os.fsencode(entry.path)) > longest:
                        return Taken(size, number, deep=True)
                    waiting.append((entry.path, longest))
        except PermissionError:
            return Taken(size, entries + 1)
        except OSError:  # gone meanwhile
            continue
    return Taken(size, number)


def _listed(folder: str) -> Iterator[os.DirEntry[str]]:
    if not os.access(folder, os.R_OK | os.X_OK, follow_symlinks=False):
        place = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            Path(f"/proc/self/fd/{place}").chmod(0o700)
        finally:
            os.close(place)
    with os.scandir(folder) as found:
        yield from found


def deleted(first: int) -> int:
    """Bytes of deleted files that the processes in the pid namespace of process `first` hold open."""
    try:
        namespace = Path(f"/proc/{first}/ns/pid").stat().st_ino
    except OSError:
        return 0
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    return sum({key: size for process in processes for key, size in _held(process, namespace)}.values())


def _held(process: Path, namespace: int) -> Iterable[tuple[tuple[int, int], int]]:
    """``(device and inode, bytes)`` of the deleted regular files that a process of the namespace holds."""
    try:
        if (process / "ns" / "pid").stat().st_ino != namespace:
            return
        files = list((process / "fd").iterdir())
    except OSError:
        return
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        if stat.S_ISREG(state.st_mode) and state.st_nlink == 0:
            yield (state.st_dev, state.st_ino), state.st_blocks * 512
