"""Fixtures of the indexer's tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from indexer.encoders import Encoder, Role, Vectors


class Letters:
    """An encoder that counts letters: enough to search by."""

    name, fingerprint, precision, dim = "letters", "1e77e25" * 4, "float32", 28

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """(len(texts), 28) float32, rows L2-normalised."""
        counts = np.array([[text.lower().count(chr(97 + i)) + 0.1 for i in range(28)] for text in texts], np.float32)
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).reshape(-1, 28)


@pytest.fixture(scope="session")
def letters() -> Encoder:
    """An encoder without weights."""
    return Letters()
