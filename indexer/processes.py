"""Where do the processes come from that write segments?

On Linux from one that does nothing else: it imports what they need, once, and each of them is forked from it. Forked from their
caller they would believe in threads of FAISS or ONNX Runtime that are not there. Elsewhere each starts and imports for itself:
what numpy is linked with may not survive a fork (Accelerate on macOS).
"""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import ForkServerContext, SpawnContext

IMPORTED = ["indexer.writing"]
"""What they run, with all that it imports."""


def start_early() -> None:
    """Let the process that they are forked from import while its caller does, on another core."""
    if sys.platform == "linux":
        from multiprocessing.forkserver import ensure_running

        for_writing()
        ensure_running()


def for_writing() -> ForkServerContext | SpawnContext:
    """What makes them."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context
