"""Diversity moves repetitions down, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders import Encoder
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher
from ranker.stages.diversity import POOL, diverse

rows = st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 4), st.booleans()), min_size=1, max_size=POOL + 20)


def _documents(members: list[tuple[float, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Settled order, scores, vectors and what comes first, of documents on one of five subjects each."""
    scores, first = np.array([s for s, _, _ in members]), np.array([f for _, _, f in members])
    vectors = np.eye(5, dtype=np.float32)[[subject for _, subject, _ in members]]
    return np.lexsort((np.arange(len(members)), -scores, ~first)), scores, vectors, first


@given(rows, st.floats(0.01, 10))
def test_every_document_stays_and_what_was_asked_for_by_name_stays_first(
    members: list[tuple[float, int, bool]], weight: float
) -> None:
    order, scores, vectors, first = _documents(members)
    after = diverse(order, scores, vectors, first, weight).tolist()
    assert sorted(after) == sorted(order.tolist())
    named = min(int(first.sum()), POOL)
    assert after[:named] == order[:named].tolist()
    assert after[POOL:] == order[POOL:].tolist()


@given(rows, st.floats(0.01, 10))
def test_of_one_subject_the_better_document_stays_above(members: list[tuple[float, int, bool]], weight: float) -> None:
    order, scores, vectors, first = _documents([(s, subject, False) for s, subject, _ in members[:POOL]])
    after = diverse(order, scores, vectors, first, weight).tolist()
    for subject in range(5):
        alike = [row for row in after if members[row][1] == subject]
        assert alike == [row for row in order.tolist() if row in alike]


@given(rows, st.floats(0.01, 10))
def test_a_lead_of_more_than_the_weight_is_never_overtaken(members: list[tuple[float, int, bool]], weight: float) -> None:
    order, scores, vectors, first = _documents([(s, subject, False) for s, subject, _ in members[:POOL]])
    after = diverse(order, scores, vectors, first, weight)
    below = np.maximum.accumulate(scores[after][::-1])[::-1]
    assert (below - scores[after] <= weight + 1e-9).all()


def test_diversity_puts_something_else_on_the_first_page(sample_index: Path, encoder: Encoder) -> None:
    text = "how long should I boil water at high altitude"
    with Searcher.open(sample_index, authority="sample", encoder=encoder) as searcher:
        plain, diverse, deep = searcher.search([Query(text), Query(text, diversity=10.0), Query(text, k=30, diversity=10.0)])
    assert isinstance(plain, Ranking)
    assert isinstance(diverse, Ranking)
    assert isinstance(deep, Ranking)
    ids = [[hit.doc_id for hit in ranking.hits] for ranking in (plain, diverse, deep)]
    assert ids[0][0] == ids[1][0]
    assert ids[0] != ids[1]
    assert ids[1] == ids[2][:10]
    settled = {hit.doc_id: hit.rank for hit in plain.hits}
    moved = {hit.doc_id: hit.diversified for hit in diverse.hits}
    assert all(moved[d] == settled[d] - place for place, d in enumerate(ids[1], 1) if d in settled)
    assert all(hit.diversified == 0 for hit in plain.hits)


def test_an_index_without_vectors_says_that_diversity_is_left_out(tiny_index: Path) -> None:
    with Searcher.open(tiny_index, authority="off") as searcher:
        (ranking,) = searcher.search([Query("water", diversity=1.0)])
    assert isinstance(ranking, Ranking)
    assert any("diversity left out" in note for note in ranking.coverage)


@pytest.mark.parametrize("weight", [-0.1, 10.5, float("nan"), "much"])
def test_diversity_out_of_range_is_refused(weight: float) -> None:
    with pytest.raises(QueryError, match="diversity"):
        Query("water", diversity=weight)
