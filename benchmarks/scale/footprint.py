"""How large is an index, how long does it take to open, and how much memory did its build need?

The build runs as users run it, in a process of its own, and the system is asked for that process's peak memory.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import tantivy

from benchmarks.alternate import alternate
from benchmarks.errors import BenchmarkError
from benchmarks.machine import ROOT
from benchmarks.result import Parameters, Result, Series, of_series
from indexer.dense.stored import ROWS as ROWS_FILE
from indexer.dense.writing import write_dense
from indexer.generation import current
from indexer.index import Index

PARTS = {"documents": "documents", "forward": "forward", "lexical": "lexical"}
"""File or folder in a segment -> part of an index; what is not named is ``columns``."""
DIM, ROWS = 384, 4_096
"""Length of a vector of the default encoder, and how many are written to learn their size: it does not depend on their values."""
TEXT = "the UTF-8 text of a passage"
TANTIVY = "opening its tantivy part alone"
OPENINGS = 21

_LAUNCHER = """
import os, resource, subprocess, sys, time
if sys.argv[1]:
    os.sched_setaffinity(0, map(int, sys.argv[1].split(",")))
began = time.perf_counter()
done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""  # between us and the build stands a small process: Linux counts the memory of whoever starts a program as the program's peak


def footprint(corpus: Path, limit: int, about: Parameters) -> Iterator[Result]:
    """Build a lexical index of the first `limit` documents of `corpus` and measure it."""
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        folder = Path(work, "index")
        seconds, memory = build_command(corpus, limit, folder)
        manifest = current(folder)
        about = {**about, "passages": manifest.passages}
        yield of_series("scale", "whole build command, lexical", "passages/s", Series((manifest.passages / seconds,)), about)
        yield of_series("scale", "peak memory of the build, lexical", "MB", Series((memory / 1e6,)), about)
        yield from _sizes(folder, about)
        yield _opening(folder, about)


def build_command(corpus: Path, limit: int, folder: Path, segments: int = 1, cores: Sequence[int] = ()) -> tuple[float, int]:
    """Wall seconds and peak memory, in bytes, of `stepwell indexer build`; a `limit` of 0 is none.

    It runs on these `cores` alone, by default on all of the machine (sched_setaffinity(2), which only Linux has).
    """
    command = [sys.executable, "-m", "stepwell", "indexer", "build", str(corpus.resolve()), "--index", str(folder)]
    command += ["--dense", "none", *(["--limit", str(limit)] if limit else []), "--segments", str(segments)]
    launcher = [sys.executable, "-c", _LAUNCHER, ",".join(map(str, cores))]
    done = subprocess.run([*launcher, *command], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise BenchmarkError(f"the build of {corpus} exited with {done.returncode}; its message is above")
    seconds, memory = done.stdout.split()
    return float(seconds), int(memory) * (1 if sys.platform == "darwin" else 1024)  # getrusage(2): KiB on Linux


def _sizes(folder: Path, about: Parameters) -> Iterator[Result]:
    """Bytes per passage by part, each beside the text itself; vectors as the default encoder would make them."""
    parts: Counter[str] = Counter()
    with Index.open(folder) as index:
        passages = index.manifest.passages
        text = sum(len(text.encode()) for segment in index.segments for text in segment.texts()) / passages
        for name, file in chain.from_iterable(entry.files.items() for entry in index.manifest.segments):
            parts[PARTS.get(name.partition("/")[0], "columns")] += file.bytes
    vectors = folder / "vectors"
    vectors.mkdir()
    write_dense(vectors, np.zeros((ROWS, DIM), np.float32))
    sizes = {part: size / passages for part, size in parts.most_common()} | {
        "vectors": (vectors / ROWS_FILE).stat().st_size / ROWS
    }
    for part, size in sizes.items():
        yield Result("scale", f"size of {part}", size, "bytes/passage", ratio_to=TEXT, ratio=size / text, parameters=about)


def _opening(folder: Path, about: Parameters) -> Result:
    folders = [str(folder / "segments" / segment.name / "lexical") for segment in current(folder).segments]

    def ours(_: Path) -> None:
        Index.open(folder).close()

    def bare(_: Path) -> None:
        for lexical in folders:
            tantivy.Index.open(lexical).searcher()

    seconds = alternate("opening", {"ours": ours, TANTIVY: bare}, OPENINGS)
    times = {name: Series(tuple(1000 * value for value in series.values)) for name, series in seconds.items()}
    return of_series("scale", "open an index, lexical", "ms", times["ours"], about, (TANTIVY, times[TANTIVY]))
