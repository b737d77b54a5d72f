"""Who may write to a directory now?"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


def exclusive(path: Path, refusal: Exception) -> IO[str]:
    """Hold the lock file at `path` until the returned file is closed or the process ends; raises `refusal` if it is held."""
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise refusal from None
    return lock
