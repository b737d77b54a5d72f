"""Relevance first: what authority may and may not do, as properties."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranker.ranking import DELTA
from ranker.settle import settle

log_odds = st.floats(-20, 20, allow_nan=False)
authority = st.floats(0, 1)
rankings = st.lists(st.tuples(log_odds, authority), min_size=1, max_size=12)


def _order(rows: list[tuple[float, float]], delta: float = DELTA) -> list[int]:
    relevance, trust = np.array([r for r, _ in rows]), np.array([a for _, a in rows])
    return settle(relevance, trust, [f"d{i:03}" for i in range(len(rows))], delta).tolist()


@given(rankings)
def test_authority_cannot_beat_a_clear_relevance_lead(rows: list[tuple[float, float]]) -> None:
    order = _order(rows)
    for place, above in enumerate(order):
        for below in order[place + 1 :]:
            assert Fraction(rows[below][0]) - Fraction(rows[above][0]) <= Fraction(DELTA)


@given(rankings, authority)
def test_authority_that_is_equal_everywhere_changes_nothing(rows: list[tuple[float, float]], value: float) -> None:
    assert _order([(r, value) for r, _ in rows]) == _order([(r, 0.0) for r, _ in rows])


@given(rankings)
def test_authority_switched_off_is_relevance_then_id(rows: list[tuple[float, float]]) -> None:
    assert _order([(r, 0.0) for r, _ in rows]) == sorted(range(len(rows)), key=lambda i: (-rows[i][0], i))


@given(rankings, st.data())
def test_a_higher_authority_never_lowers_a_document(rows: list[tuple[float, float]], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(rows) - 1))
    raised = list(rows)
    raised[which] = (rows[which][0], data.draw(st.floats(rows[which][1], 1)))
    assert _order(raised).index(which) <= _order(rows).index(which)


@given(rankings, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_candidates(rows: list[tuple[float, float]], random) -> None:
    shuffled = list(enumerate(rows))
    random.shuffle(shuffled)
    relevance, trust = np.array([r for _, (r, _) in shuffled]), np.array([a for _, (_, a) in shuffled])
    order = settle(relevance, trust, [f"d{i:03}" for i, _ in shuffled])
    assert [shuffled[row][0] for row in order] == _order(rows)


@given(rankings, st.integers(0, 11))
def test_leaving_documents_out_keeps_the_order_of_the_rest(rows: list[tuple[float, float]], gone: int) -> None:
    kept = [i for i in range(len(rows)) if i != gone]
    if kept:
        relevance, trust = np.array([rows[i][0] for i in kept]), np.array([rows[i][1] for i in kept])
        order = settle(relevance, trust, [f"d{i:03}" for i in kept])
        assert [kept[row] for row in order] == [i for i in _order(rows) if i != gone]


def test_an_inverted_pair_differs_by_at_most_five_points_of_probability() -> None:
    worst = max(1 / (1 + math.exp(-(x + DELTA))) - 1 / (1 + math.exp(-x)) for x in np.linspace(-5, 5, 10_001))
    assert worst <= math.tanh(DELTA / 4) <= 0.05
