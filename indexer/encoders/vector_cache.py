"""How does a rebuild never encode the same text twice?

CachedEncoder encodes a whole corpus: what is in the vector file is read, the rest is encoded in slabs of texts of about equal
length and written slab by slab, so that a killed run loses one slab. Slabs are taken in an order without trend: the rate so far
predicts the time left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Encoder, Role, Vectors
from indexer.encoders.cache_root import cache_root
from indexer.encoders.vector_file import KEY_BYTES, KEYS_PER_READ, VectorFile, content_key

SLAB = 256
"""Texts encoded between two commits: eight seconds' work of a small machine."""
_COPY_ROWS = 4_096  # rows copied at once where texts repeat

Positions = NDArray[np.intp]


class CachedEncoder:
    """An encoder with a memory on disk."""

    def __init__(self, encoder: Encoder, cache_dir: Path | None = None) -> None:
        """`cache_dir` stands in for ``$STEPWELL_CACHE``; nothing is touched before the first call."""
        self.encoder = encoder
        self.path = (cache_dir or cache_root()) / "vectors" / f"{encoder.fingerprint}.sqlite"
        self.hits = 0
        """Texts of the last `encode_all` whose vectors were on disk."""

    def encode_all(
        self,
        texts: Sequence[str],
        on_progress: Callable[[int], None] | None = None,
        *,
        out: Vectors | None = None,
        role: Role = "passage",
    ) -> Vectors:
        """(len(texts), dim) float32, rows L2-normalised, in input order; written into `out` (a memmap, say) where one is given.

        `on_progress` gets the number of texts done since it was last called; the sum is len(texts). Raises EncoderError where
        the vector file cannot be used.
        """
        shape = (len(texts), self.encoder.dim)
        vectors = np.empty(shape, np.float32) if out is None else out
        assert vectors.shape == shape, f"out must be {shape}, not {vectors.shape}"
        assert vectors.dtype == np.float32, "out must be float32"
        report = on_progress or (lambda _: None)
        different = _Different(texts, role)
        with VectorFile(self.path, self.encoder.dim) as file:
            known = self._read(file, different, vectors, report)
            self.hits = int(different.count[known].sum())
            for slab in slabs([len(texts[i]) for i in different.first[~known]]):
                chosen = np.flatnonzero(~known)[slab]
                rows = different.first[chosen]
                vectors[rows] = self.encoder.encode([texts[row] for row in rows], role)
                file.write([different.key(i) for i in chosen], vectors[rows])
                report(int(different.count[chosen].sum()))
        different.spread(vectors)
        return vectors

    def _read(
        self, file: VectorFile, different: _Different, vectors: Vectors, report: Callable[[int], None]
    ) -> NDArray[np.bool_]:
        """Fill in what is on disk; true for each different text that was."""
        known = np.zeros(len(different.first), bool)
        for start in range(0, len(known), KEYS_PER_READ):
            block = range(start, min(start + KEYS_PER_READ, len(known)))
            positions, found = file.read([different.key(i) for i in block])
            hits = start + np.array(positions, np.intp)
            vectors[different.first[hits]] = found
            known[hits] = True
            report(int(different.count[hits].sum()))
        return known


class _Different:
    """The different texts of an input, by key."""

    def __init__(self, texts: Sequence[str], role: Role) -> None:
        keys = np.frombuffer(b"".join(content_key(text, role) for text in texts), f"S{KEY_BYTES}")
        self._keys, self.first, self._which, self.count = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )

    def key(self, i: int) -> bytes:
        return self._keys[i : i + 1].tobytes()  # indexing alone would strip zero bytes from the end

    def spread(self, vectors: Vectors) -> None:
        """Copy each text's row to the places where the same text came again."""
        source = self.first[self._which]
        again = np.flatnonzero(source != np.arange(len(source)))
        for start in range(0, len(again), _COPY_ROWS):
            rows = again[start : start + _COPY_ROWS]
            vectors[rows] = vectors[source[rows]]


def slabs(lengths: Sequence[int]) -> Iterator[Positions]:
    """Cut texts, sorted by length, into runs of SLAB positions, and shuffle the runs; the same lengths give the same slabs."""
    order = np.argsort(np.asarray(lengths), kind="stable")
    for slab in np.random.default_rng(0).permutation(-(-len(order) // SLAB)):
        yield order[slab * SLAB : (slab + 1) * SLAB]
