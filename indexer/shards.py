"""Which lines do the shards of a corpus hold, and are they all there?"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import zstandard

from indexer.corpus_ids import recorded_shards
from indexer.errors import CorpusError

MAX_LINE = 256 * 1024 * 1024
"""Bytes in one line of a shard; a longer one ends the reading of its shard with a reason."""

MISSING, DAMAGED, TRUNCATED = "missing shard", "damaged shard", "truncated shard"
"""Reasons for which a corpus gives less than it holds."""

SetAside = Callable[[str, str, str], None]
"""Called as ``(where, reason, excerpt)`` for every record that cannot be used."""


def shard_paths(path: Path) -> list[Path]:
    """The shards of a corpus, oldest first."""
    return sorted([*path.glob("documents-*.jsonl.zst"), *path.glob("changes-*.jsonl.zst")], key=lambda p: p.name.split("-")[1])


def corpus_fingerprint(paths: list[Path]) -> str:
    """Hash over name, size and zstd checksum of all shards: equal corpora give equal fingerprints, wherever they lie, cheaply."""
    state = [(s.name, s.stat().st_size, _checksum(s).hex()) for p in paths for s in shard_paths(p)]
    return hashlib.sha256(orjson.dumps(state)).hexdigest()


def missing_shards(path: Path) -> list[str]:
    """Shards that the numbering or the table of ids says there should be."""
    shards = shard_paths(path)
    numbers = {int(shard.name.split("-")[1].split(".")[0]) for shard in shards}
    gaps = [f"shard {number:05}" for number in range(1, max(numbers, default=0)) if number not in numbers]
    return gaps or sorted(recorded_shards(path / "ids.sqlite") - {shard.name for shard in shards})


def lines_of(shard: Path, set_aside: SetAside | None) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; a shard cut short or damaged ends with a reason (the frame header says how many bytes there should be)."""
    number = position = 0
    try:
        with shard.open("rb") as packed:
            promised = zstandard.frame_content_size(packed.read(18))
            packed.seek(0)
            reader = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(packed, read_size=1 << 20), 1 << 20)
            while line := reader.readline(MAX_LINE):
                if not line.endswith(b"\n"):
                    break
                number += 1
                position += len(line)
                yield number, line
    except (zstandard.ZstdError, OSError) as error:
        report(set_aside, f"{shard}:{number + 1}", DAMAGED, str(error))
        return
    if position != promised:
        report(set_aside, f"{shard}:{number + 1}", TRUNCATED, f"{position:,} of {promised:,} bytes are readable")


def report(set_aside: SetAside | None, where: str, reason: str, detail: str) -> None:
    """Hand what cannot be used to `set_aside`; without it, raise CorpusError."""
    if set_aside is None:
        raise CorpusError(f"{where}: {reason} ({detail}); restore it, or crawl again into a new corpus")
    set_aside(where, reason, detail)


def _checksum(shard: Path) -> bytes:
    """The last four bytes of a zstd frame: a checksum of what was compressed (RFC 8878, 3.1.1)."""
    if shard.stat().st_size < 4:
        return b""
    with shard.open("rb") as packed:
        packed.seek(-4, os.SEEK_END)
        return packed.read(4)
