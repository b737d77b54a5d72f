"""Which text becomes which vector?

An Encoder maps texts to L2-normalised vectors, so an inner product is a cosine. Encoders are found by name: the names
in ENCODERS, or anything else as a sentence-transformers model. Modules are imported on use.

minilm                 the default encoder, on ONNX Runtime
weights                where its weights come from, and which ones they must be
bert_graph             its weights as an ONNX graph
graph_file             that graph between runs
sentence_transformers  any other encoder, and encoders on a GPU
batches                texts of unequal length, encoded together
vector_cache           a whole corpus, with a memory
vector_file            that memory: vectors between runs
query_cache            the queries of a moment ago
cache_root             where graphs and vectors are kept
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncoderError

Vectors = NDArray[np.float32]
"""(n, dim) float32, rows L2-normalised."""
Role = Literal["query", "passage"]

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
ENCODERS = {"all-MiniLM-L6-v2": "indexer.encoders.minilm:load"}
"""Encoders that run on the CPU without torch: ``module:function``, called with the folder of the weights or None."""
ALIASES = {"sentence-transformers/all-MiniLM-L6-v2": "all-MiniLM-L6-v2"}


class Encoder(Protocol):
    """Turns texts into vectors; equal fingerprints mean vectors of one space, whatever they were computed with."""

    @property
    def name(self) -> str:
        """The name that `load_encoder` takes, stored in the index."""

    @property
    def fingerprint(self) -> str:
        """Hash over weights, tokeniser, pooling and maximum length: what an index asks of the encoder of its queries."""

    @property
    def precision(self) -> str:
        """Type of number it computes with, ``float32`` or ``bfloat16``; the vector cache keeps them apart."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """(len(texts), dim) float32, rows L2-normalised, in input order; an empty input gives (0, dim)."""


def load_encoder(name: str = DEFAULT_ENCODER, device: str = "cpu", weights: Path | None = None) -> Encoder:
    """The encoder of that name; one that is not in ENCODERS, or not to run on the CPU, through sentence-transformers.

    `weights` is a folder to load from; without one, the default encoder's are looked for where `weights.py` says.
    Raises EncoderError where a package or the weights are missing, or the weights are not the ones expected.
    """
    name = ALIASES.get(name, name)
    light = name in ENCODERS and device == "cpu"
    try:
        if light:
            module, function = ENCODERS[name].split(":")
            encoder: Encoder = getattr(importlib.import_module(module), function)(weights)
        else:
            from indexer.encoders import sentence_transformers

            encoder = sentence_transformers.load(name, device, weights)
    except ModuleNotFoundError as error:
        extra = "cpu" if light else "torch"
        raise EncoderError(
            f"encoder {name!r} on {device} needs the package {error.name}: pip install 'stepwell[{extra}]'"
        ) from error
    return encoder


def asked_encoder(name: str | None, device: str, weights: Path | None) -> Encoder | None:
    """The encoder that the options of a command name; None where they name none: whoever opens the index loads its own."""
    if not name and not weights:
        return None
    return load_encoder(name or DEFAULT_ENCODER, device, weights)
