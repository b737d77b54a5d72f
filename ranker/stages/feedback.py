"""What changes when the words of the best documents are searched, too?

Pseudo-relevance feedback by a relevance model, RM3 (Lavrenko and Croft, SIGIR 2001, doi:10.1145/383952.383972; Abdul-Jaleel et
al., TREC 2004): a word counts as much as the passages of the best documents use it, each by its probability, times its idf. The
heaviest TERMS of them, as heavy together as the query, make up a share of BM25:

    bm25' = (1 - share) * bm25 + share * bm25 of those words

Only the candidates are scored anew, none are added. The documents that are read are the best by relevance alone, so no table has
a say in it. A score then depends on what else was found, which is one reason why it is off by default; README.md has the others.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import analyze
from indexer.numbering import Numbers
from indexer.passages import passage_text
from ranker.bm25 import LexicalQuery, bm25
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.retrieve import Candidates
from ranker.stages.standing import Standing

READ = 10
"""Documents whose words are taken, the most relevant ones."""
TERMS = 20
"""Words that are taken from them."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Add what the words of the best documents change, as the term `feedback`."""

    share: float
    """Of BM25 that those words make up, above 0, at most 1."""

    def __call__(self, standing: Standing) -> Standing:
        """With every wording's candidates scored anew."""
        documents, added = standing.documents, np.zeros(len(standing.ids))
        best = standing.without_authority[:READ]
        for number, (query, view) in enumerate(zip(standing.queries, standing.views, strict=True)):
            read, mine = best[documents.view[best] == number], documents.view == number
            if len(read) and view.query.terms:
                rows, told = documents.best[read], documents.relevance[read]
                words = words_of(query, view, view.passages[rows], np.exp(told - told.max()), standing.pinned)
                changed = _change(view, words, self.share, standing.pinned)
                added[mine] = changed[documents.best[mine]]
        return standing.plus("feedback", added)


def words_of(query: Query, view: Candidates, passages: Numbers, chances: NDArray[np.float64], pinned: Pinned) -> LexicalQuery:
    """The TERMS heaviest words of these passages as a query of the weight of the one asked; `chances` (passages,) above 0."""
    model: Counter[str] = Counter()
    spans = pinned.index.spans(passages)
    documents = pinned.index.documents(np.array([span.document for span in spans], np.int64))
    for chance, document, span in zip((chances / chances.sum()).tolist(), documents, spans, strict=True):
        used = analyze(passage_text(document, span.start, span.end))
        for term, count in Counter(used).items():
            model[term] += chance * count / len(used)
    terms = tuple(model)
    statistics = pinned.index.statistics(terms, query.filters.collections)
    idf = np.log1p((statistics.passages - statistics.df + 0.5) / (statistics.df + 0.5))
    weights = np.fromiter(model.values(), np.float64, len(terms)) * idf
    heaviest = np.argsort(-weights, kind="stable")[:TERMS]
    kept = weights[heaviest] * (view.query.weights.sum() / max(weights[heaviest].sum(), 1e-9))
    named = tuple(terms[i] for i in heaviest)
    return replace(view.query, terms=named, weights=kept, df=statistics.df[heaviest], common=frozenset())


def _change(view: Candidates, words: LexicalQuery, share: float, pinned: Pinned) -> NDArray[np.float64]:
    """How far each candidate's log-odds move, (n,)."""
    model = pinned.calibration
    mixed = (1 - share) * view.bm25 + share * bm25(words, pinned.index, view.passages, model.k1, model.b)
    best = max((1 - share) * view.best_bm25, float(mixed.max(initial=0.0)))
    return model.log_odds(replace(view, bm25=mixed, best_bm25=best)) - model.log_odds(view)
