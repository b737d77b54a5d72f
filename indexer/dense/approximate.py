"""Who are the candidates, when reading every vector takes too long?

A FAISS structure in a file of its own beside the rows, opened without being read. The graph of ``hnsw`` holds no vectors: it
walks over the rows. The inverted files hold one bit (RaBitQ) or one and a half (PQ) a dimension. Learning the cells is sampled
and seeded: the same rows give the same file on the same machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.dense.layout import GRAPH_FROM, TRAINED_ON, WIDER, Layout, cells, probes
from indexer.dense.stored import Allowed, Numbers, StoredVectors, selector
from indexer.encoders import Vectors
from indexer.errors import BuildError

NEIGHBOURS = 32
"""Edges of a node of the graph; 270 bytes a passage."""
BUILD_WIDTH, SEARCH_WIDTH = 80, 256
"""Candidates kept while the graph is walked: efConstruction and efSearch of the paper."""
SEED = 20_261_122
ROUNDS = 6
"""Of k-means, by which cells are learned."""
BLOCK = 65_536
"""Vectors added at once."""


def structure_file(layout: Layout) -> str:
    """Name of the file beside the rows."""
    return f"{layout}.faiss"


def write_structure(folder: Path, stored: StoredVectors, layout: Layout) -> None:
    """Build the structure over the rows and write it. Raises BuildError where the layout does not suit the vectors."""
    import faiss

    index = _graph(stored) if layout == "hnsw" else _inverted(stored, layout)
    flags = faiss.IO_FLAG_SKIP_STORAGE if layout == "hnsw" else 0
    faiss.write_index(index, str(folder / structure_file(layout)), flags)


@dataclass(frozen=True, slots=True)
class Approximate:
    """An open structure."""

    layout: Layout
    index: Any
    walks: bool
    """Whether a graph finds the cells; files of before 2026-11-23 have none."""

    @classmethod
    def open(cls, folder: Path, layout: Layout, stored: StoredVectors) -> Approximate:
        """Map what write_structure wrote."""
        import faiss

        path = str(folder / structure_file(layout))
        if layout == "hnsw":
            index = faiss.read_index(path, faiss.IO_FLAG_SKIP_STORAGE | faiss.IO_FLAG_MMAP_IFC)
            index.storage, index.own_fields = stored.scanner, False
        else:
            index = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)  # IO_FLAG_MMAP starts reading threads for every query
        return cls(layout, index, layout != "hnsw" and isinstance(faiss.downcast_index(index.quantizer), faiss.IndexHNSW))

    def candidates(self, queries: Vectors, count: int, allowed: Allowed, share: float, together: int = 1) -> list[Numbers]:
        """Per query about `count` passages that may be its nearest; `share` of all passages is allowed, in (0, 1].

        A filter that leaves few scatters the nearest over more cells: as many more are read as the root of its share says.
        """
        import faiss

        chosen = selector(allowed) if allowed is not None else None
        if self.layout == "hnsw":
            parameters = faiss.SearchParametersHNSW(efSearch=round(max(SEARCH_WIDTH, count) / share), sel=chosen)
        else:
            limits = cells(self.index.ntotal)
            probed = min(limits.count, round(probes(limits, together) / share**0.5))
            kind = faiss.IVFRaBitQSearchParameters if self.layout == "ivf-rabitq" else faiss.SearchParametersIVF
            walk = faiss.SearchParametersHNSW(efSearch=round(WIDER * probed)) if self.walks else None
            parameters = kind(nprobe=probed, sel=chosen, quantizer_params=walk)
        _, found = self.index.search(queries, count, params=parameters)
        return [row[row >= 0] for row in found]


def _graph(stored: StoredVectors) -> Any:
    import faiss

    passages, dim = stored.rows.shape
    index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_fp16, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = BUILD_WIDTH
    for start in range(0, passages, BLOCK):
        index.add(stored.floats(slice(start, start + BLOCK)))
    return index


def _inverted(stored: StoredVectors, layout: Layout) -> Any:
    import faiss

    passages, dim = stored.rows.shape
    count = cells(passages).count
    if layout == "ivf-pq" and dim % 4:
        raise BuildError(f"layout ivf-pq needs vectors whose length is a multiple of 4, not {dim}; use ivf-rabitq")
    codes = "RaBitQ" if layout == "ivf-rabitq" else f"PQ{dim // 4}x4fs"
    index = faiss.index_factory(dim, f"IVF{count},{codes}", faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.niter, index.cp.min_points_per_centroid = SEED, ROUNDS, 1
    index.train(stored.floats(_sample(passages, max(count * TRAINED_ON, 4_096))))
    for start in range(0, passages, BLOCK):
        index.add(stored.floats(slice(start, start + BLOCK)))
    if count >= GRAPH_FROM:
        walk(index)
    return index


def walk(index: Any) -> None:
    """Find the cells of an inverted file by a graph over their middles from now on.

    The same middles give the same graph: one thread adds them, since several would do so in any order.
    """
    import faiss

    flat = faiss.downcast_index(index.quantizer)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        graph = faiss.IndexHNSWFlat(flat.d, NEIGHBOURS, flat.metric_type)
        graph.hnsw.efConstruction = BUILD_WIDTH
        graph.add(flat.reconstruct_n(0, flat.ntotal))
    finally:
        faiss.omp_set_num_threads(threads)
    index.quantizer = graph
    graph.this.disown()  # the inverted file deletes it; what it replaced is deleted here
    flat.this.own(True)


def _sample(passages: int, size: int) -> NDArray[np.int64]:
    """Passages to learn from, drawn by the seed alone, in order."""
    if passages <= size:
        return np.arange(passages)
    return np.sort(np.random.default_rng(SEED).choice(passages, size, replace=False))
