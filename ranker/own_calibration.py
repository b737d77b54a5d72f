"""Which calibration file is in force, also while it cannot be read?

Whoever serves keeps a copy beside the file, of what was last in force: a server that begins while the file is broken begins with
that. What is mended or fitted anew is taken up at the next look.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from authority.remembered import Memory, Remembered
from indexer.durable import write_durably
from ranker.errors import CalibrationError
from ranker.relevance import Calibration


def copy_path(path: Path) -> Path:
    """``mine.json`` -> ``mine.good.json`` in the same folder."""
    return path.with_name(f"{path.stem}.good.json")


class OwnCalibration:
    """The file that an operator names in place of the shipped calibrations; for one thread at a time."""

    def __init__(self, path: Path, memory: Memory | None = None) -> None:
        """Without a `memory` no copy is kept, and what cannot be read at the first look is an error."""
        self._path, self._memory = path, memory
        self._file = Remembered("calibration", self._read, lambda c: c.version, errors=(CalibrationError,))

    @property
    def trouble(self) -> str:
        """Why the one before stays in force; empty where the file is."""
        return self._file.trouble

    def look(self) -> Calibration:
        """What is in force. Raises CalibrationError where the file cannot be read and nothing is known of it."""
        if self._file.look(self._memory, self._copy) and self._memory:
            self._keep(self._file.value)
        return self._file.value

    def _read(self) -> Calibration:
        return Calibration.load(self._path)

    def _copy(self) -> Calibration | None:
        with suppress(CalibrationError):
            return Calibration.load(copy_path(self._path))
        return None

    def _keep(self, calibration: Calibration) -> None:
        copy, content = copy_path(self._path), calibration.to_json()
        with suppress(OSError):  # the doctor says so
            if not copy.exists() or copy.read_bytes() != content:
                half = copy.with_name(f".{copy.name}.{os.getpid()}")  # workers may write it at once
                write_durably(half, content)
                half.replace(copy)


def may_keep(path: Path) -> bool:
    """Whether a copy may be put beside a calibration."""
    return os.access(path.parent, os.W_OK | os.X_OK)
