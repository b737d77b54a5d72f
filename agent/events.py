"""What happened in this run, in order, for good?

One file, one JSON event a line, appended and fsynced before anyone acts on it. A process that dies in the middle of a line
leaves a torn last line, which the next writer cuts off; so does a power cut, which may leave sectors of zeros in it. Any other
line that is no event, or another than was written (`agent.chain`), is an error, wherever it stands: an event whose end was
acknowledged is never dropped in silence. One writer at a time, by flock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from agent.blobs import sync_directory
from agent.chain import Chain
from agent.errors import LogDamaged, RunLocked, RunNotFound, TrajectoryError
from agent.trajectory import FORMAT, Event, Payload, Started, format_of, read_event

TRIES = 5
MAX_LOG = 512 * 2**20
"""Bytes of a log that is read back; a run of 30 steps has about 1 MB."""
SECTOR = 512
"""Bytes that a disk writes as one, or not at all; blocks and pages are multiples of it."""
_ZEROS = re.compile(rb"\0+")
_JSON = json.JSONDecoder()


class EventLog:
    """The log, open for writing. Raises RunLocked where another process has it open, TrajectoryError where it is damaged."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock
        is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._lock()
            self.events, sound, self._chain = parse(_read(path), str(path))
            os.ftruncate(self._file, sound)
            os.fsync(self._file)
            if is_new:
                sync_directory(path.parent)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, payload: Payload) -> Event:
        """Add one event; it is on disk when this returns."""
        assert bool(self.events) != isinstance(payload, Started), "a log has one Started, as its first event"
        event = Event(len(self.events), self.clock(), payload)
        line = orjson.dumps({"seq": event.seq, "time": event.time, "kind": event.kind, "payload": payload})
        line = self._chain.seal(line) + b"\n"
        while line:  # a short write only happens on a full disk or a signal; the rest follows or raises
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)
        self.events.append(event)
        return event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        os.close(self._file)

    def _lock(self) -> None:
        for _ in range(TRIES - 1):  # someone who only looks whether the log is held holds it for an instant
            with contextlib.suppress(BlockingIOError):
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            time.sleep(0.02)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunLocked(f"another process works on {self.path.parent}; wait for it or stop it") from error


def locked(path: Path) -> bool:
    """Whether a process has this log open for writing."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read_events(path: Path) -> list[Event]:
    """The events of a log that may be written to meanwhile. Raises RunNotFound or TrajectoryError."""
    if not path.is_file():
        raise RunNotFound(f"no event log at {path}; `stepwell agent runs` lists the runs")
    return parse(_read(path), str(path))[0]


def unsealed(path: Path) -> int:
    """Lines of the log that carry no sum, so that a byte changed in them may not be noticed. Raises as read_events."""
    return parse(_read(path), str(path))[2].unsealed


def parse(data: bytes, where: str) -> tuple[list[Event], int, Chain]:
    """The events in `data`, the number of bytes they take, and their chain; what follows is a torn last line.

    Raises LogDamaged where a line that was acknowledged is no event, or another than was written, or a number is missing.
    """
    events: list[Event] = []
    chain = Chain()
    sound, must = 0, True
    lines = re.findall(rb"[^\n]*\n|[^\n]+", data)  # splitlines takes a carriage return for an end, too
    for number, line in enumerate(lines, 1):
        if number == len(lines) and _torn(line, sound):
            break
        try:
            if not line.endswith(b"\n"):
                raise _damaged(where, number, "what stands behind its end is not the end of a line", events)
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise _damaged(where, number, str(error), events) from error
        try:
            must = format_of(record) == FORMAT if number == 1 else must
        except TrajectoryError as error:  # of another release it may be, and not damaged
            raise TrajectoryError(f"{where}: {error}") from error
        if not chain.holds(line[:-1], must):
            raise _damaged(where, number, _changed(record, len(events), chain.unsealed), events)
        try:
            event = read_event(record)
        except TrajectoryError as error:
            raise _damaged(where, number, str(error), events) from error
        if event.seq != len(events) or isinstance(event.payload, Started) != (event.seq == 0):
            raise _damaged(where, number, _misplaced(event.seq, len(events)), events)
        events.append(event)
        sound += len(line)
    return events, sound, chain


def _torn(line: bytes, at: int) -> bool:
    """Whether a process or a power cut left this last line, from byte `at` on, before anyone was told that it is on disk.

    A process that dies leaves a part of one line. A power cut leaves zeros where sectors were not written.
    """
    if line.endswith(b"\n"):
        gaps = [(at + gap.start(), at + gap.end()) for gap in _ZEROS.finditer(line)]
        return bool(gaps) and all(
            end - start > 1 and end % SECTOR == 0 and (start == at or start % SECTOR == 0) for start, end in gaps
        )
    try:  # an event that something follows had its end once
        return _JSON.raw_decode(line.decode(errors="replace"))[1] == len(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return True


def _changed(record: object, due: int, unsealed: int) -> str:
    """What is wrong with a line whose sum does not fit."""
    seq = record.get("seq") if isinstance(record, dict) else None
    if isinstance(seq, int) and seq != due:
        return _misplaced(seq, due)
    others = f", or one of the {unsealed} lines without a sum before it" if unsealed else ""
    return f"its sum does not fit: it was changed{others}"


def _misplaced(seq: int, due: int) -> str:
    return f"event {seq} where {due} was due"


def _damaged(where: str, number: int, what: str, before: list[Event]) -> LogDamaged:
    keep = f", or keep the {number - 1} lines before it (head -n {number - 1}) and resume" if before else ""
    return LogDamaged(f"{where} is damaged at line {number}: {what}; restore the file{keep}", before)


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_LOG:
        raise TrajectoryError(f"{path} has {size:,} bytes, the limit is {MAX_LOG:,}")
    return path.read_bytes()
