"""Which passages lie near a query's vector?

FAISS inner product over L2-normalised vectors, exact in this version, memory-mapped. The vectors themselves are read back for
candidates that only the lexical side found, so every candidate has its exact cosine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors


def write_dense(path: Path, vectors: Vectors) -> None:
    """Write an exact index over `vectors`, (passages, dim) float32, row i for passage i."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(path))


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """One segment's vectors, open for search; safe to use from several threads."""

    index: Any
    vectors: Vectors
    """(passages, dim) float32, a view of the mapped file."""

    @classmethod
    def open(cls, path: Path) -> DenseIndex:
        """Map what write_dense wrote; pages come in as they are needed."""
        import faiss

        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(index.ntotal, index.d)
        return cls(index, vectors)

    def search(self, queries: Vectors, depth: int, allowed: NDArray[np.bool_] | None = None) -> list[NDArray[np.int64]]:
        """Per query the passage numbers of its `depth` nearest, best first; `allowed` is (passages,) bool."""
        import faiss

        depth = min(depth, self.index.ntotal)
        if not depth or not len(queries):
            return [np.empty(0, np.int64) for _ in queries]
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        _, found = self.index.search(queries, depth, params=parameters)
        return [row[row >= 0] for row in found]

    def cosines(self, passages: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float64]:
        """(len(passages),) cosine of each passage with one query.

        Row by row in one fixed order (einsum, not BLAS), so the value does not depend on which other candidates there are.
        """
        rows = self.vectors[passages]
        cosines: NDArray[np.float64] = np.einsum("ij,j->i", rows, query, dtype=np.float64, casting="same_kind", optimize=False)
        return cosines
