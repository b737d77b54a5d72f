"""What does it cost to have ten times as many passages?

    stepwell bench growth --corpus corpus/acl --passages 100_000 1_000_000 --work DIR

Documents are drawn from a real corpus, vectors around its real ones; an index is built of them on the path that users take, and
measured in processes of their own. Every stage is kept below DIR and is not done twice, so a run that was killed goes on; what
was measured is forgotten once a run has ended.

material  the real documents, their vectors, and real queries
drawn     corpora and indexes of drawn documents
measure   one index: opening, memory, latency, recall
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from benchmarks.cli import GROWTH_PARTS as PARTS
from benchmarks.errors import BenchmarkError
from benchmarks.growth.drawn import Built, build_drawn, exact_neighbours
from benchmarks.growth.material import Material
from benchmarks.machine import ROOT, commit
from benchmarks.result import Parameters, Result

SEGMENT = 2_500_000
"""Passages of a segment: what two processes write at once in 8 GB of memory."""

Figure = tuple[str, str, float]
"""Name, unit and value."""


def growth(
    corpus: Path,
    sizes: Sequence[int],
    work: Path,
    segments: int | None,
    *,
    measure_only: bool = False,
    parts: Sequence[str] = PARTS,
) -> Iterator[Result]:
    """Results of every size in turn; of each figure also how many times that of the size before it is.

    With `measure_only` the indexes must be there, and what their build took is not told: it may have been another commit's.
    """
    material = None if measure_only else Material.read(corpus, work / "material")
    before: dict[tuple[str, str], float] = {}
    named, done = "", []
    for size in sorted(sizes):
        built = _built(material, size, work, segments or max(2, -(-size // SEGMENT)))
        about: Parameters = {"corpus": corpus.resolve().name, "passages": size, "segments": built.segments}
        figures = [] if measure_only else list(built.figures())
        now = {(name, unit): value for name, unit, value in (*figures, *measured(built, parts))}
        for (name, unit), value in now.items():
            earlier = before.get((name, unit))
            ratio = value / earlier if earlier else None
            yield Result("growth", name, value, unit, ratio_to=named if ratio else "", ratio=ratio, parameters=about)
        before, named = now, f"{size:,} passages"
        done.append(built)
    for built in done:
        for part in parts:
            _kept(built, part).unlink(missing_ok=True)


def _built(material: Material | None, size: int, work: Path, segments: int) -> Built:
    """The index of one size, with its exact neighbours; without `material` it must be there."""
    if material:
        built = build_drawn(material, size, work, segments)
        exact_neighbours(material, built)
        return built
    built = Built(work / f"index-{size}", work / "material")
    if not built.neighbours.exists():
        raise BenchmarkError(f"{built.neighbours} is missing; leave --measure-only out to build what it belongs to")
    return built


def measured(built: Built, parts: Sequence[str] = PARTS) -> Iterator[Figure]:
    """What fresh processes measure, part by part; a part that a killed run has measured at this very commit is read."""
    for part in parts:
        kept = _kept(built, part)
        if not kept.exists() or "dirty" in kept.name:
            where = str(built.index.resolve()), str(built.questions.resolve())
            command = [sys.executable, "-m", "benchmarks.growth.measure", *where, part]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
            if done.returncode:
                raise BenchmarkError(f"{built.index} could not be measured; its message is above")
            kept.write_bytes(done.stdout)
        yield from orjson.loads(kept.read_bytes())


def _kept(built: Built, part: str) -> Path:
    return built.index.with_suffix(f".{part}-{commit()}.json")
