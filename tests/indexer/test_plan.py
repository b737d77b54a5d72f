"""A plan's numbers follow from its formulas, and what it chooses fits."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import plan_cli
from indexer.cli import main
from indexer.dense.approximate import structure_file
from indexer.dense.layout import EXACT_UP_TO, LAYOUTS, choose_layout
from indexer.dense.plan import estimate, milliseconds, plan
from indexer.dense.stored import ROWS
from indexer.dense.writing import write_dense
from indexer.plan_cli import size
from indexer.tiers import most

sizes = st.integers(1, 10**10)


@given(sizes, sizes, st.integers(4, 4096).map(lambda n: n * 4), st.sampled_from(["cpu", "cuda"]))
def test_what_is_chosen_fits_and_nothing_is_chosen_only_if_nothing_fits(passages, memory, dim, device):
    result = plan(passages, dim, memory, device)
    fitting = {e.layout for e in result.estimates if e.resident <= memory}
    assert (result.chosen is None) == (not fitting)
    assert result.chosen is None or result.chosen in fitting


@given(st.integers(EXACT_UP_TO, 10**8))
def test_more_passages_never_cost_less(passages):
    for layout in LAYOUTS:
        one, more = estimate(layout, passages, 384), estimate(layout, 2 * passages, 384)
        assert more.resident > one.resident
        assert more.disk > one.disk
        assert more.milliseconds >= one.milliseconds
        assert more.build_seconds >= one.build_seconds


@pytest.mark.parametrize("layout", LAYOUTS[:3])
def test_bytes_are_those_of_the_files(tmp_path, layout):
    vectors = np.random.default_rng(1).normal(size=(20_000, 32)).astype(np.float32)
    write_dense(tmp_path, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), layout)
    files = [tmp_path / ROWS, *([tmp_path / structure_file(layout)] if layout != "exact" else [])]
    assert sum(path.stat().st_size for path in files) == pytest.approx(estimate(layout, 20_000, 32).disk, rel=0.03)


def test_rabitq_keeps_twenty_million_passages_in_under_a_hundred_bytes_each():
    result = plan(20_000_000, 384, 8 * 10**9)
    assert result.chosen == choose_layout(20_000_000) == "ivf-rabitq"
    assert estimate(result.chosen, 20_000_000, 384).resident / 20_000_000 <= 100


@given(sizes, st.integers(1, 300))
def test_with_enough_memory_what_auto_takes_is_chosen(passages, segments):
    assert plan(passages, 384, 10**15, segments=segments).chosen == choose_layout(-(-passages // segments))


def test_a_card_is_planned_with_what_a_search_on_it_does(capsys):
    assert main(["plan", "--passages", "20_000_000", "--memory", "100GB", "--device", "cuda"]) == 0
    printed = capsys.readouterr().out
    assert "exact: cards scan every row" in printed
    assert not any(layout in printed for layout in LAYOUTS[1:])


def test_the_page_on_architecture_says_what_the_plan_says():
    page = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text()
    one, four = (estimate("ivf-rabitq", 20_000_000, 384, "cpu", segments) for segments in (1, 4))
    assert f"{four.milliseconds:.1f} ms on one core" in page
    assert f"would take {one.milliseconds:.1f} ms" in page
    assert f"four cost {four.milliseconds / one.milliseconds:.2f} times one" in page
    assert f"{four.resident / 20_000_000:.0f} in four segments of 5 million" in page
    assert f"2.5 million: {most(20_000_000)} at most" in page
    for update in (10_000, 50_000):
        grown = plan_cli.grown(20_000_000, update, 384, "cpu")
        assert f"{grown.segments} segments, at most {grown.most}" in page
        assert f"| {grown.milliseconds:.1f} ms, at most {grown.slowest:.1f} |" in page


def test_the_command_says_what_segments_an_index_has_that_grows_by_updates(capsys):
    command = ["plan", "--passages", "2_000_000", "--memory", "8GB", "--updates", "10_000"]
    assert main(command) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert main([*command, "--json"]) == 0
    grown = orjson.loads(capsys.readouterr().out)["grown"]
    assert said.startswith(f"grown by updates of 10,000 and merged after each: {grown['segments']} segments, ")
    assert grown["segments"] <= grown["most"] <= most(2_000_000)
    assert grown["milliseconds"] <= grown["slowest"]


def test_one_segment_of_a_grown_index_costs_what_a_plan_for_it_says():
    for each in (40_000, 5_000_000):
        assert milliseconds([each] * 4, 384) == pytest.approx(estimate(choose_layout(each), 4 * each, 384, "cpu", 4).milliseconds)


def test_the_command_prints_a_row_a_layout_and_says_why(capsys):
    assert main(["plan", "--passages", "20_000_000", "--memory", "8GB"]) == 0
    printed = capsys.readouterr().out
    assert all(printed.count(f"\n{layout} ") == 2 for layout in LAYOUTS)
    assert "ivf-rabitq: what --layout auto takes above 50,000 passages a segment; ivf-pq fits too and is faster" in printed
    assert main(["plan", "--passages", "20_000_000", "--memory", "8MB", "--json"]) == 1
    assert orjson.loads(capsys.readouterr().out)["chosen"] is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_many_segments_cost_what_each_of_them_costs(layout):
    one, many, part = (estimate(layout, *of) for of in ((10**7, 384), (10**7, 384, "cpu", 8), (10**7 // 8, 384)))
    assert many.disk == pytest.approx(8 * part.disk, rel=1e-3)
    assert many.resident == pytest.approx(8 * part.resident, rel=1e-3)
    assert many.build_seconds == pytest.approx(8 * part.build_seconds, rel=1e-3)
    assert many.milliseconds <= 8 * part.milliseconds * 1.001  # fewer cells and rows of each
    assert many.milliseconds >= one.milliseconds


def test_the_command_plans_for_the_segments_it_is_told(capsys):
    assert main(["plan", "--passages", "300_000", "--segments", "8", "--memory", "8GB"]) == 0
    printed = capsys.readouterr().out
    assert "300,000 passages of 384 dimensions in 8 segments" in printed
    assert "exact: up to 50,000 passages a segment" in printed
    assert "in each of 8 segments" in printed


def test_sizes_are_read_with_their_units():
    assert (size("8GB"), size("1.5 gib"), size("4_000")) == (8 * 10**9, 3 * 2**29, 4_000)
    for wrong in ("8 apples", "", "0GB", "-1GB"):
        with pytest.raises(Exception, match="is not a size; write 8GB"):
            size(wrong)
