"""What are the vectors of a segment, and how near is each to a query?

``vectors.npy``: (passages, dim) float16, row i for passage i, mapped. Every cosine that leaves this package is computed from
these rows, one by one and in double precision, so it depends on nothing but the row and the query. Segments of the first format
hold the same as float32 in FAISS's own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors
from indexer.mapped import mapped

ROWS = "vectors.npy"
MANY = 4_096
"""Rows from which FAISS turns them into float32: its threads take longer to wake than fewer rows take numpy."""
FIRST_FORMAT = "dense.faiss"
"""The only file of a segment of the first format, float32."""

Allowed = NDArray[np.bool_] | None
"""(passages,) which may appear; None if all may."""
Numbers = NDArray[np.int64]
"""Passage numbers in the segment."""


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The mapped rows; safe to use from several threads."""

    rows: NDArray[np.float16] | NDArray[np.float32]
    """(passages, dim), a view of the mapped file."""
    scanner: Any
    """A FAISS index over those same bytes."""

    @classmethod
    def open(cls, folder: Path) -> StoredVectors:
        """Map the rows; pages come in as they are needed."""
        import faiss

        if not (folder / ROWS).exists():
            flat = faiss.read_index(str(folder / FIRST_FORMAT), faiss.IO_FLAG_MMAP_IFC)
            return cls(faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d), flat)
        return cls.of(mapped(folder / ROWS))

    @classmethod
    def of(cls, rows: NDArray[np.float16]) -> StoredVectors:
        """Rows that are in memory or mapped already."""
        return cls(rows, _scanner(rows))

    def nearest(self, queries: Vectors, depth: int, allowed: Allowed = None) -> list[Numbers]:
        """Per query the `depth` nearest of all rows, or of those allowed; best first. Reads every one of them."""
        import faiss

        parameters = faiss.SearchParameters(sel=selector(allowed)) if allowed is not None else None
        _, found = self.scanner.search(queries, depth, params=parameters)
        return [row[row >= 0] for row in found]

    def cosines(self, passages: Numbers, query: NDArray[np.float32]) -> NDArray[np.float64]:
        """Cosine of each passage with one query, (n,), or with each of several, (queries, n).

        Row by row in one fixed order (einsum, not BLAS), so the value does not depend on which other candidates there are.
        """
        rows, cosines = self.floats(passages), np.empty((*query.shape[:-1], len(passages)))
        for one, into in zip(np.atleast_2d(query), np.atleast_2d(cosines), strict=True):
            np.einsum("ij,j->i", rows, one, out=into, dtype=np.float64, casting="same_kind", optimize=False)
        return cosines

    def floats(self, passages: Numbers | slice) -> Vectors:
        """(len(passages), dim) float32, copied out of the file."""
        rows = np.ascontiguousarray(self.rows[passages])
        if rows.dtype != np.float16 or len(rows) < MANY:
            return rows.astype(np.float32, copy=False)
        floats: Vectors = self.scanner.sa_decode(rows.view(np.uint8))
        return floats


def selector(allowed: NDArray[np.bool_]) -> Any:
    """FAISS's form of a filter, one bit a passage."""
    import faiss

    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _scanner(rows: NDArray[np.float16]) -> Any:
    """A FAISS index that reads the mapped rows where they lie; float16 codes are the numbers themselves.

    FAISS maps its own files only (``IO_FLAG_MMAP_IFC``), so its vector of codes is pointed at ours. `rows` must outlive it.
    """
    import faiss

    scanner = faiss.IndexScalarQuantizer(rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    if len(rows):
        codes = scanner.codes
        codes.is_owned = False
        codes.c_ptr, codes.c_size = faiss.cast_integer_to_uint8_ptr(rows.ctypes.data), rows.nbytes
        scanner.ntotal = len(rows)
        assert np.array_equal(scanner.reconstruct(len(rows) - 1), rows[-1].astype(np.float32)), "FAISS reads other rows"
    return scanner
