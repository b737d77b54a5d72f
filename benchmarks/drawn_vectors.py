"""How are a million vectors had that lie as real ones do?

Drawn around real vectors: one of them is displaced by the difference of two others of its own cluster. So the clusters keep their
places, sizes and shapes, and what is near a query is near for the reasons it is near in a real collection. Uniform noise would
have no neighbours, and every approximate layout would look bad for no reason of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors

SEED = 20_261_122
CLUSTERS = 256
"""Clusters found among the real vectors, fewer where that leaves less than LEAST in each; about 400 of the Anthology's."""
LEAST = 39
"""Vectors from which k-means learns a middle, in FAISS's own opinion."""
REACH = 0.5
"""Share of the difference that is added: a drawn vector's nearest neighbour is then about as near as a real one's."""
BLOCK = 16_384
"""Vectors drawn at once."""


class VectorSource:
    """Draws vectors around `real`, (n, dim) float32, rows L2-normalised; the same ones on every machine with the same FAISS."""

    def __init__(self, real: Vectors) -> None:
        import faiss

        self.real = real
        clusters = min(CLUSTERS, max(1, len(real) // LEAST))
        means = faiss.Kmeans(real.shape[1], clusters, niter=10, seed=SEED, spherical=True, verbose=False)
        sample = np.random.default_rng(SEED).permutation(len(real))[: 64 * clusters]
        means.train(np.ascontiguousarray(real[np.sort(sample)], np.float32))
        _, found = means.index.search(np.ascontiguousarray(real, np.float32), 1)
        self.cluster = found[:, 0]
        """(n,) the cluster of each real vector."""
        self._members = np.argsort(self.cluster, kind="stable")
        self._count = np.bincount(self.cluster, minlength=clusters)
        self._first = np.cumsum(self._count) - self._count

    def blocks(self, count: int) -> Iterator[Vectors]:
        """`count` vectors in blocks of at most BLOCK, (block, dim) float32; the first n are the same whatever the count."""
        for number in range(-(-count // BLOCK)):
            yield self.block(number)[: count - number * BLOCK]

    def draw(self, count: int) -> Vectors:
        """`count` vectors at once."""
        drawn = np.empty((count, self.real.shape[1]), np.float32)
        for number, block in enumerate(self.blocks(count)):
            drawn[number * BLOCK : number * BLOCK + len(block)] = block
        return drawn

    def block(self, number: int) -> Vectors:
        """Vectors ``number * BLOCK`` to ``(number + 1) * BLOCK``, (BLOCK, dim) float32."""
        random = np.random.default_rng((SEED, number))
        middle = random.integers(len(self.real), size=BLOCK)
        cluster = self.cluster[middle]
        drawn = self.real[middle] + np.float32(REACH) * (self._of(cluster, random) - self._of(cluster, random))
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        block: Vectors = drawn.astype(np.float32, copy=False)
        return block

    def _of(self, cluster: NDArray[np.int64], random: np.random.Generator) -> Vectors:
        """A real vector out of each cluster."""
        place = (random.random(len(cluster)) * self._count[cluster]).astype(np.int64)
        members: Vectors = self.real[self._members[self._first[cluster] + place]]
        return members
