"""How are candidates found on graphics cards?

By FAISS's GPU build (extra ``gpu``). Vectors lie on the cards as float16, each card has a run of the passages, and FAISS asks all
cards at once and merges their answers (IndexShards). What comes back are candidates: the rows in the segment's file decide, as in
every layout, so an answer has the same score wherever its candidates come from.

A card's scratch memory has one user at a time, so every card has one such memory for the whole process, and one thread searches
at a time. https://github.com/facebookresearch/faiss/wiki/Threads-and-asynchronous-calls

The same code runs without a card where the devices are given as ``cpu``: that is how it is tested, and never what happens in
silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Literal, get_args

import numpy as np

from indexer.dense.layout import cells
from indexer.dense.stored import Allowed, Numbers, StoredVectors
from indexer.encoders import Vectors
from indexer.errors import DeviceError

Structure = Literal["scan", "cells", "cagra"]
"""``scan`` reads every row, ``cells`` is an inverted file of float16 rows, ``cagra`` a graph (Ootomo et al., ICDE 2024,
doi:10.1109/ICDE60146.2024.00323), which only FAISS's cuVS build has."""
STRUCTURES: tuple[Structure, ...] = get_args(Structure)
MOST = 2_048
"""Hits that FAISS gives on a card at most."""
BLOCK = 262_144
"""Vectors sent to a card at once."""
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class OnDevices:
    """A segment's vectors on one card or several; threads wait for one another, so the caller batches."""

    index: Any
    devices: tuple[str, ...]
    structure: Structure

    @classmethod
    def load(cls, stored: StoredVectors, devices: Sequence[str], structure: Structure = "scan") -> OnDevices:
        """Copy the rows to `devices` (``cuda:0``, ``cuda:1``; ``cpu`` stands in for a card). Raises DeviceError."""
        import faiss

        passages, dim = stored.rows.shape
        shards = faiss.IndexShards(dim, True, True)  # threaded; ids go on from shard to shard
        bounds = np.linspace(0, passages, len(devices) + 1).astype(int).tolist()
        for device, start, end in zip(devices, bounds, bounds[1:], strict=False):
            if device == "cpu":
                part = _on_cpu(stored, start, end, structure)
            else:
                part = _on_card(stored, start, end, structure, number_of(device))
            shards.add_shard(part)
            part.this.disown()
        shards.own_indices = True
        return cls(shards, tuple(devices), structure)

    def candidates(
        self,
        queries: Vectors,
        count: int,
        allowed: Allowed,
        share: float,
        together: int = 1,  # noqa: ARG002 - a card reads all of its cells fast enough
    ) -> list[Numbers]:
        """Per query about `count` passages that may be its nearest; cards know no filter: more are fetched, some dropped."""
        wanted = min(MOST, self.index.ntotal, round(count / share))
        with _one_at_a_time:
            _, found = self.index.search(np.ascontiguousarray(queries), wanted, params=self._parameters(wanted))
        kept = [row[row >= 0] for row in found]
        return kept if allowed is None else [row[allowed[row]] for row in kept]

    def _parameters(self, wanted: int) -> Any:
        """A graph walks with a list of 64 unless told otherwise, and gives no more than that."""
        if self.structure != "cagra":
            return None
        import faiss

        return faiss.SearchParametersCagra(itopk_size=-(-wanted // 32) * 32)


def cards(device: str) -> tuple[str, ...]:
    """``cuda`` is every card that FAISS sees, ``cuda:1`` that one, ``cpu`` none. Raises DeviceError where it is not there."""
    if device == "cpu":
        return ()
    import faiss

    count = faiss.get_num_gpus() if hasattr(faiss, "StandardGpuResources") else 0
    seen = tuple(f"cuda:{number}" for number in range(count))
    asked = seen if device == "cuda" else (device,)
    if not asked or not set(asked) <= set(seen):
        has = f"FAISS sees {', '.join(seen)}" if seen else "FAISS sees no card"
        raise DeviceError(f"device {device!r}: {has}; use cpu, or install the extra: pip install 'stepwell[gpu]'")
    return asked


def number_of(device: str) -> int:
    """The number of a card by its name."""
    return int(device.removeprefix("cuda:"))


@cache
def _memory(number: int) -> Any:  # noqa: ARG001 - one for each card, whose shard has a thread of its own
    """FAISS's scratch memory and streams on one card."""
    import faiss

    return faiss.StandardGpuResources()


def _on_cpu(stored: StoredVectors, start: int, end: int, structure: Structure) -> Any:
    import faiss

    dim = stored.rows.shape[1]
    if structure == "cagra":
        raise DeviceError("structure cagra needs a card and FAISS's cuVS build (faiss-gpu-cuvs); use scan or cells")
    kind = "SQfp16" if structure == "scan" else f"IVF{cells(end - start).count},SQfp16"
    index = faiss.index_factory(dim, kind, faiss.METRIC_INNER_PRODUCT)
    return _filled(index, stored, start, end)


def _on_card(stored: StoredVectors, start: int, end: int, structure: Structure, number: int) -> Any:
    """An index on one card. https://github.com/facebookresearch/faiss/wiki/Faiss-on-the-GPU"""
    import faiss

    dim, resources = stored.rows.shape[1], _memory(number)
    if structure == "scan":
        config = faiss.GpuIndexFlatConfig()
        config.device, config.useFloat16 = number, True
        return _filled(faiss.GpuIndexFlatIP(resources, dim, config), stored, start, end)
    if structure == "cells":
        config = faiss.GpuIndexIVFScalarQuantizerConfig()
        config.device = number
        count, kind = cells(end - start).count, faiss.ScalarQuantizer.QT_fp16
        index = faiss.GpuIndexIVFScalarQuantizer(resources, dim, count, kind, faiss.METRIC_INNER_PRODUCT, False, config)
        return _filled(index, stored, start, end)
    if not hasattr(faiss, "GpuIndexCagra"):  # a build without cuVS
        raise DeviceError("structure cagra needs FAISS's cuVS build (faiss-gpu-cuvs); use scan or cells")
    config = faiss.GpuIndexCagraConfig()
    config.device = number
    index = faiss.GpuIndexCagra(resources, dim, faiss.METRIC_INNER_PRODUCT, config)
    index.train(stored.floats(slice(start, end)))  # this builds the graph: it takes no rows afterwards
    return index


def _filled(index: Any, stored: StoredVectors, start: int, end: int) -> Any:
    limits = cells(end - start)
    if not index.is_trained:
        index.train(stored.floats(slice(start, min(end, start + BLOCK))))
    for at in range(start, end, BLOCK):
        index.add(stored.floats(slice(at, min(at + BLOCK, end))))
    if hasattr(index, "nprobe"):
        index.nprobe = limits.probed
    return index
