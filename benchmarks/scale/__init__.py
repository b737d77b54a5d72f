"""How much can be read, indexed, encoded and kept?

reading    documents out of a corpus, beside decompressing and parsing alone
lexical    passages into a segment, beside a bare tantivy writer
encoding   texts into vectors, beside the bare runtime
processes  the whole build with two processes beside one, held to a core or free, and what two cores can give
footprint  bytes, memory and the time to open
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpora import first_documents
from benchmarks.result import Parameters, Result
from benchmarks.scale.encoding import encoding
from benchmarks.scale.footprint import footprint
from benchmarks.scale.lexical import lexical
from benchmarks.scale.processes import processes
from benchmarks.scale.reading import reading
from indexer.encoders import Encoder


def scale(corpus: Path, limit: int, texts: int, rounds: int, encoder: Encoder | None, about: Parameters) -> Iterator[Result]:
    """Results over the first `limit` documents of `corpus`; `texts` passages are encoded, none without an encoder."""
    yield from reading(corpus, limit, rounds, about)
    documents = first_documents(corpus, limit)
    about = {**about, "documents": len(documents)}
    yield from lexical(documents, rounds, about)
    if encoder:
        yield from encoding(documents, texts, rounds, encoder, about)
    del documents
    yield from processes(corpus, 0, rounds, about)
    yield from footprint(corpus, limit, about)
