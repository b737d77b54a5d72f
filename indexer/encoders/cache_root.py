"""Where are files kept that can always be computed again?

Graphs and vectors live under one folder, ``$STEPWELL_CACHE`` or ``~/.cache/stepwell``. Deleting it costs time, not data.
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """The folder of everything derived; it may not exist yet."""
    return Path(os.environ.get("STEPWELL_CACHE") or "~/.cache/stepwell").expanduser()
