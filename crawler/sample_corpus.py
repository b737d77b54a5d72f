"""What is in the bundled sample corpus?

Short documents of our own, on invented hosts under ``.example``, so that everything can be tried without any data. They are
ordinary JSON lines and are read as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import as_file, files

from crawler.papers.jsonl import JsonlSource
from crawler.reading import Reading

PARTS = ("pages.jsonl", "papers.jsonl")
"""The files that hold documents; the folder has other things beside them."""


def read_sample(collection: str = "") -> Iterator[Reading]:
    """Every document of crawler/sample/; without `collection` each keeps the one its line names."""
    with as_file(files("crawler") / "sample") as folder:
        for done, part in enumerate(PARTS):
            for reading in JsonlSource().read(folder / part, collection):
                yield replace(reading, share=(done + reading.share) / len(PARTS))
