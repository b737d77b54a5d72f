"""Which passages that nobody proposed belong to documents that may be shown?

A document is as relevant as its best passage, but which of its passages are proposed depends on what lies beside them in a
segment. So all passages of the documents that can come out are scored: what a document scores then depends on no split. Where
every document is one passage, nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.encoders import Vectors
from indexer.index import Index
from indexer.numbering import Numbers
from ranker.bm25 import bm25
from ranker.fuse import Fused, fuse
from ranker.likeness import likeness
from ranker.query import Query
from ranker.ranking import DELTA
from ranker.relevance import Calibration
from ranker.retrieve import Candidates
from ranker.settle import collapse
from ranker.wordings import groups_of

FIRST = 100
"""Documents that are completed, at least k: the most relevant ones by what was proposed of them. Fixed, so the first hits are the
same for every k up to it; of documents of thirty passages this costs 3.4 ms (benchmarks/LOG.md)."""

FEW = 50
"""Passages that are scored without asking which documents may be shown: asking takes as long."""


def complete(
    queries: Sequence[Query], views: Sequence[Candidates], vectors: Vectors | None, index: Index, model: Calibration
) -> list[Candidates]:
    """The candidates of every query, with all passages of the documents that may be shown; `vectors` as in `retrieve`."""
    completed = list(views)
    alone = [[i] for i, query in enumerate(queries) if not query.fuse]
    for rows in (*alone, *groups_of(queries).values()):
        left_out = index.left_out(views[rows[0]].passages)
        if not len(left_out):
            continue
        if len(left_out) > FEW:
            asked = [views[i] for i in rows]
            found = fuse([collapse(view, model.log_odds(view)) for view in asked], likeness(asked))
            left_out = left_out[np.isin(index.documents_of(left_out), promising(found, queries[rows[0]]))]
        for i in rows:
            completed[i] = _with(views[i], left_out, None if vectors is None else vectors[i], index, model)
    return completed


def promising(found: Fused, query: Query) -> Numbers:
    """The documents that can be among those shown, whatever authority says and whatever else the query asks for.

    Completed ones only rise, so those below are below the first ones afterwards too; reading lets as many sink as are read.
    What counts citations, dates or other words, or passes over documents, may come to any of them.
    """
    reach = max(FIRST, query.k) + query.rerank
    if (
        query.impact
        or query.recency
        or query.feedback
        or query.max_per_domain
        or query.max_per_paper
        or reach >= len(found.documents)
    ):
        return found.documents
    last = np.partition(found.relevance, -reach)[-reach]
    near: Numbers = found.documents[found.relevance >= last - DELTA]
    return near


def _with(
    view: Candidates, passages: Numbers, vector: NDArray[np.float32] | None, index: Index, model: Calibration
) -> Candidates:
    """The same candidates and some further passages of their documents."""
    documents = index.documents_of(passages)
    scores = bm25(view.query, index, passages, model.k1, model.b)
    cosine = np.zeros(len(passages)) if vector is None else index.cosines(passages, vector)
    titles = view.title_bm25[np.searchsorted(view.documents, documents)]
    order = np.argsort(np.concatenate([view.passages, passages]))
    return replace(
        view,
        passages=np.concatenate([view.passages, passages])[order],
        documents=np.concatenate([view.documents, documents])[order],
        bm25=np.concatenate([view.bm25, scores])[order],
        title_bm25=np.concatenate([view.title_bm25, titles])[order],
        best_bm25=max(view.best_bm25, float(scores.max(initial=0.0))),
        cosine=np.concatenate([view.cosine, cosine])[order],
    )
