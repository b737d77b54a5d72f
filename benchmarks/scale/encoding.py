"""How much of the runtime's speed reaches the encoder?

The peer is the limit: the same ONNX Runtime session, asked directly, in the same threads, for batches that were tokenised, sorted
by length and padded before the clock ran. What is missing to a ratio of 1 is tokenising, batching and putting back in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.alternate import alternate
from benchmarks.machine import cores
from benchmarks.result import Parameters, Result, of_series
from benchmarks.scale.lexical import passage_texts
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.encoders.batches import Tokens, batch_spans, padded
from indexer.encoders.graph_file import graph_file
from indexer.encoders.minilm import BATCH_TOKENS, SHAPE
from indexer.encoders.weights import TOKENIZER, find_weights

PEER = "ONNX Runtime on ready batches"


def encoding(documents: Sequence[Document], count: int, rounds: int, encoder: Encoder, about: Parameters) -> Iterator[Result]:
    """Texts per second beside the peer; `encoder` is the default one. The texts are spread evenly over the corpus."""
    texts = passage_texts(documents)
    texts = [texts[i] for i in np.linspace(0, len(texts) - 1, min(count, len(texts)), dtype=int)]
    batches = _batches(texts)
    session = graph_file(encoder.fingerprint, find_weights(), SHAPE)

    def ours(_: Path) -> None:
        encoder.encode(texts)

    def run(batch: tuple[Tokens, Tokens]) -> None:
        session.run(None, {"input_ids": batch[0], "lengths": batch[1]})

    with ThreadPoolExecutor(cores()) as pool:
        seconds = alternate("encoding", {"ours": ours, PEER: lambda _: list(pool.map(run, batches))}, rounds)
    rates = {name: series.per(len(texts)) for name, series in seconds.items()}
    tokens = sum(int(lengths.sum()) for _, lengths in batches)
    about = {**about, "texts": len(texts), "tokens": tokens, "encoder": encoder.name, "onnxruntime": version("onnxruntime")}
    yield of_series("scale", "encode", "texts/s", rates["ours"], about, (PEER, rates[PEER]))


def _batches(texts: Sequence[str]) -> list[tuple[Tokens, Tokens]]:
    """Padded token ids and lengths, longest texts first, in batches of the encoder's size."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(find_weights().read(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(SHAPE.max_tokens)
    ids = sorted((encoding.ids for encoding in tokenizer.encode_batch(list(texts))), key=len, reverse=True)
    lengths = np.array([len(row) for row in ids], np.int32)
    starts, tokens = np.cumsum(lengths) - lengths, np.concatenate([np.array(row, np.int32) for row in ids])
    return [(padded(tokens, starts[span], lengths[span]), lengths[span]) for span in batch_spans(lengths, BATCH_TOKENS)]
