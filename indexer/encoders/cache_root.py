"""Where are files kept that can always be computed again?

Graphs and vectors live under one folder: ``$STEPWELL_CACHE``, else ``stepwell`` below ``$XDG_CACHE_HOME`` or ``~/.cache``.
Deleting it costs time, not data.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """The folder of everything derived; it may not exist yet."""
    if own := os.environ.get("STEPWELL_CACHE"):
        return Path(own).expanduser()
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (shared if shared.is_absolute() else Path("~/.cache").expanduser()) / "stepwell"
