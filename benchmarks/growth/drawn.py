"""How does a drawn collection become an index?

Documents are written into corpora of PART each and indexed by ``indexer.build``; then the vectors of each segment are drawn and
laid out by the function that lays out encoded ones, and committed. Nothing is encoded: that would take weeks and teach nothing
about size.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson

from benchmarks.drawn_vectors import BLOCK
from benchmarks.growth.material import Material
from indexer.build import build, with_vectors
from indexer.corpus import CorpusWriter
from indexer.encoders import Vectors, load_encoder
from indexer.generation import commit, current, utc_now, writer_lock
from indexer.progress import Progress

PART = 100_000
"""Documents in one corpus: what a killed run draws again."""
NEAREST = 100
"""Neighbours whose recall is measured."""


@dataclass(frozen=True, slots=True)
class Built:
    """One index of drawn documents and what was noted while it was built."""

    index: Path
    questions: Path
    """Folder with the queries and, per index, their exact neighbours."""

    @property
    def notes(self) -> Path:
        """Seconds by stage, written as each ends."""
        return self.index.with_suffix(".json")

    @property
    def neighbours(self) -> Path:
        """(queries, NEAREST) passage numbers by exact inner product, ascending."""
        return self.questions / f"exact-{self.index.name}.npy"

    @property
    def segments(self) -> int:
        """Segments of the index."""
        return len(current(self.index).segments)

    def note(self, stage: str, seconds: float) -> None:
        """Keep how long a stage took."""
        known = orjson.loads(self.notes.read_bytes()) if self.notes.exists() else {}
        self.notes.write_bytes(orjson.dumps(known | {stage: seconds}))

    def figures(self) -> Iterator[tuple[str, str, float]]:
        """Rates of the build; bytes per passage of each folder of a segment, each file of vectors, and the rest (``columns``)."""
        manifest = current(self.index)
        for stage, seconds in orjson.loads(self.notes.read_bytes()).items():
            yield f"build, {stage}", "passages/s", manifest.passages / seconds
        parts: Counter[str] = Counter()
        for entry in manifest.segments:
            for name, file in entry.files.items():
                head, _, rest = name.partition("/")
                part = f"vectors, {rest}" if head.startswith("vectors-") else head if rest else "columns"
                parts[part] += file.bytes
        for part, size in parts.most_common():
            yield f"size of {part}", "bytes/passage", size / manifest.passages


def build_drawn(material: Material, passages: int, work: Path, segments: int) -> Built:
    """The index of the first `passages` drawn documents; stages that are done are not done again."""
    corpora = [_part(material, work, first, min(PART, passages - first)) for first in range(0, passages, PART)]
    built = Built(work / f"index-{passages}", material.folder)
    began = time.monotonic()
    if build(corpora, built.index, None, segments=segments).fresh:
        built.note(f"lexical, {segments} processes", time.monotonic() - began)
    if not current(built.index).encoder:
        began = time.monotonic()
        drawing = _add_vectors(material, built.index)
        built.note("dense", time.monotonic() - began - drawing)
    return built


def exact_neighbours(material: Material, built: Built) -> None:
    """Write `Built.neighbours`, once."""
    if built.neighbours.exists():
        return
    queries = material.question_vectors
    scores = np.full((len(queries), NEAREST), -np.inf, np.float32)
    numbers = np.zeros((len(queries), NEAREST), np.int64)
    first = 0
    counts = [entry.passages for entry in current(built.index).segments]
    with Progress("exact neighbours", "passages", sum(counts)) as progress:
        for block in (block for place in range(len(counts)) for block in _blocks(material, counts, place)):
            all_scores = np.concatenate([scores, queries @ block.T], axis=1)
            all_numbers = np.concatenate(
                [numbers, np.broadcast_to(first + np.arange(len(block)), (len(queries), len(block)))], axis=1
            )
            best = np.argpartition(-all_scores, NEAREST - 1, axis=1)[:, :NEAREST]
            scores, numbers = np.take_along_axis(all_scores, best, 1), np.take_along_axis(all_numbers, best, 1)
            first += len(block)
            progress.advance(len(block))
    np.save(built.neighbours, np.sort(numbers, axis=1))


def _part(material: Material, work: Path, first: int, count: int) -> Path:
    """The corpus of some drawn documents, complete or absent."""
    folder = work / "corpora" / f"{first:08}-{count}"
    if folder.is_dir():
        return folder
    beside = folder.with_suffix(".tmp")
    shutil.rmtree(beside, ignore_errors=True)
    with CorpusWriter(beside) as writer, Progress(f"drawing from {first:,}", "documents", count) as progress:
        for document in material.text_source.documents(first, count):
            writer.add(document)
            progress.advance()
    beside.rename(folder)
    return folder


def _blocks(material: Material, counts: list[int], place: int) -> Iterator[Vectors]:
    """The vectors of one segment; every segment begins with a block of its own."""
    count = counts[place]
    begin = sum(-(-earlier // BLOCK) for earlier in counts[:place])
    for number in range(-(-count // BLOCK)):
        yield material.vector_source.block(begin + number)[: count - number * BLOCK]


def _add_vectors(material: Material, index: Path) -> float:
    """Draw and lay out the vectors of all segments, and commit; seconds that went into drawing."""
    encoder = load_encoder()
    drawing = 0.0
    with writer_lock(index, new=True):
        before = current(index)
        counts = [entry.passages for entry in before.segments]
        material.vector_source.block(0)  # finds the clusters, which is no part of a build

        def timed(blocks: Iterator[Vectors]) -> Iterator[Vectors]:
            nonlocal drawing
            while True:
                began = time.monotonic()
                block = next(blocks, None)
                drawing += time.monotonic() - began
                if block is None:
                    return
                progress.advance(len(block))
                yield block

        with Progress("vectors", "passages", sum(counts)) as progress:
            entries = tuple(
                with_vectors(index, entry, encoder.fingerprint, timed(_blocks(material, counts, place)), encoder.dim)
                for place, entry in enumerate(before.segments)
            )
        made = replace(before, number=before.number + 1, created=utc_now(), segments=entries, encoder=encoder.name)
        commit(index, replace(made, encoder_fingerprint=encoder.fingerprint, dim=encoder.dim))
    return drawing
