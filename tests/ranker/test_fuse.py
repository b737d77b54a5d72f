"""Several wordings of one question become one ranking."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import stepwell
from ranker.fuse import any_of
from ranker.query import Query
from ranker.ranking import Failure, Ranking
from ranker.wordings import WORDINGS

odds = st.floats(-30, 30)


@st.composite
def wordings(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-odds, (wordings, documents), and how alike the wordings are."""
    count, documents = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rows = st.lists(odds, min_size=documents, max_size=documents)
    alike = np.eye(count)
    for i in range(count):
        for j in range(i):
            alike[i, j] = alike[j, i] = draw(st.floats(0, 1))
    return np.array(draw(st.lists(rows, min_size=count, max_size=count))), alike


@given(st.lists(st.floats(-12, 12), min_size=1, max_size=6))
def test_of_questions_with_nothing_in_common_the_score_is_the_log_odds_of_at_least_one(log_odds: list[float]) -> None:
    none = math.prod(1 - Fraction(1 / (1 + math.exp(-x))) for x in log_odds)
    expected = math.log(1 - none) - math.log(none)
    assert any_of(np.array(log_odds)[:, None], np.eye(len(log_odds)))[0] == pytest.approx(expected, abs=1e-4)


@given(wordings())
def test_no_document_falls_below_its_best_query_and_more_queries_never_lower_it(
    question: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    table, alike = question
    fused = any_of(table, alike)
    assert (fused >= table.max(axis=0)).all()
    assert (fused >= any_of(table[:-1], alike[:-1, :-1]) - 1e-9).all() if len(table) > 1 else True
    assert (fused <= any_of(table, np.eye(len(table))) + 1e-9).all()
    assert any_of(table[:1], alike[:1, :1]).tolist() == pytest.approx(table[0].tolist(), abs=1e-9)


@given(wordings(), st.floats(0, 5), st.data())
def test_a_document_that_serves_one_wording_better_never_falls(
    question: tuple[NDArray[np.float64], NDArray[np.float64]], more: float, data: st.DataObject
) -> None:
    table, alike = question
    better = table.copy()
    better[data.draw(st.integers(0, len(table) - 1))] += more
    assert (any_of(better, alike) >= any_of(table, alike) - 1e-9).all()


@given(st.lists(odds, min_size=1, max_size=5), st.integers(1, 6))
def test_equal_wordings_count_as_one(row: list[float], times: int) -> None:
    fused = any_of(np.array([row] * times), np.ones((times, times)))
    assert fused.tolist() == pytest.approx(row, abs=1e-9)


def _group(*texts: str, **fields: object) -> list[Query]:
    return [Query(text, fuse="g", **fields) for text in texts]  # type: ignore[arg-type]


def test_a_group_is_answered_with_one_ranking_that_serves_all_its_wordings(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        first, alone, second = index.search([*_group("tide table"), Query("bees in winter"), *_group("squealing disc brakes")])
    assert isinstance(first, Ranking)
    assert first == second
    assert {h.title for h in first.hits[:2]} == {"Reading a tide table", "Squealing brakes"}
    assert {h.title: h.wording for h in first.hits[:2]} == {"Reading a tide table": 0, "Squealing brakes": 1}
    assert isinstance(alone, Ranking)
    assert alone.hits[0].title == "Bees in winter"
    for hit in first.hits:
        t = hit.terms
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.dense + t.fused + t.authority, abs=1e-9)
        assert t.fused >= 0


def test_a_group_of_one_or_of_equal_texts_is_that_query(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        (plain,), (grouped, again) = index.search([Query("tide table")]), index.search(_group("tide table", "tide table"))
    assert isinstance(plain, Ranking)
    assert isinstance(grouped, Ranking)
    assert isinstance(again, Ranking)
    assert [(h.doc_id, h.score) for h in plain.hits] == [(h.doc_id, h.score) for h in grouped.hits]


def test_a_query_that_differs_fails_alone_and_the_others_say_so(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        good, bad = index.search([*_group("tide table"), *_group("brakes", k=3)])
    assert isinstance(bad, Failure)
    assert "differs from the first" in bad.message
    assert isinstance(good, Ranking)
    assert any("a query of group" in note for note in good.coverage)


def test_what_is_too_much_for_one_group_fails_alone_and_the_ranking_says_so(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as searcher:
        outcomes = searcher.search([Query(f"drinking water {n}", fuse="g") for n in range(WORDINGS + 1)])
    assert all(isinstance(outcome, Ranking) for outcome in outcomes[:WORDINGS])
    last = outcomes[WORDINGS]
    assert isinstance(last, Failure)
    assert "more than 32 queries" in last.message
    assert isinstance(outcomes[0], Ranking)
    assert any("more than 32 queries" in note for note in outcomes[0].coverage)


@pytest.mark.parametrize("again", ["Tide Table", "tide table?", "the tide tables", "tide-table!"])
def test_case_signs_and_inflections_make_no_other_wording(tiny_index: Path, again: str) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        (plain,), (grouped, _) = index.search([Query("tide table")]), index.search(_group("tide table", again))
    assert isinstance(plain, Ranking)
    assert isinstance(grouped, Ranking)
    assert [(h.doc_id, h.score) for h in plain.hits] == [(h.doc_id, h.score) for h in grouped.hits]


def test_words_in_another_order_add_next_to_nothing(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        copies, _, another, _ = index.search(
            [*_group("tide table", "table tide"), *(Query(t, fuse="h") for t in ("tide table", "brakes"))]
        )
    assert isinstance(copies, Ranking)
    assert isinstance(another, Ranking)
    assert all(hit.terms.fused == pytest.approx(0.0, abs=1e-9) for hit in copies.hits if hit.terms.bm25)
    assert any(hit.terms.fused > 1e-6 for hit in another.hits)


@pytest.mark.parametrize("operator", ["year:2010", "author:holm", "-winter", "site:alder.example"])
def test_a_wording_with_other_operators_is_refused_by_name(tiny_index: Path, operator: str) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        good, bad = index.search(_group("tide table", f"tide table {operator}"))
    assert isinstance(bad, Failure)
    assert "has other operators" in bad.message
    assert isinstance(good, Ranking)
    assert any("has other operators" in note for note in good.coverage)


def test_phrases_are_words_of_their_wording(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        outcomes = index.search(_group("brakes", '"tide table"', "tide table"))
    assert all(isinstance(outcome, Ranking) for outcome in outcomes)
