"""How fast are documents read from a corpus?

The peer does the least that any reader must: decompress each shard at once and parse every line as JSON, nothing checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
import zstandard

from benchmarks.alternate import alternate
from benchmarks.result import Parameters, Result, of_series
from indexer.corpus import read_corpus
from indexer.shards import shard_paths

PEER = "zstd and orjson alone"


def reading(corpus: Path, limit: int, rounds: int, about: Parameters) -> Iterator[Result]:
    """Documents per second beside the peer, over the first `limit` documents."""

    def ours(_: Path) -> int:
        return sum(1 for _ in islice(read_corpus(corpus), limit))

    def bare(_: Path) -> int:
        return sum(1 for _ in islice(_records(corpus), limit))

    read = ours(corpus)
    seconds = alternate("reading", {"ours": ours, PEER: bare}, rounds)
    rates = {name: series.per(read) for name, series in seconds.items()}
    yield of_series("scale", "read a corpus", "documents/s", rates["ours"], {**about, "documents": read}, (PEER, rates[PEER]))


def _records(corpus: Path) -> Iterator[object]:
    for shard in shard_paths(corpus):
        for line in zstandard.ZstdDecompressor().decompress(shard.read_bytes()).splitlines():
            yield orjson.loads(line)
