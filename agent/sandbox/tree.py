"""What did a command leave in a folder, and how is that undone?

Whatever it left: folders closed to their owner, and nested deeper than a path, Python's stack or the files of a process reach.
So folders are entered one by one and left by ``..``, and are moved up before they are emptied. No link is followed, and nobody
else may be at work in the folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent.sandbox.meter import LONGEST

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ENTER, _USE = 0o700, 0o600
"""What an owner may do with a folder, and with a file."""
_FILE = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC


def give(folder: Path, uid: int) -> None:
    """Make an uid the owner of a folder and of all that lies in it."""
    os.chown(folder, uid, uid, follow_symlinks=False)
    for place, name in _below(folder):
        os.chown(name, uid, uid, dir_fd=place, follow_symlinks=False)


def take_back(folder: Path) -> None:
    """Give a folder and all that lies in it back to whom the folder around it belongs, with an owner's rights."""
    home = folder.parent.stat()
    _own(str(folder), None, home)
    for place, name in _below(folder):
        _own(name, place, home)


def sizes(folder: Path) -> dict[str, os.stat_result]:
    """What lies in a folder, by its path below it; what lies deeper than any command may leave it is left out."""
    found: dict[str, os.stat_result] = {}
    waiting = [""]
    while waiting:
        at = waiting.pop()
        with _opened(str(folder / at)) as place:
            for name in _names(place):
                path = f"{at}/{name}" if at else name
                state = os.stat(name, dir_fd=place, follow_symlinks=False)
                enterable = stat.S_ISDIR(state.st_mode)
                if enterable and len(os.fsencode(path)) >= LONGEST:
                    continue
                found[path] = state
                if enterable:
                    waiting.append(path)
    return found


def restore(folder: Path, before: Mapping[str, os.stat_result]) -> tuple[str, ...]:
    """Remove what was not there before, and cut what grew to its former size; the paths of what was cut, sorted.

    What takes more disk even then, because it had holes, is emptied.
    """
    cut: list[str] = []
    waiting = [""]
    while waiting:
        at = waiting.pop()
        with contextlib.suppress(OSError), _opened(str(folder / at)) as place:
            for name in _names(place):
                path = f"{at}/{name}" if at else name
                state = os.stat(name, dir_fd=place, follow_symlinks=False)
                if path not in before:
                    remove(name, place)
                elif stat.S_ISDIR(state.st_mode):
                    waiting.append(path)
                elif stat.S_ISREG(state.st_mode) and state.st_blocks > before[path].st_blocks:
                    _cut(name, place, before[path])
                    cut.append(path)
    return tuple(sorted(cut))


def remove(name: str, place: int) -> None:
    """Remove an entry of the open folder `place` with all that lies in it; what cannot be removed stays."""
    waiting = [name]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):
            if not _is_folder(one, place):
                os.unlink(one, dir_fd=place)
                continue
            with _opened(one, place) as inside:
                for child in _names(inside):
                    with contextlib.suppress(OSError):
                        if not _is_folder(child, inside):
                            os.unlink(child, dir_fd=inside)
                            continue
                        moved = f".{secrets.token_hex(8)}.gone"
                        os.chmod(child, _ENTER, dir_fd=inside)  # else its owner may not move it
                        os.rename(child, moved, src_dir_fd=inside, dst_dir_fd=place)
                        waiting.append(moved)
            os.rmdir(one, dir_fd=place)


def remove_folder(folder: Path) -> None:
    """The same of a folder by its path."""
    with _opened(str(folder.parent)) as place:
        remove(folder.name, place)


def _cut(name: str, place: int, before: os.stat_result) -> None:
    try:
        file = os.open(name, _FILE, dir_fd=place)
    except PermissionError:
        os.chmod(name, _USE, dir_fd=place)
        file = os.open(name, _FILE, dir_fd=place)
    try:
        os.ftruncate(file, before.st_size if stat.S_ISREG(before.st_mode) else 0)
        if os.fstat(file).st_blocks > before.st_blocks:
            os.ftruncate(file, 0)
    finally:
        os.close(file)


def _own(name: str, place: int | None, home: os.stat_result) -> None:
    state = os.stat(name, dir_fd=place, follow_symlinks=False)
    if os.geteuid() == 0 and state.st_uid != home.st_uid:
        os.chown(name, home.st_uid, home.st_gid, dir_fd=place, follow_symlinks=False)
    rights = _ENTER if stat.S_ISDIR(state.st_mode) else _USE if stat.S_ISREG(state.st_mode) else 0
    if rights & ~state.st_mode:
        os.chmod(name, stat.S_IMODE(state.st_mode) | rights, dir_fd=place)


def _below(folder: Path) -> Iterator[tuple[int, str]]:
    """Everything below a folder: the open folder it lies in, valid until the next, and its name there."""
    place = os.open(folder, _FOLDER)
    try:
        levels = [_names(place)]
        while levels:
            if levels[-1]:
                name = levels[-1].pop()
                yield place, name
                if _is_folder(name, place):
                    place = _gone_to(name, place)
                    levels.append(_names(place))
                continue
            levels.pop()
            if levels:
                place = _gone_to("..", place)
    finally:
        os.close(place)


def _gone_to(name: str, place: int) -> int:
    there = os.open(name, _FOLDER, dir_fd=place)
    os.close(place)
    return there


def _names(place: int) -> list[str]:
    return os.listdir(place)


def _is_folder(name: str, place: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode)


@contextlib.contextmanager
def _opened(name: str, place: int | None = None) -> Iterator[int]:
    """A folder, opened to its owner first where it is closed."""
    try:
        folder = os.open(name, _FOLDER, dir_fd=place)
    except PermissionError:
        os.chmod(name, _ENTER, dir_fd=place)
        folder = os.open(name, _FOLDER, dir_fd=place)
    try:
        if _ENTER & ~(mode := os.fstat(folder).st_mode):  # what can be listed may still hide what lies in it, or keep it
            os.fchmod(folder, stat.S_IMODE(mode) | _ENTER)
        yield folder
    finally:
        os.close(folder)
