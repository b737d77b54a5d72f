"""How is all-MiniLM-L6-v2 run without torch?

Texts are tokenised in bulk, sorted by length, cut into batches of about equal work and run through one ONNX Runtime
session from a thread per core. A session with one intra-op thread runs in the thread that calls it, so this is as fast as
a session per core and needs the memory of one. What a text is encoded beside does not matter: padding gets no weight.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from indexer.encoders import Role, Vectors
from indexer.encoders.batches import Tokens, batch_spans, padded, valid_unicode
from indexer.encoders.bert_graph import GRAPH_VERSION, BertShape
from indexer.encoders.graph_file import graph_file
from indexer.encoders.weights import MODEL, PINNED, TOKENIZER, Weights, find_weights

SHAPE: Final = BertShape(layers=6, heads=12, max_tokens=256)
DIM: Final = 384
BATCH_TOKENS: Final = 512
"""Tokens in one batch, padding included; activations then fit the cache of a core. 256 to 1,024 are equally fast."""
LEAST_TOKENS: Final = 64
"""Tokens below which a batch is not split further to occupy more cores."""
MOST_CHARACTERS: Final = 20_000
"""Characters of one text that are tokenised; 256 tokens are rarely more than 2,000."""
SLAB: Final = 4_096
"""Texts whose tokens are held in memory at once."""


class MiniLM:
    """The default encoder; `encode` may be called from several threads at once."""

    name: Final = "all-MiniLM-L6-v2"
    precision: Final = "float32"
    dim: Final = DIM

    def __init__(self, weights: Weights, threads: int) -> None:
        """Raises EncoderError where a file is not the pinned one; builds the graph where no run before has."""
        from tokenizers import Tokenizer

        self.fingerprint = fingerprint()
        self._tokenizer = Tokenizer.from_buffer(weights.read(TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(SHAPE.max_tokens)
        self._session = graph_file(self.fingerprint, weights, SHAPE)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encode")

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:  # noqa: ARG002 - this model has no prompts
        """(len(texts), 384) float32, rows L2-normalised, in input order."""
        vectors = np.empty((len(texts), DIM), np.float32)
        for start in range(0, len(texts), SLAB):
            self._encode_slab(texts[start : start + SLAB], vectors[start : start + SLAB])
        return vectors

    def _encode_slab(self, texts: Sequence[str], out: Vectors) -> None:
        tokens, lengths = self._tokenise(texts)
        order = np.argsort(-lengths, kind="stable")  # longest first: the last batches to finish are small ones
        starts = np.cumsum(lengths) - lengths
        batches = list(batch_spans(lengths[order], self._limit(int(lengths.sum()))))

        def run(span: slice) -> None:
            rows = order[span]
            out[rows] = self._run(padded(tokens, starts[rows], lengths[rows]), lengths[rows])

        if len(batches) == 1:  # a query need not wait for a thread
            run(batches[0])
        else:
            list(self._pool.map(run, batches))

    def _tokenise(self, texts: Sequence[str]) -> tuple[Tokens, Tokens]:
        """All token ids one after the other, and the number of tokens of each text."""
        cut = [text[:MOST_CHARACTERS] for text in texts]
        try:
            encodings = self._tokenizer.encode_batch_fast(cut)
        except (TypeError, UnicodeEncodeError):  # lone surrogates, which UTF-8 cannot carry
            encodings = self._tokenizer.encode_batch_fast([valid_unicode(text) for text in cut])
        ids = [encoding.ids for encoding in encodings]
        return np.fromiter(chain.from_iterable(ids), np.int32), np.fromiter(map(len, ids), np.int32, len(ids))

    def _limit(self, tokens: int) -> int:
        """Tokens per batch so that a small request still occupies every core."""
        return min(BATCH_TOKENS, max(LEAST_TOKENS, -(-tokens // self._threads)))

    def _run(self, input_ids: Tokens, lengths: Tokens) -> Vectors:
        vectors: Vectors = self._session.run(None, {"input_ids": input_ids, "lengths": lengths})[0]
        return vectors


def load(weights: Path | None = None) -> MiniLM:
    """The encoder, with a thread per core that this process may use, or as many as OMP_NUM_THREADS allows.

    A given folder is checked even where its graph is at hand. Raises EncoderError where weights are missing or are not
    the pinned ones.
    """
    found = find_weights(weights)
    if weights is not None:
        found.read(MODEL)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return MiniLM(found, min(cores, int(allowed)) if allowed.isdigit() and int(allowed) else cores)


def fingerprint() -> str:
    """Of the default encoder, whichever library runs it."""
    parts = (*PINNED.values(), "mean", str(SHAPE), str(GRAPH_VERSION))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
