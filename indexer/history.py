"""Which snapshots are there, which was current when, and how long do they stay?

Every commit leaves its manifest. Old ones go when they no longer share a segment with the newest, or when there are too many;
one that is held stays, with all its files, until it is released.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from indexer.copies import copied, copy_of, delete_both, write_copy, write_twice
from indexer.durable import sync_directory
from indexer.errors import BuildError, IndexOpenError, ManifestError, NoSuchGeneration
from indexer.generation import (
    commit,
    current,
    generations,
    hold_path,
    is_held,
    manifest_path,
    manifest_paths,
    readable,
    searchable,
    utc_now,
    writer_lock,
)
from indexer.manifest import Manifest


def as_of(moment: str) -> Callable[[Path], Manifest]:
    """A way to find the generation that was current at `moment`: an ISO 8601 date (its last second) or date and time, UTC.

    Raises NoSuchGeneration, which names the nearest ones kept, where the one of that moment is kept no more or the text is no
    date, and ManifestError where it may be one that cannot be read.
    """
    until = _moment(moment)

    def find(index: Path) -> Manifest:
        found, broken = generations(index)
        before = [m for m in found if datetime.datetime.fromisoformat(m.created) <= until]
        last = before[-1].number if before else 0
        after = next((m for m in found if m.number > last), None)
        for number, error in sorted(broken.items()):
            if number > last and (after is None or number < after.number):
                raise ManifestError(f"as of {moment} generation {number} may have been current, and {error}")
        if after and not before:
            raise NoSuchGeneration(
                f"{index} goes back to {after.created} (generation {after.number}), not to {moment}; "
                "keep generations for longer with: stepwell indexer hold"
            )
        if after and after.number > last + 1:  # numbers have no gaps: there was another one in between
            raise NoSuchGeneration(
                f"the generation of {moment} is not kept; the nearest are {last} ({before[-1].created}) and "
                f"{after.number} ({after.created}); keep generations for longer with: stepwell indexer hold"
            )
        return searchable(index, before[-1])

    return find


def rollback(index: Path, number: int) -> Manifest:
    """Commit the content of an earlier generation again.

    Raises NoSuchGeneration if it is not on disk any more, ManifestError if it does not open; the current one stays then.
    """
    from indexer.index import Index

    with writer_lock(index):
        before = current(index)
        kept = _kept(index, number)
        if number == before.number:
            raise NoSuchGeneration(f"generation {number} is the current one already")
        try:
            manifest = readable(index, kept)
            Index.open(index, wanted=lambda _: manifest).close()
        except IndexOpenError as error:
            reason = str(error).partition("; ")[0]  # its way out is meant for the current generation
            raise ManifestError(f"generation {number} does not open: {reason}; generation {before.number} stays") from None
        return commit(index, replace(manifest, number=before.number + 1, created=utc_now()))


def hold(index: Path, number: int, why: str = "") -> Path:
    """Keep a generation, whatever is committed later, until it is released; returns its manifest's path."""
    with writer_lock(index):
        path = _kept(index, number)
        if not copy_of(path).exists():
            write_copy(path)
        write_twice(hold_path(path), f"{utc_now()} {' '.join(why.split())}\n".encode())
        return path


def release(index: Path, number: int) -> None:
    """Let go of a held generation: the next commit, or `gc`, may delete it. Raises BuildError if it is not held."""
    with writer_lock(index):
        path = _kept(index, number)
        if not is_held(path):
            held = ", ".join(str(int(p.stem)) for p in manifest_paths(index) if is_held(p)) or "none"
            raise BuildError(f"generation {number} is not held; held are: {held}")
        delete_both(hold_path(path))
        sync_directory(path.parent)


def held(index: Path, number: int) -> str | None:
    """Since when and why a generation is held; None if it is not."""
    path = manifest_path(index, number)
    if not is_held(path):
        return None
    try:
        return hold_path(path).read_text(errors="replace").strip()
    except OSError:
        return (copied(hold_path(path)) or b"").decode().strip()


def _kept(index: Path, number: int) -> Path:
    paths = {int(path.stem): path for path in manifest_paths(index)}
    if number not in paths:
        raise NoSuchGeneration(f"generation {number} is not on disk; there are {', '.join(map(str, paths)) or 'none'}")
    return paths[number]


def _moment(text: str) -> datetime.datetime:
    """The last second that a date or time means, in UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise NoSuchGeneration(f"{text!r} is not a date; write 2026-11-22 or 2026-11-22T10:00:00") from None
    if len(text) <= len("2026-11-22"):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment.replace(tzinfo=moment.tzinfo or datetime.UTC)
