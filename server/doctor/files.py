"""Is the index there and whole, may this user read and write what the server does, and is there room?"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from authority.tables import OFF, SHIPPED, table_path
from indexer.errors import IndexerError
from indexer.generation import check_sizes, current, files_of, generations
from indexer.manifest import Manifest
from indexer.restore import unlike_copies
from server.doctor.finding import Finding, fail, ok, size, warn

if TYPE_CHECKING:
    from server.deployment import Deployment

ROOM = 0.05
"""Share of a disk that should be free."""
LEAST = 200_000_000
"""Bytes that must be free: commits, histories and logs need a little."""


def mapped_bytes(manifest: Manifest) -> int:
    """Of every file that a generation reads."""
    return sum(file.bytes for entry in manifest.segments for file in entry.files.values())


def index(deployment: Deployment) -> Iterator[Finding]:
    """Every file of every generation on disk, by name and size; contents are what `indexer verify` and the scrubbing read."""
    manifest = current(deployment.index)
    check_sizes(deployment.index, manifest)
    count = sum(len(entry.files) for entry in manifest.segments)
    yield ok(
        "index",
        f"snapshot {manifest.snapshot}: {manifest.documents:,} documents, segments: {len(manifest.segments)}, "
        f"{size(mapped_bytes(manifest))}; all {count} files are there and of the right size",
    )
    if not manifest.documents:
        yield warn("index", "it holds no document", "build it: stepwell indexer build CORPUS --index DIR")
    yield from _earlier(deployment.index, manifest.number)


def _earlier(index: Path, newest: int) -> Iterator[Finding]:
    """What a rollback or a date would ask for and not get; searches of the current generation do not need it."""
    mend = "stepwell indexer repair makes held ones again and puts the others aside"
    found, broken = generations(index)
    for number, error in sorted(broken.items()):
        yield warn("index", f"generation {number} cannot be read: {error}", mend)
    for what in unlike_copies(index):
        yield warn("index", what.partition("; ")[0], mend)
    for manifest in found:
        if manifest.number != newest:
            try:
                check_sizes(index, manifest)
            except IndexerError as error:
                yield warn("index", f"generation {manifest.number} is damaged: {error}", mend)


def permissions(deployment: Deployment) -> Iterator[Finding]:
    """What the server reads and what it writes, as the user who asks."""
    manifest, settings = current(deployment.index), deployment.settings
    hidden = [path for path, _ in files_of(deployment.index, manifest) if not os.access(path, os.R_OK)]
    who = f"user {os.getuid()}"
    if hidden:
        yield fail("permissions", f"{who} may not read {len(hidden)} files, {hidden[0]} first", f"chown -R the index to {who}")
    loose = [path for path in (deployment.index, deployment.index / "generations") if path.stat().st_mode & stat.S_IWOTH]
    if loose:
        yield warn("permissions", f"everybody may write to {loose[0]}", f"chmod o-w {loose[0]}")
    written = {
        "the ready file": settings.ready_file,
        "the query log": settings.query_log,
        "what keys have used": settings.keys,
    }
    closed = {what: path for what, path in written.items() if path and not _writable(path.parent)}
    for what, path in closed.items():
        yield fail("permissions", f"{who} may not write {what} to {path.parent}", f"name another place, or chown it to {who}")
    if not hidden and not closed:
        yield ok("permissions", f"{who} may read the index, and write what is to be written")
    yield from _table(deployment)


def _table(deployment: Deployment) -> Iterator[Finding]:
    """Whether edits over the network could be saved."""
    if deployment.authority == OFF or not (deployment.settings.keys or deployment.settings.open_admin):
        return
    if deployment.authority in SHIPPED:
        yield warn("edits", "the shipped table is not written by anybody", "name a copy of it: authority = FILE")
        return
    folder = table_path(deployment.authority).parent
    if _writable(folder):
        yield ok("edits", f"a changed authority table can be saved in {folder}")
    else:
        yield warn("edits", f"no changed authority table can be saved in {folder}", "make it writable, or give no key that scope")


def disks(deployment: Deployment) -> Iterator[Finding]:
    """Room where the index lies, and where the server writes."""
    settings = deployment.settings
    places = {deployment.index: mapped_bytes(current(deployment.index))}
    places |= {path.parent: 0 for path in (settings.query_log, settings.keys) if path and path.parent.is_dir()}
    seen = set()
    for place, needed in places.items():
        if (device := place.stat().st_dev) in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(place)
        found = f"{size(usage.free)} of {size(usage.total)} are free at {place}"
        if usage.free < LEAST:
            yield fail("disk", found, f"make room: commits and logs need {size(LEAST)}")
        elif usage.free < needed:
            yield warn("disk", f"{found}, less than the index' {size(needed)}", "make room before a merge or a new build")
        elif usage.free < ROOM * usage.total:
            yield warn("disk", found, "make room before it is needed")
        else:
            yield ok("disk", found)


def _writable(folder: Path) -> bool:
    """Whether a file could be made there; a folder that is not there yet counts if it could be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
