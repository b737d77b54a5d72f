"""What do more processes gain a lexical build?

The whole command, as users run it, in turn. Two processes on two cores stand beside one process that is held to one core: what a
process with a core of its own adds. They stand beside one process with all cores too, which is what a user of this machine has
without them: it is more than one core's work already, since tantivy and zstd have threads of their own. What two cores can give
is measured in the same rounds: two builds that share nothing, each held to a core, beside one of them alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.alternate import alternate
from benchmarks.machine import cores
from benchmarks.result import Parameters, Result, of_series
from benchmarks.scale.footprint import build_command
from indexer.generation import current

PROCESSES = 2
WHOLE = "whole build command, lexical, processes"
FREE = "the same build with one process"
ONE_CORE = "the same build with one process held to one core"
APART = "builds that share nothing, each held to a core"
ALONE = "one of them alone"


def processes(corpus: Path, limit: int, rounds: int, about: Parameters) -> Iterator[Result]:
    """Passages per second of the build with PROCESSES processes beside one, and of as many builds at once beside one of them."""
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        build_command(corpus, limit, whole := Path(work, "whole"))
        passages, documents = current(whole).passages, sum(entry.documents for entry in current(whole).segments)
        build_command(corpus, share := documents // PROCESSES, part := Path(work, "share"))
        of_share = current(part).passages
    held = held_to_cores()

    def many(folder: Path) -> None:
        build_command(corpus, limit, folder / "index", PROCESSES, held)

    def free(folder: Path) -> None:
        build_command(corpus, limit, folder / "index")

    def one_core(folder: Path) -> None:
        build_command(corpus, limit, folder / "index", cores=held[:1])

    def alone(folder: Path) -> None:
        build_command(corpus, share, folder / "index", cores=held[:1])

    def apart(folder: Path) -> None:
        with ThreadPoolExecutor(PROCESSES) as at_once:
            for done in [at_once.submit(build_command, corpus, share, folder / f"{core}", 1, [core]) for core in held]:
                done.result()

    contestants = {"ours": many, FREE: free}
    if held:
        contestants |= {ONE_CORE: one_core, APART: apart, ALONE: alone}
    seconds = alternate("processes", contestants, rounds)
    counts = dict.fromkeys(contestants, passages) | {APART: PROCESSES * of_share, ALONE: of_share}
    rates = {name: series.per(counts[name]) for name, series in seconds.items()}
    about = {**about, "passages": passages, "processes": PROCESSES, "cores": cores()}
    yield of_series("scale", WHOLE, "passages/s", rates["ours"], about, (FREE, rates[FREE]))
    if held:
        yield of_series("scale", WHOLE, "passages/s", rates["ours"], about, (ONE_CORE, rates[ONE_CORE]))
        bound = {**about, "passages": of_share}
        yield of_series(
            "scale", f"whole build command, lexical, {APART}", "passages/s", rates[APART], bound, (ALONE, rates[ALONE])
        )


def held_to_cores() -> list[int]:
    """A core for each process; none where the machine has fewer, or where a process cannot be held to one."""
    if sys.platform != "linux":
        return []
    own = sorted(os.sched_getaffinity(0))[:PROCESSES]
    return own if len(own) == PROCESSES else []
