"""What does a worker that is started again know of those before it?

What was last in force of files that cannot be read just now: keys, the table, profiles, policies, the calibration, the manifest
of the generation; and which of its files are damaged. It lies in a folder that goes with the supervisor, so a server that begins
anew knows none of it. A server of one process has no such folder.
"""

from __future__ import annotations

import logging
import os
import pickle
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("stepwell.server")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of all workers of one server."""

    folder: Path | None = None
    """Its owner's alone, for what is in it is unpickled; None remembers nothing."""

    def recall(self, name: str) -> object | None:
        """What a worker kept under this name; None where none did."""
        if self.folder is None:
            return None
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            return pickle.loads((self.folder / name).read_bytes())  # type: ignore[no-any-return]  # noqa: S301 - own folder
        return None

    def forget(self, name: str) -> None:
        """What was kept under this name is not to be gone by any more."""
        if self.folder is not None:
            (self.folder / name).unlink(missing_ok=True)

    def keep(self, name: str, value: object) -> None:
        """In place of what any worker kept before."""
        if self.folder is None:
            return
        half = self.folder / f"{name}.{os.getpid()}"
        try:
            half.write_bytes(pickle.dumps(value))
            half.replace(self.folder / name)
        except OSError as error:
            log.warning("a worker that is started again will not know %s: %s", name, (error.strerror or str(error)).lower())
