"""Which files may a run touch?

Those below its own folder, and no path leads out of it: the kernel resolves every path beneath the folder (openat2 with
RESOLVE_BENEATH, Linux 5.6), and where it cannot, each part is opened by itself. Neither follows a symbolic link. Files are
replaced whole or not at all.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath

from agent.errors import ToolError

MAX_FILE = 4 * 2**20
"""Bytes of one file that are read or written."""
MAX_HASHED = 256 * 2**20
"""Bytes of one file whose hash is told, so that it can be replaced; a command can make none that is larger."""
FILE, FOLDER, OTHER = "file", "folder", "link or special file"
MAX_PATH = 400
"""Bytes of a path."""
MAX_FILES = 1_000
"""Files that are listed."""
LOST = "\N{REPLACEMENT CHARACTER}"
NO_TEXT = f"; a name with {LOST} is no UTF-8: only shell reaches it, so rename it there"

_OPENAT2 = 437
_BENEATH = 0x02 | 0x04 | 0x08  # RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, linux/openat2.h
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_OUTSIDE = (errno.ELOOP, errno.EXDEV, errno.ENOTDIR)


class _How(ctypes.Structure):
    """``struct open_how``."""

    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder and what may be done in it. Raises ToolError, in words for the model, on what may or can not be done."""

    root: Path
    by_kernel: bool = True
    """False walks the path part by part even where the kernel could do it."""

    def read(self, path: str) -> bytes:
        """A file's content; at most MAX_FILE bytes of a regular file."""
        with self._opened(parts(path), os.O_RDONLY | os.O_NONBLOCK) as file:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode):
                there = ", ".join(self.files()[:20]) or "none"
                raise ToolError(f"{path} is a folder or no regular file; write replaces it; there are {there}")
            if state.st_size > MAX_FILE:
                raise ToolError(f"{path} has {state.st_size:,} bytes, the limit is {MAX_FILE:,}; write replaces it whole")
            with os.fdopen(os.dup(file), "rb") as whole:
                return whole.read(MAX_FILE)

    def sha256(self, path: str) -> str:
        """Hexadecimal; empty where there is no such file, but nothing, a folder, a link or a pipe."""
        if self.kind(path) != FILE:
            return ""
        with self._opened(parts(path), os.O_RDONLY | os.O_NONBLOCK) as file, os.fdopen(os.dup(file), "rb") as whole:
            if (size := os.fstat(file).st_size) > MAX_HASHED:
                raise ToolError(f"{path} has {size:,} bytes, over {MAX_HASHED:,} none is read; remove it with shell")
            return hashlib.file_digest(whole, "sha256").hexdigest()

    def kind(self, path: str) -> str:
        """FILE, FOLDER, OTHER (such as a link or a pipe), or empty where nothing is at that path."""
        where = parts(path)
        try:
            with self._folder(where[:-1]) as folder:
                mode = os.stat(where[-1], dir_fd=folder, follow_symlinks=False).st_mode
        except (_Absent, FileNotFoundError):
            return ""
        except OSError as error:
            raise ToolError(f"{path} cannot be looked at: {error.strerror}") from error
        return FILE if stat.S_ISREG(mode) else FOLDER if stat.S_ISDIR(mode) else OTHER

    def aside(self, path: str) -> str:
        """The free path to which a folder at `path` is moved when a file takes its place."""
        names = (f"{path}.folder{n or ''}" for n in count())
        return next(name for name in names if not self.kind(name))

    def write(self, path: str, data: bytes) -> None:
        """Replace a file whole; folders on the way are made. It survives a crash once this returns.

        A link or a pipe is replaced itself, a folder is moved to the path that `aside` says.
        """
        if len(data) > MAX_FILE:
            raise ToolError(f"{path} would have {len(data):,} bytes, the limit is {MAX_FILE:,}; write less")
        where = parts(path)
        self.root.mkdir(exist_ok=True)
        for depth in range(1, len(where)):
            self._make(where[:depth])
        moved = PurePosixPath(self.aside(path)).name if self.kind(path) == FOLDER else ""
        with self._folder(where[:-1]) as folder:
            draft = f".{secrets.token_hex(8)}.tmp"
            try:
                _put(draft, data, folder)
                if moved:
                    os.rename(where[-1], moved, src_dir_fd=folder, dst_dir_fd=folder)
                os.rename(draft, where[-1], src_dir_fd=folder, dst_dir_fd=folder)  # replaces a link, never what it names
            except OSError as error:
                with suppress(OSError):
                    os.unlink(draft, dir_fd=folder)
                raise ToolError(f"{path} cannot be written: {error.strerror}") from error
            os.fsync(folder)

    def files(self) -> list[str]:
        """Paths of the regular files as they can be told, sorted, links left out; at most MAX_FILES."""
        found: list[str] = []
        for folder, names, files in os.walk(self.root, followlinks=False):
            names.sort()
            found.extend(str(Path(folder, f).relative_to(self.root)) for f in files if _regular(Path(folder, f)))
            if len(found) >= MAX_FILES:
                break
        return sorted(map(named, found))[:MAX_FILES]

    def admits(self, path: str) -> None:
        """Raises ToolError where nothing could be written at that path."""
        where = parts(path)
        for depth in range(len(where) - 1, -1, -1):
            try:
                with self._folder(where[:depth]) as folder:
                    if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
                        raise ToolError(f"{path} cannot be written: {'/'.join(where[:depth]) or 'the workspace'} is closed")
                    return
            except _Absent:
                continue

    def _make(self, where: tuple[str, ...]) -> None:
        with self._folder(where[:-1]) as folder:
            try:
                os.mkdir(where[-1], 0o755, dir_fd=folder)
                os.fsync(folder)
            except FileExistsError:
                pass
            except OSError as error:
                raise ToolError(f"{'/'.join(where)} cannot be made: {error.strerror}") from error

    @contextmanager
    def _folder(self, where: tuple[str, ...]) -> Iterator[int]:
        with self._opened(where, _FOLDER) if where else self._top("the workspace") as folder:
            yield folder

    @contextmanager
    def _top(self, path: str) -> Iterator[int]:
        """The workspace itself, opened for the sake of a path."""
        try:
            root = os.open(self.root, _FOLDER)
        except FileNotFoundError as error:
            raise _Absent(f"there is no file {path}; the workspace is empty") from error
        except OSError as error:
            raise ToolError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            yield root
        finally:
            os.close(root)

    @contextmanager
    def _opened(self, where: tuple[str, ...], flags: int) -> Iterator[int]:
        path = "/".join(where)
        with self._top(path) as root:
            try:
                file = self._open(root, where, flags | os.O_CLOEXEC | os.O_NOFOLLOW)
            except OSError as error:
                if error.errno == errno.ENOENT:
                    there = ", ".join(self.files()[:20]) or "none"
                    raise _Absent(f"there is no file {path}; there are {there}{NO_TEXT if LOST in path else ''}") from error
                if error.errno in _OUTSIDE:
                    raise ToolError(
                        f"{path} passes through a link or a file; only plain folders of the workspace are entered"
                    ) from error
                raise ToolError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            yield file
        finally:
            os.close(file)

    def _open(self, root: int, where: tuple[str, ...], flags: int) -> int:
        if self.by_kernel:
            how = _How(flags, 0, _BENEATH)
            file = _syscall(_OPENAT2, root, "/".join(where).encode(), ctypes.byref(how), ctypes.sizeof(how))
            if file >= 0:
                return int(file)
            if (code := ctypes.get_errno()) not in (errno.ENOSYS, errno.EPERM):
                raise OSError(code, os.strerror(code))
        return _walk(root, where, flags)


class _Absent(ToolError):
    """Nothing is there; a write may change that."""


def named(path: str) -> str:
    """A path of the file system as it can be told: what of it is no UTF-8 is LOST."""
    return os.fsencode(path).decode(errors="replace")


def parts(path: str) -> tuple[str, ...]:
    """The parts of a relative path. Raises ToolError on one that is absolute, climbs, or is no name at all."""
    if not path or "\0" in path or path.startswith("/") or len(path.encode()) > MAX_PATH:
        raise ToolError(f"{path[:80]!r} is no path of the workspace; use a relative one such as notes/plan.md")
    where = PurePosixPath(path).parts
    if not where or ".." in where or any(len(part.encode()) > 200 for part in where):
        raise ToolError(f"{path[:80]!r} leads out of the workspace; use a relative path such as notes/plan.md")
    return where


def _put(name: str, data: bytes, folder: int) -> None:
    """A new file in an open folder, its content on disk."""
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder)
    with os.fdopen(file, "wb") as whole:
        whole.write(data)
        whole.flush()
        os.fsync(whole.fileno())


def _regular(path: Path) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def _walk(root: int, where: tuple[str, ...], flags: int) -> int:
    """Open part by part, each without following a link, for kernels and containers without openat2."""
    folder = os.dup(root)
    try:
        for part in where[:-1]:
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(where[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)


def _syscall(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    result: int = call(number, *arguments)
    return result
