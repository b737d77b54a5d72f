"""What the policy of merging asks for, and how many segments it leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.manifest import SegmentEntry, Share
from indexer.tiers import FACTOR, FLOOR, HOLLOW, LARGEST, due, growth, most


def _entry(name: str, passages: int, deleted: int = 0, collection: str = "c") -> SegmentEntry:
    share = Share(collection, passages - deleted, passages - deleted, 10 * passages, "2026-01-01T00:00:00+00:00")
    return SegmentEntry(name, passages, passages, "", "", deleted, deleted, {}, shares=(share,))


def test_segments_of_one_tier_and_collection_are_merged_once_there_are_enough() -> None:
    small = [_entry(f"s{i}", 100 + i) for i in range(FACTOR)]
    large = [_entry(f"l{i}", FLOOR * FACTOR) for i in range(FACTOR - 1)]
    assert due(small[:-1] + large) == []
    other = _entry("x", 100, collection="other")
    assert due([*small[:-1], other], "none") == []
    assert due([*small[:-1], other]) == due([*small[:-1], other], "all") == list(range(FACTOR))
    assert due([*large, _entry("y", FLOOR * FACTOR, collection="other")]) == []
    assert due([*large, *small]) == list(range(FACTOR - 1, 2 * FACTOR - 1))
    assert due([*large, _entry("hollow", 1000, int(1000 * HOLLOW) + 1)]) == [FACTOR - 1]
    assert due([_entry(f"h{i}", 4_000_000) for i in range(FACTOR)]) == []


def test_a_document_is_written_again_only_once_a_tier() -> None:
    """A hundred updates of equal size: the number of segments and the work of merging grow with the logarithm."""
    entries: list[SegmentEntry] = []
    written = updates = 0
    for updates in range(1, 101):
        entries.append(_entry(f"u{updates}", FLOOR))
        while group := due(entries):
            size = sum(entries[place].passages for place in group)
            written += size
            entries = [e for place, e in enumerate(entries) if place not in group] + [_entry(f"m{written}", size)]
    assert len(entries) < 3 * FACTOR
    assert written <= 2 * updates * FLOOR
    assert sum(e.passages for e in entries) == updates * FLOOR


@given(st.lists(st.one_of(st.integers(1, LARGEST), st.integers(500_000, 800_000), st.integers(1, 70_000)), max_size=60))
def test_merging_leaves_no_more_segments_than_is_said(sizes: list[int]) -> None:
    entries = [_entry(f"s{i}", size) for i, size in enumerate(sizes)]
    while group := due(entries):
        size = sum(entries[place].passages for place in group)
        assert len(group) > 1
        assert size <= LARGEST
        entries = [e for place, e in enumerate(entries) if place not in group] + [_entry("m", size)]
    assert sum(e.passages for e in entries) == sum(sizes)
    assert len(entries) <= most(sum(sizes))


@pytest.mark.parametrize("update", [10_000, 100_000, 700_000, 1_000_000])
def test_an_index_that_grows_to_twenty_million_by_updates_of_any_size_keeps_few_segments(update: int) -> None:
    states = list(growth(20_000_000, update))
    assert sum(states[-1]) == 20_000_000
    assert len(states[-1]) <= 11
    assert max(map(len, states)) <= 24 < most(20_000_000) == 43
    assert all(_nothing_due(sizes) for sizes in states[-3:])


def _nothing_due(sizes: list[int]) -> bool:
    return not due([_entry(f"s{i}", size) for i, size in enumerate(sizes)])


def test_of_a_full_tier_as_many_are_merged_as_fit() -> None:
    sizes = [700_000, 4_000_000, 700_001, 700_002, 700_003, 700_004, 700_005, 900_000]
    entries = [_entry(f"s{i}", size) for i, size in enumerate(sizes)]
    assert due(entries) == [0, 2, 3, 4, 5, 6]
    assert due(entries[:-1]) == []
