"""How are documents written into segments, by one process or by several?

A segment takes the documents whose id hashes to it, so one id always meets itself in one segment and is indexed once. Each of
several segments has a process of its own (processes.py), which reads the corpora itself and parses the lines that are its own:
analysis holds the interpreter's lock.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.by_collection import write_by_collection
from indexer.corpus import BROKEN, Record, read_records
from indexer.errors import BuildError
from indexer.mix import Mix
from indexer.processes import end_with_caller, for_writing

if TYPE_CHECKING:
    from indexer.progress import Progress  # what draws it is imported where something is drawn

LOOK = 0.2
"""Seconds between two looks at how far the processes are."""
LOT = 256
"""Documents that a process takes before it says so: each time it waits for the others to let go of their number."""
_EMPTY = blake2b(digest_size=8)
TRIES = 10
"""Looks at whether tantivy has let go of a folder."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one segment is written from."""

    folder: Path
    corpora: tuple[Path, ...]
    number: int
    """From 0."""
    parts: int
    limit: int | None
    """Documents read of all corpora together."""
    salvage: bool = False
    """Whether to go on where shards are damaged or missing."""
    mix: Mix = "small"
    """Which collections share a segment."""
    languages: str = ""
    """How the languages of documents that say none are told."""


@dataclass(slots=True)
class Written:
    """What became of the documents."""

    documents: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    """Records that could not be indexed, by reason."""


def write_segments(parts: Sequence[Part], progress: Progress) -> Written:
    """Write the segments that are not there yet; each folder is complete or absent afterwards. Raises BuildError."""
    missing = [part for part in parts if not part.folder.is_dir()]
    if len(missing) <= 1:
        return _together([write_part(part, progress.advance) for part in missing])
    processes = for_writing()
    count = processes.Value("q", 0)
    at_once = min(len(missing), os.cpu_count() or 1)  # each holds its segment's terms in memory
    with ProcessPoolExecutor(at_once, processes, initializer=_share, initargs=(count,)) as pool:
        futures = [pool.submit(_write_in_process, part) for part in missing]
        waiting = set(futures)
        while waiting:
            waiting = wait(waiting, timeout=LOOK).not_done
            progress.advance(count.value - progress.count)
        try:
            return _together([future.result() for future in futures])
        except BrokenProcessPool:
            raise BuildError(
                "a process that wrote a segment was killed, perhaps for want of memory; use fewer --segments"
            ) from None


def write_part(part: Part, on_document: Callable[[], None]) -> Written:
    """Write one part, in as many segments as `mix` asks for; calls `on_document` for each document it takes."""
    written = Written()
    with nothing_left_behind(part.folder):
        records = _records(part, written.set_aside)
        written.documents = write_by_collection(part.folder, records, part.mix, on_document, written.set_aside, part.languages)
    return written


@contextmanager
def nothing_left_behind(folder: Path) -> Iterator[None]:
    """Remove a half-written folder when writing fails, and say what SQLite, tantivy and FAISS say of a full disk in one way."""
    try:
        yield
    except BaseException as error:
        _remove(folder.with_name(folder.name + ".tmp"))
        if isinstance(error, OSError | sqlite3.OperationalError | ValueError | RuntimeError):  # ... tantivy, FAISS
            why = f"{folder} could not be written ({error})"
            raise BuildError(f"{why}; is the disk full? nothing was committed, the previous generation is in place") from error
        raise


def _remove(folder: Path) -> None:
    """Delete a folder in which a thread of tantivy's may still be writing its last file."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(LOOK)


def _records(part: Part, set_aside: Counter[str]) -> Iterator[Record]:
    """The documents of one part, in the order of the corpora. Lines of other parts are not parsed, unless there is a limit."""
    wanted = partial(_of_part, part) if part.parts > 1 and part.limit is None else None

    def note(where: str, reason: str, detail: str) -> None:
        if part.number == 0 or (wanted and reason == BROKEN):  # what every part meets one of them reports
            print(f"set aside {where}: {reason} ({detail})", file=sys.stderr)
            set_aside[reason] += 1

    everything = (record for corpus in part.corpora for record in read_records(corpus, note, part.salvage, wanted))
    for record in islice(everything, part.limit):
        if part.parts == 1 or _of_part(part, record.document.id.encode()):
            yield record


def _of_part(part: Part, doc_id: bytes) -> bool:
    """Whether the document of this id is of the part; an id that cannot be told is the first one's to report."""
    if not doc_id:
        return part.number == 0
    hashed = _EMPTY.copy()  # a new one takes half as long again
    hashed.update(doc_id)
    return int.from_bytes(hashed.digest(), "little") % part.parts == part.number


def _together(results: Sequence[Written]) -> Written:
    return Written(sum(w.documents for w in results), sum((w.set_aside for w in results), Counter()))


_count: Any = None
"""In a writing process: the number of documents that all of them have taken so far."""


def _share(count: Any) -> None:
    global _count  # noqa: PLW0603 - how an initializer hands something to its process
    _count = count
    end_with_caller()


def _write_in_process(part: Part) -> Written:
    taken = 0

    def count_one() -> None:
        nonlocal taken
        taken += 1
        if taken % LOT == 0:
            _add(LOT)

    written = write_part(part, count_one)
    _add(taken % LOT)
    return written


def _add(documents: int) -> None:
    with _count.get_lock():
        _count.value += documents
