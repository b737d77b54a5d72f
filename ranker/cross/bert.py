"""How is a BERT cross-encoder run without torch?

The folder is as Hugging Face lays it out: ``config.json``, ``model.safetensors``, ``tokenizer.json``. Its weights become an ONNX
graph in fused operators, as the default encoder's do (`indexer.encoders.bert_graph`), built anew at each start: about a second.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.encoders.batches import valid_unicode
from indexer.encoders.bert_graph import BertShape, pair_graph
from indexer.errors import EncoderError

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
MAX_CHARACTERS: Final = 10_000
"""Characters of one text that are tokenised; 512 tokens are rarely more than 4,000."""


class BertCrossEncoder:
    """A BERT classifier with one label; `read` may be called from several threads at once."""

    def __init__(self, name: str, fingerprint: str, session: Any, tokenizer: Any) -> None:
        self.name, self.fingerprint = name, fingerprint
        self._session, self._tokenizer = session, tokenizer

    def read(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """(len(texts),) logits of the pairs, in one run of the graph."""
        if not texts:
            return np.empty(0)
        asked = valid_unicode(query[:MAX_CHARACTERS])
        pairs = self._tokenizer.encode_batch([(asked, valid_unicode(text[:MAX_CHARACTERS])) for text in texts])
        lengths = np.fromiter((sum(pair.attention_mask) for pair in pairs), np.int32, len(pairs))
        longest = int(lengths.max())
        given = {
            "input_ids": np.array([pair.ids[:longest] for pair in pairs], np.int32),
            "segment_ids": np.array([pair.type_ids[:longest] for pair in pairs], np.int32),
            "lengths": lengths,
        }
        logits: NDArray[np.float32] = self._session.run(None, given)[0]
        return logits.astype(np.float64)


def fits(folder: Path) -> bool:
    """Whether the folder holds what this file runs: BERT, one label, exact GELU, absolute positions, as safetensors."""
    try:
        config = _config(folder)
    except EncoderError:
        return False
    labels = config.get("num_labels") or len(config.get("id2label") or {0: "", 1: ""})
    return (
        config.get("model_type") == "bert"
        and labels == 1
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and (folder / WEIGHTS).is_file()
        and (folder / TOKENIZER).is_file()
    )


def load(folder: Path) -> BertCrossEncoder:
    """The model of a folder that fits, on every core. Raises EncoderError where its files do not belong together."""
    import onnxruntime as ort
    from safetensors.numpy import load as tensors_of
    from tokenizers import Tokenizer

    config, weights, vocabulary = _config(folder), (folder / WEIGHTS).read_bytes(), (folder / TOKENIZER).read_bytes()
    shape = BertShape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        max_tokens=int(config["max_position_embeddings"]),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options.log_severity_level = 3
    try:
        tensors = {name.removeprefix("bert."): value.astype(np.float32) for name, value in tensors_of(weights).items()}
        session = ort.InferenceSession(pair_graph(tensors, shape), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_buffer(vocabulary)
    except Exception as error:  # safetensors', the runtime's and the tokeniser's errors share no class
        why = str(error).strip().partition("\n")[0]
        raise EncoderError(f"{folder} does not hold a BERT cross-encoder: {why}; download it again") from error
    tokenizer.enable_truncation(shape.max_tokens, strategy="longest_first")
    tokenizer.enable_padding()
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in (weights, vocabulary, repr(shape).encode())))
    return BertCrossEncoder(folder.resolve().name, digest.hexdigest()[:32], session, tokenizer)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = orjson.loads((folder / CONFIG).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise EncoderError(f"{folder / CONFIG} cannot be read: {error}") from None
    return config
