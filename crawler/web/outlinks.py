"""Which page links where, and with what words?

Beside the shards of a corpus, one file a commit: ``outlinks-00001.jsonl.zst``, a line a page, ``{"url": …, "links":
[[URL, anchor], …]}``. A page that was fetched again has a line in a later file, which replaces the earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import zstandard

from indexer.durable import write_durably


def write_outlinks(corpus: Path, lines: Sequence[bytes]) -> None:
    """Put these lines into the next file, durably."""
    if not lines:
        return
    numbers = [int(path.name.split("-")[1].split(".")[0]) for path in corpus.glob("outlinks-*.jsonl.zst")]
    packed = zstandard.ZstdCompressor(level=6, write_checksum=True).compress(b"\n".join(lines) + b"\n")
    write_durably(corpus / f"outlinks-{max(numbers, default=0) + 1:05}.jsonl.zst", packed)
