"""Which files make up an input, and how is each opened?

An input is a local file, a folder of parts, or a URL: `s3`, `gs`, `az` (and their aliases) and `memory` through fsspec, `file` as
a local path, and `http(s)` through harvest/fetch.py, which dials public addresses only. Nothing else is opened: no other fsspec
protocol, no chain of them (``simplecache::…``). Locations come from the command line, never from what was read; where s3 and its
like really lie is said by the user's own settings, so those are trusted. Compressed parts are told by their bytes (lines.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar, cast
from urllib.parse import unquote, urlsplit

from crawler.errors import SourceError, UsageError
from crawler.reading import Reading, SetAside, set_aside
from crawler.safety import SCHEMES, Reach
from indexer.document import Document

CLOUD = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}
"""fsspec protocols that are opened, with the package each needs."""
PACKED = ("", ".gz", ".gzip", ".zst", ".zstd")
"""What may follow a suffix."""
Read = TypeVar("Read")
MAX_TITLE = 10_000
"""Characters of a title; what is longer is a text, or damage."""
_REJECTS = "rejects.jsonl"
"""A corpus keeps what it set aside under this name; it holds no records."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an input."""

    name: str
    """Path or URL, as it is shown to people."""
    size: int
    """Bytes as stored; 0 where that is not known."""
    open: Callable[[], BinaryIO]
    """Opens it for reading at its beginning; may raise OSError."""


def find_parts(location: Path | str, suffixes: tuple[str, ...], reach: Reach | None = None) -> list[Part]:
    """The file at `location`, or below a folder every file with one of `suffixes` (packed or not), in name order.

    Hidden files are left out, and so are links that lead out of the folder. Raises UsageError where there is nothing at
    `location`, or nothing may be read from there, and SourceError where it holds no such file or its server fails.
    """
    if isinstance(location, Path) or "://" not in location or location.lower().startswith("file://"):
        return _local(local_path(location), suffixes)
    scheme = location.partition("://")[0].lower()
    if scheme in SCHEMES:
        return [_http_part(location, reach or Reach())]
    if scheme in CLOUD or scheme == "memory":
        return _fsspec(location, scheme, suffixes)
    known = ", ".join((*SCHEMES, "file", *CLOUD, "memory"))
    raise UsageError(f"{location!r} is not read; give a local path or a URL with one of: {known}")


def read_parts(parts: list[Part], read: Callable[[Part, BinaryIO], Iterator[Reading]]) -> Iterator[Reading]:
    """The readings of all parts, one after the other; a part that cannot be read is set aside.

    The shares that `read` gives are replaced by the share of all bytes that have been taken from the files.
    """
    total, before = sum(part.size for part in parts) or 1, 0
    for part in parts:
        try:
            with part.open() as file:
                for reading in read(part, file):
                    share = (before + min(file.tell(), part.size)) / total
                    yield Reading(titled(reading.record, reading.where), reading.where, min(1.0, share))
        except OSError as error:
            record = set_aside(part.name, "cannot be read", error.strerror or str(error))
            yield Reading(record, part.name, min(1.0, (before + part.size) / total))
        before += part.size


def titled(record: Read, where: str) -> Read | SetAside:
    """The record, set aside where it is a document with a title of more than MAX_TITLE characters."""
    if isinstance(record, Document) and len(record.title) > MAX_TITLE:
        return set_aside(where, "title too long", f"{len(record.title):,} characters; the limit is {MAX_TITLE:,}")
    return record


def local_path(location: Path | str) -> Path:
    """For sources that read local files only. Raises UsageError for any other URL than a file's."""
    if isinstance(location, Path) or "://" not in location:
        return Path(location)
    if location.partition("://")[0].lower() != "file":
        raise UsageError(f"{location!r} is not read by this source; give a local file or folder")
    return Path(unquote(urlsplit(location).path))


def wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    """True for ``x.json`` and ``x.json.gz`` where ``.json`` is a suffix, and false for a corpus's list of rejects."""
    lower = name.lower()
    return name != _REJECTS and any(lower.endswith(suffix + packed) for suffix in suffixes for packed in PACKED)


def _local(path: Path, suffixes: tuple[str, ...]) -> list[Part]:
    if path.is_file():
        return [_local_part(path)]
    if not path.is_dir():
        raise UsageError(f"no such file or folder: {path}; give a file, a folder of {' '.join(suffixes)} files, or a URL")
    root = path.resolve()
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder, name)
            readable = file.is_file() or not file.exists()  # a link to nothing is set aside when it is opened, not passed over
            if wanted(name, suffixes) and not name.startswith(".") and readable and file.resolve().is_relative_to(root):
                found.append(_local_part(file))
    return _some(found, str(path), suffixes)


def _local_part(path: Path) -> Part:
    return Part(str(path), path.stat().st_size if path.exists() else 0, lambda: path.open("rb"))


def _fsspec(url: str, scheme: str, suffixes: tuple[str, ...]) -> list[Part]:
    import fsspec

    if "::" in url:
        raise UsageError(f"{url!r} is not read: chained URLs are not opened; give the plain one")
    try:
        files, path = fsspec.core.url_to_fs(url)
        names = {path: files.info(path)} if files.isfile(path) else files.find(path, detail=True)
    except ImportError as error:
        raise UsageError(f"{url!r} cannot be read here: install {CLOUD.get(scheme, 'fsspec')} ({error})") from error
    except Exception as error:  # every cloud's library raises errors of its own
        raise SourceError(f"{url!r} cannot be read: {error}") from error
    if not names:
        raise UsageError(f"nothing at {url!r}; give a file, or a folder of {' '.join(suffixes)} files")
    parts = [
        Part(f"{scheme}://{name.lstrip('/')}", int(info.get("size") or 0), partial(_fsspec_open, files, name))
        for name, info in sorted(names.items())
        if name == path or (wanted(name.rsplit("/", 1)[-1], suffixes) and "/." not in name.removeprefix(path))
    ]
    return _some(parts, url, suffixes)


def _fsspec_open(files: object, name: str) -> BinaryIO:
    try:
        return cast("BinaryIO", files.open(name, "rb"))  # type: ignore[attr-defined]
    except OSError:
        raise
    except Exception as error:  # every cloud's library raises errors of its own
        raise OSError(f"{type(error).__name__}: {error}") from error


def _http_part(url: str, reach: Reach) -> Part:
    from crawler.harvest.fetch import Fetcher

    stream = Fetcher(reach).open(url)  # here, so that a URL that gives nothing ends the job before it touches a corpus
    waiting = [stream]
    return Part(url, stream.size, lambda: cast("BinaryIO", waiting.pop() if waiting else Fetcher(reach).open(url)))


def _some(parts: list[Part], location: str, suffixes: tuple[str, ...]) -> list[Part]:
    if not parts:
        raise SourceError(f"no {', '.join(suffixes)} files in {location} (packed ones have .gz or .zst behind that)")
    return parts
