"""Our BM25 agrees with twenty lines of it, and does not depend on how an index is cut."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from indexer.analysis import analyze
from indexer.document import Document
from indexer.index import Index
from indexer.passages import passage_text
from ranker.bm25 import LexicalQuery, bm25, bm25_of_each, title_bm25_of_each
from ranker.function_words import content


def _by_hand(query: str, texts: list[str], k1: float, b: float) -> list[float]:
    passages = [Counter(analyze(t)) for t in texts]
    mean = sum(p.total() for p in passages) / len(passages)
    scores = []
    for p in passages:
        score = 0.0
        for term, repeated in Counter(analyze(content(query))).items():
            df = sum(term in other for other in passages)
            idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
            score += math.log2(1 + repeated) * idf**1.25 * p[term] * (k1 + 1) / (p[term] + k1 * (1 - b + b * p.total() / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["tide table", "brake brake pads", "water and coffee", "nowhere to be found", "boiling"])
@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.9, 0.4), (2.0, 0.0)])
def test_exact_bm25_is_the_textbook_sum(
    tiny_index: Path, tiny_documents: list[Document], query: str, k1: float, b: float
) -> None:
    texts = [passage_text(d, 0, len(d.text)) for d in tiny_documents]
    with Index.open(tiny_index) as index:
        parsed = LexicalQuery.parse(query, index)
        order = [d.id for d in index.documents(np.arange(12))]
        scores = dict(zip(order, bm25(parsed, index, np.arange(12), k1, b).tolist(), strict=True))
    by_hand = dict(zip([d.id for d in tiny_documents], _by_hand(query, texts, k1, b), strict=True))
    assert scores == pytest.approx(by_hand, abs=1e-9)
    assert max(scores.values()) <= parsed.maximum(k1) + 1e-9


def test_a_title_is_scored_as_a_text_of_its_own(tiny_index: Path, tiny_documents: list[Document]) -> None:
    with Index.open(tiny_index) as index:
        query = LexicalQuery.parse("reading a tide table", index)
        titles = [d.title for d in index.documents(np.arange(12))]
        (scores,) = title_bm25_of_each([query], index, np.arange(12), 1.2, 0.75)
    assert titles[int(scores.argmax())] == "Reading a tide table"
    assert [bool(s) for s in scores] == [bool(set(analyze(t)) & set(query.terms)) for t in titles]


def test_scores_are_the_same_bits_whatever_the_company(tiny_index: Path) -> None:
    with Index.open(tiny_index) as index:
        query = LexicalQuery.parse("water for coffee and bread", index)
        together = bm25(query, index, np.arange(12), 1.2, 0.75)
        alone = [bm25(query, index, np.array([i]), 1.2, 0.75)[0] for i in range(12)]
    assert together.tolist() == alone


def test_a_query_without_terms_scores_nothing(tiny_index: Path) -> None:
    with Index.open(tiny_index) as index:
        query = LexicalQuery.parse("?!", index)
        assert query.maximum(1.2) == 0
        assert bm25(query, index, np.arange(3), 1.2, 0.75).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("What is the height of a tide?", "height tide"),
        ("who guidelines on IT and the WHO's advice for us", "guidelines IT WHO advice"),
        ("WHAT IS THIS TIDE", "TIDE"),
        ("to be or not to be", "to be or not to be"),
        ("the moon\u2019s pull", "moon pull"),
    ],
)
def test_a_query_is_searched_by_its_content_words(query: str, kept: str) -> None:
    assert content(query).replace("?", "").split() == kept.split()


def test_several_queries_counted_together_score_the_same_bits(tiny_index: Path) -> None:
    with Index.open(tiny_index) as index:
        queries = [
            LexicalQuery.parse(text, index) for text in ("drinking water", "tides and the moon", "water and salt water", "")
        ]
        together = bm25_of_each(queries, index, np.arange(12), 1.2, 0.75)
        for query, scores in zip(queries, together, strict=True):
            assert scores.tolist() == bm25(query, index, np.arange(12), 1.2, 0.75).tolist()
