"""What changes when a model reads the query and the best documents together?

The passages of the most relevant documents, best first, are given to a cross-encoder, a few at a time, until all are read or the
time is over. Of what was read, relevance is then the log-odds of a calibration of its own, which counts the cross-encoder's logit
beside the other features; what was not read keeps the log-odds it had. Both are log-odds of one thing, so they rank together.
Authority comes after it, with its usual bound. (Nogueira and Cho, Passage Re-ranking with BERT, 2019, arXiv:1901.04085.)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.passages import passage_text
from ranker.cross import CrossEncoder
from ranker.pinned import Pinned
from ranker.retrieve import Candidates
from ranker.stages.standing import Standing

AT_ONCE = 8
"""Passages in one run of the model: what is lost, at most, when the time is over."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Read the best documents."""

    most: int
    """Documents."""
    until: float = float("inf")
    """time.monotonic() after which no run is begun."""

    def __call__(self, standing: Standing) -> Standing:
        """With what reading changed as the term `cross`; the same documents are read whatever the table says."""
        reader, documents = standing.pinned.reader, standing.documents
        if not any(query.words for query in standing.queries):
            return standing.noting("reranking left out: the query has no words to read documents with")
        if not standing.pinned.encoder:
            return standing.noting("reranking left out: without the dense part nothing says what it is worth")
        if not reader:
            return standing.noting(f"reranking left out: {standing.pinned.unread}")
        rows = standing.without_authority[: self.most]
        added, done = np.zeros(len(standing.ids)), 0
        for view, query in enumerate(standing.queries):  # each document with the wording that it answers best
            mine = rows[documents.view[rows] == view]
            candidates = standing.views[view]
            logits = logits_of(reader.encoder, query.words, candidates, documents.best[mine], standing.pinned, self.until)
            read = mine[: len(logits)]
            best = documents.best[read]
            columns = {name: candidates.feature(name)[best] for name in reader.calibration.features[:-1]} | {"cross": logits}
            added[read] = reader.calibration.of(columns) - documents.alone[read]
            done += len(read)
        late = (f"{done} of the {len(rows)} best documents were read by {reader.encoder.name}: the time was over",)
        return standing.plus("cross", added, *(late if done < len(rows) else ()))


def logits_of(
    encoder: CrossEncoder, query: str, candidates: Candidates, rows: NDArray[np.intp], pinned: Pinned, until: float = float("inf")
) -> NDArray[np.float64]:
    """The cross-encoder's logits of these candidates, in order, as far as the time allowed."""
    found: list[NDArray[np.float64]] = [np.empty(0)]
    for start in range(0, len(rows), AT_ONCE):
        if time.monotonic() >= until:
            break
        found.append(encoder.read(query, _texts(candidates, rows[start : start + AT_ONCE], pinned)))
    return np.concatenate(found)


def _texts(candidates: Candidates, rows: NDArray[np.intp], pinned: Pinned) -> Sequence[str]:
    """Title and span of each candidate, as the encoder of the index sees them."""
    documents = pinned.index.documents(candidates.documents[rows])
    spans = pinned.index.spans(candidates.passages[rows])
    return [passage_text(document, span.start, span.end) for document, span in zip(documents, spans, strict=True)]
