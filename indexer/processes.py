"""Where do the processes come from that write segments?

On Linux from one that does nothing else: it imports what they need, once, and each of them is forked from it. Forked from their
caller they would believe in threads of FAISS or ONNX Runtime that are not there. Elsewhere each starts and imports for itself:
what numpy is linked with may not survive a fork (Accelerate on macOS).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
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


def end_with_caller() -> None:
    """In such a process: end when its caller does, however that ends. It would wait for more to do forever."""
    caller = multiprocessing.parent_process()
    assert caller is not None, "what writes segments is a child"

    def end() -> None:
        caller.join()
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()
