"""What of the manifests and holds is not what their copies say, and how is it put back?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from indexer.copies import copied, copy_of, put_back, write_copy
from indexer.errors import ManifestError, NewerFormat
from indexer.generation import copied_files, read_manifest


def unlike_copies(index: Path) -> Iterator[str]:
    """What is wrong with manifests, holds and their copies, in words; without the manifests that cannot be read, whose errors
    `generations` gives.
    """
    for path in copied_files(index):
        copy = copy_of(path)
        before, content, promised = _bytes(copy), _bytes(path), copied(path)
        if before is None or _bytes(copy) != before:  # deleted or written again since
            continue
        if promised is None:
            yield f"{copy} is damaged; run: stepwell indexer repair --index {index}"
        elif content != promised and (path.suffix != ".json" or _is_sound(path)):
            what = "is missing" if not os.path.lexists(path) else "is not what its copy says"
            yield f"{path} {what}; run: stepwell indexer repair --index {index}"


def restore(index: Path) -> list[str]:
    """Put back what its copy tells, make damaged copies again; returns the files that were, relative to the index.

    The caller holds the writer lock.
    """
    found = []
    for path in copied_files(index):
        content, promised = _bytes(path), copied(path)
        if content is not None and content == promised:
            continue
        sound = _is_sound(path) if path.suffix == ".json" else promised is None and content is not None
        if sound:
            write_copy(path)
            found.append(copy_of(path))
        elif promised is not None:
            put_back(path, promised)
            found.append(path)
    return [str(path.relative_to(index)) for path in found]


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _is_sound(manifest: Path) -> bool:
    try:
        read_manifest(manifest)
    except NewerFormat:
        return True
    except (ManifestError, FileNotFoundError):
        return False
    return True
