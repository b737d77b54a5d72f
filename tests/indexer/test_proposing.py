"""Several segments propose as one index would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.numbering import Numbering, Numbers
from indexer.proposing import propose, share

sizes = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@given(sizes, st.integers(1, 300), st.integers(0, 2**32), st.booleans())
def test_segments_propose_together_what_one_index_would(passages: list[int], depth: int, seed: int, concentrated: bool) -> None:
    """Also where one of them holds all of the best."""
    numbering = Numbering.of(passages)
    scores = np.random.default_rng(seed).random(sum(passages))
    if concentrated:
        scores[: passages[0]] += 1

    def best(numbers: Numbers, count: int = depth) -> Numbers:
        return numbers[np.argsort(-scores[numbers], kind="stable")[:count]]

    def ask(places: Sequence[int], count: int) -> list[Numbers]:
        return [best(np.arange(numbering.firsts[p], numbering.firsts[p + 1]), count) for p in places]

    found = propose(ask(range(len(passages)), share(depth, len(passages))), depth, lambda full: ask(full, depth), best)
    assert sorted(found.tolist()) == sorted(best(np.arange(len(scores))).tolist())


@given(st.integers(1, 1_000), st.integers(1, 500))
def test_many_segments_are_asked_for_few_passages_each_and_for_enough_in_all(depth: int, segments: int) -> None:
    each = share(depth, segments)
    assert each <= depth <= each * segments
    assert each == depth or each * segments >= 2 * depth


@given(sizes, st.lists(st.integers(0, 10**6), max_size=30))
def test_every_number_is_in_one_segment(passages: list[int], drawn: list[int]) -> None:
    numbering = Numbering.of(passages)
    numbers = np.array(drawn, np.int64) % max(sum(passages), 1) if sum(passages) else np.empty(0, np.int64)
    found = np.full(len(numbers), -1)
    for place, rows, local in numbering.by_segment(numbers):
        assert ((local >= 0) & (local < passages[place])).all()
        found[rows] = numbering.firsts[place] + local
    assert found.tolist() == numbers.tolist()
    assert all(numbering.firsts[p] + within == n for n in numbers.tolist() for p, within in [numbering.place(n)])
