"""How does a table's file change so that neither a crash nor a save by hand at that moment loses anything?

A lock keeps commands apart; an editor knows nothing of it. So the new table changes places with the old one in one step of the
file system, and the file that was replaced stays beside it: whatever somebody saved after it was read, even through a file that
was open before the exchange, is found there. What it was when it was read lies in the base.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from authority.by_hand import base_path
from authority.compare import diff
from authority.errors import EditError
from authority.table import Table, read_bytes

LOCK_PATIENCE = 60.0
"""Seconds to wait for another edit to end; one takes milliseconds."""
QUIET = 0.02
"""Seconds for which a file that somebody writes must stay the same to count as saved."""
SETTLING = 25
"""Times that a file is looked at until it is not empty any more."""
BUSY = 4
"""Times that a file with content is looked at until it stays the same; somebody may append to it all day."""
ABANDONED = 60.0
"""Seconds after which nobody is expected to write any more into a file that was emptied."""
AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""From fcntl.h and stdio.h, see renameat2(2)."""
NO_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
"""What renameat2 says where the kernel or the file system cannot exchange two files."""


def replaced_path(table: Path) -> Path:
    """The file that stood at `table` before the last edit; whoever had it open still writes into it."""
    return table.with_name(f".{table.name}.replaced")


@contextmanager
def locked(table: Path) -> Iterator[None]:
    """Hold the table's lock, a file beside it that is never removed; it is the kernel's, so a crash releases it."""
    table.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(table.with_name(f"{table.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        end = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise EditError(f"{table} is being edited by another process; try again when it is done") from None
                time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def save(path: Path, read: bytes, table: Table, sign: Callable[[], None]) -> None:
    """Put `table` in the place of the file that held `read` (nothing, where there was no file), under the lock.

    `sign` is called when all is on disk but the names. Raises OSError, FileExistsError where a file came in between; EditError
    while somebody saves into the file that the last edit replaced: this one would take it from them.
    """
    if _emptied(replaced_path(path)):
        raise EditError(f"{path} is being saved by hand: it was emptied and is not written yet; try again in a moment")
    new = not path.exists()
    mode = 0o644 if new else path.stat().st_mode & 0o777
    fresh = path.with_name(f".{path.name}.tmp")  # one name is enough under the lock, and leaves no litter

    def before_the_base() -> None:
        sign()
        if not new:  # it holds what was taken up from the one before; after a crash the next command finds it there
            fresh.replace(replaced_path(path))

    try:
        _write(fresh, table.serialise(), mode)
        rebase(path, read, mode, before_the_base)
        if new:
            _name(fresh, path)
        else:
            _exchange(replaced_path(path), path, fresh)
    finally:
        fresh.unlink(missing_ok=True)
    _sync_folder(path)


def rebase(path: Path, content: bytes, mode: int = 0o644, before: Callable[[], None] = lambda: None) -> None:
    """Keep a copy of the table as it was read: what changes by hand later is told from it."""
    copy = path.with_name(f".{base_path(path).name}.tmp")
    try:
        _write(copy, content, mode)
        before()
        copy.replace(base_path(path))
    finally:
        copy.unlink(missing_ok=True)
    _sync_folder(path)


def settled(path: Path, *, empty: bool = False) -> bytes:
    """The bytes of a table file once nobody is writing them any more; none of them only where it may be `empty`.

    Raises as `read_bytes`.
    """
    before = None
    for look in range(SETTLING):
        state = path.stat()
        now = state.st_ino, state.st_size, state.st_mtime_ns
        if state.st_size and (now == before or look == BUSY):  # an empty one is about to be written, mostly
            break
        before = now
        time.sleep(QUIET)
    return b"" if empty and not path.stat().st_size else read_bytes(path)


def saved_late(path: Path) -> bool:
    """Whether the file that the last edit replaced holds more than the edit read, or the edit was interrupted before that."""
    try:
        return base_path(path).read_bytes() != replaced_path(path).read_bytes()
    except FileNotFoundError:
        return False


def _emptied(path: Path) -> bool:
    """Whether a file was emptied just now, as editors do before they write it."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return found.st_size == 0 and time.time() - found.st_mtime < ABANDONED


def merged(was: Table, theirs: Table, ours: Table) -> Table:
    """`theirs` with what turned `was` into `ours`; where both changed a key, theirs stays, because it came later."""
    both = theirs
    for each in diff(was, ours):
        if theirs.get(each.key) == each.before:
            both = both.replacing(each.after) if each.after else both.without(each.key)
    return both


def _write(path: Path, content: bytes, mode: int) -> None:
    with path.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _name(fresh: Path, path: Path) -> None:
    """Give the file its name unless there is one by now."""
    try:
        path.hardlink_to(fresh)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP):
            raise
        fresh.replace(path)  # the file system has no second names


def _exchange(replaced: Path, path: Path, spare: Path) -> None:
    """What stands at `replaced` comes to stand at `path`, and what stood there, to the last instant, at `replaced`."""
    try:
        if not _swap(replaced, path):
            with suppress(OSError):  # no second names either: the instant between reading and renaming stays open
                spare.hardlink_to(path)
            replaced.replace(path)
            if spare.exists():
                spare.replace(replaced)
    except OSError:
        replaced.unlink(missing_ok=True)
        raise


def _swap(one: Path, other: Path) -> bool:
    """Exchange two files in one step; False where this system cannot. Raises OSError."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    if (code := ctypes.get_errno()) in NO_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
