"""What does a caller see of a ranked document?

Its record, its best passages with the query's words marked, and every term of its score.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from indexer.document import Document
from ranker.highlight import highlights
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Hit, PassageHit, Terms
from ranker.retrieve import Candidates
from ranker.stages.standing import Standing
from ranker.window import best_window, tokens


def hits_of(standing: Standing) -> tuple[Hit, ...]:
    """The first k of what is shown, each as its best wording sees it; `moved` is counted from the order without authority."""
    query, views, documents, pinned = standing.queries[0], standing.views, standing.documents, standing.pinned
    top, scores = standing.shown[: query.k], standing.scores
    without, settled = _places(standing.without_authority), _places(standing.settled)
    words = [_weights(view) for view in views]
    relevance_of = [pinned.calibration.log_odds(view) for view in views]
    hits = []
    for place, (row, document) in enumerate(zip(top.tolist(), pinned.index.documents(documents.documents[top]), strict=True)):
        view, number = int(documents.view[row]), int(documents.documents[row])
        hits.append(
            Hit(
                rank=place + 1,
                doc_id=document.id,
                title=document.title,
                url=document.url,
                kind=document.kind,
                authors=document.authors,
                venue=document.venue,
                published=document.published,
                score=float(scores[row]),
                relevance=float(documents.relevance[row]),
                authority=standing.trusts[row],
                terms=terms_of(standing, row),
                passages=_passages(query, views[view], relevance_of[view], number, document, words[view], pinned),
                moved=int(without[row] - settled[row]),
                exact_match=views[view].named.get(number, ""),
                wording=view,
                text_sha256=sha256(document.text.encode()).hexdigest(),
                diversified=int(settled[row]) - place,
            )
        )
    return tuple(hits)


def _weights(candidates: Candidates) -> dict[str, float]:
    """The query's terms that tell passages apart, with their weights."""
    asked = candidates.query
    return {t: w for t, w in zip(asked.terms, asked.weights.tolist(), strict=True) if t not in asked.common}


def _places(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """The place of each row in an order of all rows."""
    places = np.empty(len(order), np.intp)
    places[order] = np.arange(len(order))
    return places


def terms_of(standing: Standing, row: int) -> Terms:
    """The score of one document as the sum it is."""
    documents, model, pinned = standing.documents, standing.pinned.calibration, standing.pinned
    candidates, best = standing.views[int(documents.view[row])], int(documents.best[row])
    part = model.parts(candidates, best)
    added = {name: float(log_odds[row]) for name, log_odds in standing.added.items()}
    return Terms(
        bias=model.b0,
        lexical=part.get("lexical", 0.0),
        title=part.get("title", 0.0),
        dense=part.get("dense", 0.0),
        fused=float(documents.relevance[row] - documents.alone[row]),
        authority=pinned.delta * float(standing.authority[row]),
        bm25=float(candidates.bm25[best]),
        max_bm25=candidates.max_bm25,
        cosine=float(candidates.cosine[best]),
        title_bm25=float(candidates.title_bm25[best]),
        best_bm25=candidates.best_bm25,
        **added,
    )


def _passages(
    query: Query,
    candidates: Candidates,
    relevance: NDArray[np.float64],
    number: int,
    document: Document,
    weights: Mapping[str, float],
    pinned: Pinned,
) -> tuple[PassageHit, ...]:
    """The document's most relevant passages among the candidates, best first, within the query's budget; none without text."""
    if not query.passages or not document.text:
        return ()
    rows = np.flatnonzero(candidates.documents == number)
    best = rows[np.lexsort((candidates.passages[rows], -relevance[rows]))][: query.passages]
    shown, left = [], query.max_tokens
    for span in pinned.index.spans(candidates.passages[best]):
        start, end = span.start, span.end
        if query.max_tokens:
            first, last = best_window(document.text[start:end], weights, left)
            start, end = start + first, start + last
            left -= tokens(document.text[start:end])
        if end > start:
            text = document.text[start:end]
            shown.append(PassageHit(text, start, end, highlights(text, frozenset(weights)), _section(document, start)))
    return tuple(shown)


def _section(document: Document, at: int) -> str:
    """The heading of the innermost section around an offset."""
    around = [s for s in document.sections if s.start <= at < s.end]
    return max(around, key=lambda s: (s.level, s.start)).heading if around else ""
