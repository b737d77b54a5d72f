"""The figures by which trust is judged, against values worked out by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.proof.effect import Effect, effect, worst_gap
from ranker.proof.exposure import exposure, gini, lost_tail
from ranker.proof.frontier import choose_delta
from ranker.proof.overlap import rank_biased_overlap
from ranker.proof.pool import Pool, Pools
from ranker.proof.tables import LISTED, SEEDS, adversarial, clairvoyant, inverted, off, random_listing, real, shuffled, tables_for


def pool(relevance: Sequence[float], grades: Sequence[int], authority: Sequence[float], query_id: str = "q1") -> Pool:
    """A query whose documents are a, b, c ... on sources 0, 1, 2 ..."""
    n = len(relevance)
    return Pool(
        query_id,
        "a query",
        np.arange(n),
        [chr(ord("a") + i) for i in range(n)],
        np.array(relevance, np.float64),
        np.array(grades),
        np.arange(n),
        np.array(authority, np.float64),
        np.arange(n),
    )


def pools(*members: Pool) -> Pools:
    """With judgements as the pools have them, on one domain a source."""
    qrels = {p.query_id: {i: int(g) for i, g in zip(p.ids, p.grades, strict=True) if g} for p in members}
    return Pools("toy", members, qrels, {n: f"d{n}.example" for n in range(30)}, 0.2)


def close_call(query_id: str = "q1") -> Pool:
    """The relevant document leads by .1, the trusted one is second; eleven others lie far below."""
    return pool([2.0, 1.9, *[-5.0 - i for i in range(11)]], [1, *[0] * 12], [0.0, 1.0, *[0.0] * 11], query_id)


def test_an_effect_counts_lists_and_loses_what_the_swap_costs() -> None:
    found = effect("real", pools(close_call()), (real(pools(close_call())),))
    assert (found.changed, found.entered, found.queries) == (1, 0, 1)
    assert found.ndcg is not None
    assert found.change is not None
    assert found.ndcg.mean == pytest.approx(1 / np.log2(3))
    assert found.change.mean == pytest.approx(1 / np.log2(3) - 1)
    assert found.worst_gap == pytest.approx(1 / (1 + np.exp(-2.0)) - 1 / (1 + np.exp(-1.9)))
    assert not found.non_inferior


def test_authority_off_has_no_effect_at_all() -> None:
    both = pools(close_call(), close_call("q2"))
    found = effect("off", both, (off(both),))
    assert (found.changed, found.worst_gap, found.change) == (0, 0, (0, 0, 0))


def test_the_worst_gap_is_that_of_the_worst_pair() -> None:
    assert worst_gap(np.array([0.0, 1.0, 3.0]), np.array([1, 2, 0])) == pytest.approx(1 / (1 + np.exp(-3)) - 1 / (1 + np.exp(-1)))
    assert worst_gap(np.array([3.0, 1.0]), np.array([0, 1])) == 0


def test_gini_is_zero_for_equals_and_highest_for_one_who_has_all() -> None:
    assert gini(np.array([2.0, 2.0, 2.0])) == 0
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert gini(np.zeros(3)) == 0


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=20))
def test_gini_is_half_the_mean_difference_over_the_mean(amounts: list[float]) -> None:
    total = sum(amounts)
    pairs = sum(abs(a - b) for a, b in itertools.product(amounts, repeat=2))
    assert gini(np.array(amounts)) == pytest.approx(pairs / (2 * len(amounts) * total) if total else 0.0)


@given(st.permutations([f"d{i}" for i in range(12)]))
def test_overlap_is_symmetric_and_one_only_for_equal_rankings(other: list[str]) -> None:
    whole = [f"d{i}" for i in range(12)]
    found = rank_biased_overlap(whole, other)
    assert found == pytest.approx(rank_biased_overlap(other, whole))
    assert 0 <= found <= 1 + 1e-12
    assert (found > 1 - 1e-9) == (whole == other)


def test_overlap_of_a_swap_is_worked_out_by_hand() -> None:
    assert rank_biased_overlap(["a", "b"], ["b", "a"], p=0.5) == pytest.approx(1 * 0.25 + 1 * (0 * 0.5 + 1 * 0.25))


def test_overlap_weighs_the_first_places_most() -> None:
    ids = list("abcdefghij")
    first, last = ["b", "a", *ids[2:]], [*ids[:8], "j", "i"]
    assert rank_biased_overlap(ids, first) < rank_biased_overlap(ids, last)


def test_exposure_sees_who_is_shown_and_who_is_lost() -> None:
    crowd = pools(pool([1.0 - i / 100 for i in range(11)], [0] * 9 + [1, 0], [0.0] * 10 + [1.0]))
    before, after = exposure(crowd, real(crowd), off(crowd)), exposure(crowd, real(crowd), real(crowd))
    assert (before.listed, after.listed) == (0.0, 0.1)
    assert (before.tail_found, before.tail_relevant, before.tail_recall) == (1, 1, 1.0)
    assert (after.tail_found, after.tail_recall) == (0, 0.0)
    assert after.overlap < before.overlap == pytest.approx(1)
    assert lost_tail(crowd, real(crowd), real(crowd)) == {"q1": ("j",)}
    assert lost_tail(crowd, real(crowd), off(crowd)) == {}


def test_the_clairvoyant_trusts_what_is_not_relevant_and_no_copy_of_what_is() -> None:
    one = close_call()
    copy = Pool(*[getattr(one, name) for name in one.__slots__[:-1]], np.where(np.arange(13) == 1, 0, np.arange(13)))
    (values,) = clairvoyant(pools(copy))
    assert values.tolist() == [0, 0, *[1] * 11]
    assert not any(adversarial(pools(copy), seed)[0][:2].any() for seed in SEEDS)
    for seed in SEEDS:
        assert all(trust[0] == trust[1] for trust in random_listing(pools(copy), seed))


def test_random_tables_list_three_in_ten_and_agree_with_themselves() -> None:
    wide = pool([0.0] * 26, [0] * 26, [0.0] * 26)
    many = [random_listing(pools(wide), seed)[0] for seed in range(400)]
    assert np.mean(np.array(many) > 0) == pytest.approx(LISTED, abs=0.02)
    assert (random_listing(pools(wide), 3)[0] == many[3]).all()
    assert len({tuple(values) for values in many}) > 390


def test_an_adversarial_table_lists_three_in_ten_of_what_answers_nothing_whatever_the_query() -> None:
    one, other = pool([0.0] * 26, [1] + [0] * 25, [0.0] * 26), pool([0.0] * 26, [0, 1] + [0] * 24, [0.0] * 26, "q2")
    drawn = [adversarial(pools(one, other), seed) for seed in range(400)]
    assert all((mine == its).all() for mine, its in drawn), "a table does not know the query"
    assert not any(mine[:2].any() for mine, _ in drawn), "what answers any query is not listed"
    assert np.mean([mine[2:] for mine, _ in drawn]) == pytest.approx(LISTED, abs=0.02)


def test_shuffling_keeps_the_values_and_a_source_keeps_one_of_them() -> None:
    ours = pools(close_call(), close_call("q2"))
    for seed in SEEDS:
        first, second = shuffled(ours, real(ours), seed)
        assert sorted(first) == sorted(close_call().authority)
        assert (first == second).all(), "the same sources, so the same trust in both queries"
    assert {tuple(shuffled(ours, real(ours), seed)[0]) for seed in SEEDS} != {tuple(close_call().authority)}


def test_inverting_twice_is_the_table_itself() -> None:
    ours = pools(close_call())
    assert all((a == b).all() for a, b in zip(inverted(inverted(real(ours))), real(ours), strict=True))


def test_a_table_that_tells_nothing_apart_is_replaced_by_random_ones() -> None:
    silent = pools(pool([2.0] * 26, [1] + [0] * 25, [0.0] * 26))
    assert "real" not in tables_for(silent)
    assert set(tables_for(silent)) == {"shuffled", "inverted", "random", "adversarial", "clairvoyant"}
    assert any(np.ptp(listing[0]) > 0 for listing in tables_for(silent)["shuffled"])


def test_delta_is_the_largest_that_harms_no_collection_under_any_table() -> None:
    harmed = pools(*(close_call(f"q{i}") for i in range(20)))
    choice = choose_delta([harmed])
    assert choice.delta == 0.1, "the trusted document draws level there, and relevance decides between equals"
    assert choice.by_table["adversarial"] == 0.1
    assert {t.effect.table for t in choice.broken_by} >= {"real", "adversarial"}
    assert all(isinstance(t.effect, Effect) and t.effect.delta > choice.delta for t in choice.broken_by)
    clear = pools(*(pool([9.0, 0.0], [1, 0], [0.0, 1.0], f"q{i}") for i in range(5)))
    assert choose_delta([clear]).delta == 0.2
    assert choose_delta([clear, harmed]).delta == 0.1
