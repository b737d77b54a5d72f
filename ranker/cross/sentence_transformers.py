"""How does any other cross-encoder read, or any on a GPU?

Through sentence-transformers, an extra that pulls torch. The model never brings code: only architectures that the library ships
are loaded. Logits are taken before any activation.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.batches import valid_unicode
from indexer.errors import EncoderError


class SentenceTransformersCrossEncoder:
    """A sentence-transformers CrossEncoder with one label; several threads take turns."""

    def __init__(self, name: str, fingerprint: str, model: Any, identity: Any) -> None:
        self.name, self.fingerprint = name, fingerprint
        self._model, self._identity = model, identity
        self._turn = threading.Lock()  # its tokenisers refuse to be borrowed twice

    def read(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """(len(texts),) logits. https://sbert.net/docs/package_reference/cross_encoder/cross_encoder.html"""
        if not texts:
            return np.empty(0)
        pairs = [(valid_unicode(query), valid_unicode(text)) for text in texts]
        with self._turn:
            logits = self._model.predict(
                pairs, batch_size=len(pairs), show_progress_bar=False, activation_fn=self._identity, convert_to_numpy=True
            )
        return np.asarray(logits, np.float64).reshape(len(texts))


def load(folder: Path, device: str) -> SentenceTransformersCrossEncoder:
    """The model of a folder. Raises EncoderError where it cannot be loaded, ModuleNotFoundError without the extra."""
    import torch
    from sentence_transformers import CrossEncoder

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise EncoderError(f"device {device!r}: torch sees no CUDA device; use --device cpu")
    try:
        model = CrossEncoder(str(folder), device=device, trust_remote_code=False, num_labels=1, local_files_only=True)
    except Exception as error:  # the library's and torch's errors share no class
        why = str(error).strip().partition("\n")[0].rstrip(".")
        raise EncoderError(f"sentence-transformers cannot load the cross-encoder {folder} on {device}: {why}") from error
    parameters = sorted(
        hashlib.sha256(p.detach().cpu().float().contiguous().numpy().tobytes()).hexdigest() for p in model.model.parameters()
    )
    digest = hashlib.sha256("\n".join([*parameters, str(model.max_seq_length)]).encode()).hexdigest()[:32]
    return SentenceTransformersCrossEncoder(folder.resolve().name, digest, model, torch.nn.Identity())
