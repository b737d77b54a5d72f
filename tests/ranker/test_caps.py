"""Caps leave out what exceeds them, and change nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.stages.caps import capped


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=30), st.integers(1, 5), st.randoms())
def test_a_cap_keeps_the_order_and_the_first_of_each_key(keys: list[str | None], most: int, chance) -> None:
    order = list(range(len(keys)))
    chance.shuffle(order)
    kept = capped(np.array(order, np.intp), keys, most).tolist()
    assert kept == [row for row in order if row in kept]
    counts = Counter(keys[row] for row in kept)
    assert all(counts[key] == min(most, keys.count(key)) for key in ("a", "b"))
    assert counts[None] == keys.count(None)


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=30), st.integers(1, 3), st.integers(0, 30))
def test_what_is_kept_of_the_first_rows_depends_on_them_alone(keys: list[str], most: int, n: int) -> None:
    order = np.arange(len(keys))
    whole, part = capped(order, keys, most).tolist(), capped(order[:n], keys, most).tolist()
    assert whole[: len(part)] == part


def test_a_query_may_ask_for_few_hits_of_one_domain(tiny_index: Path) -> None:
    with stepwell.open(tiny_index, authority="off") as index:
        capped, free = index.search([Query("water", k=12, max_per_domain=1), Query("water", k=12)])
    assert isinstance(capped, Ranking)
    assert isinstance(free, Ranking)
    hosts = [hit.url.split("/")[2] for hit in capped.hits]
    assert len(set(hosts)) == len(hosts) < len(free.hits)
    assert [h.rank for h in capped.hits] == list(range(1, len(hosts) + 1))
    assert {(h.doc_id, h.score) for h in capped.hits} <= {(h.doc_id, h.score) for h in free.hits}
