"""Vectors are drawn where real ones lie; what is measured on them, and on a card's stand-in, is counted right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks import gpu_check
from benchmarks.cli import main
from benchmarks.dense import dense
from benchmarks.drawn_vectors import BLOCK, VectorSource
from indexer.build import build, encode
from indexer.encoders import Encoder, Vectors


def _clustered(count: int, dim: int = 24) -> Vectors:
    """Unit vectors in five clusters."""
    random = np.random.default_rng(7)
    vectors = random.normal(size=(5, dim))[random.integers(5, size=count)] + 0.3 * random.normal(size=(count, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_drawn_vectors_are_the_same_for_every_count_and_unit_long() -> None:
    source = VectorSource(_clustered(600))
    many, few = source.draw(BLOCK + 500), source.draw(300)
    assert np.array_equal(many[:300], few)
    assert [len(block) for block in source.blocks(BLOCK + 500)] == [BLOCK, 500]
    assert np.allclose(np.linalg.norm(many, axis=1), 1, atol=1e-5)
    assert len(np.unique(many, axis=0)) > 0.95 * len(many), "hardly a vector is drawn twice"


def test_drawn_vectors_lie_about_as_near_to_each_other_as_real_ones() -> None:
    real = _clustered(600)
    drawn = VectorSource(real).draw(600)
    noise = np.random.default_rng(1).normal(size=drawn.shape).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    nearest = [float(np.median(np.sort(rows @ real.T, axis=1)[:, -2])) for rows in (real, drawn, noise)]
    assert abs(nearest[0] - nearest[1]) < 0.1
    assert nearest[2] < nearest[1] - 0.2, "uniform noise is near nothing"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, letters: Encoder) -> Path:
    from benchmarks.corpora import write_generated

    folder = tmp_path_factory.mktemp("vectors")
    write_generated(folder / "corpus", 400)
    build([folder / "corpus"], folder / "index", letters)
    return folder / "index"


def test_every_layout_is_measured_beside_the_plan_and_a_scan_finds_everything(
    index: Path, letters: Encoder, tmp_path: Path
) -> None:
    found = {result.name: result for result in dense(index, [3_000], ["exact", "ivf-rabitq"], 20, letters, tmp_path)}
    assert found["recall@100, exact, 3,000"].value == 1
    assert found["recall@100, ivf-rabitq, 3,000"].value > 0.5
    assert found["resident, exact, 3,000"].value == pytest.approx(letters.dim * 2, rel=0.1)
    assert found["resident, exact, 3,000"].ratio == pytest.approx(1, rel=0.1)
    for layout in ("exact", "ivf-rabitq"):
        assert found[f"p50, {layout}, 3,000"].value <= found[f"p99, {layout}, 3,000"].value
        for share in (0.0001, 0.001, 0.01, 0.1, 0.5):
            result = found[f"recall@100, {layout}, 3,000, filter {share:g}"]
            assert result.value == 1, "what a filter leaves of so few is scanned"
            assert 0 <= result.parameters["selected"] <= 3_000


def test_a_quick_run_is_small_whatever_was_asked_for(index: Path, encoder: Encoder, tmp_path: Path) -> None:
    hybrid = tmp_path / "index"
    build([index.parent / "corpus"], hybrid, None, limit=40)
    encode(hybrid, encoder)
    out = tmp_path / "rows"
    command = ["dense", "--index", str(hybrid), "--passages", "100_000", "1_000_000", "--layouts", "exact", "--quick"]
    assert main([*command, "--out", str(out)]) == 0
    rows = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    assert {row["parameters"]["passages"] for row in rows} == {4_000}
    assert all(row["quick"] for row in rows)


def _check(index: Path, out: Path) -> tuple[int, dict[str, dict[str, object]]]:
    command = ["--index", str(index), "--devices", "cpu", "cpu", "--vectors", "2_000", "--texts", "8", "--out", str(out)]
    code = gpu_check.main(command)
    return code, {row["name"]: row for row in map(orjson.loads, out.read_bytes().splitlines())}


def test_the_check_of_a_card_runs_without_one_and_says_that_it_did(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = _check(index, tmp_path / "rows")
    assert code == 0
    assert rows["recall@100, scan"]["value"] >= 0.99
    assert rows["recall@100, scan"]["parameters"]["within_tolerance"] is True
    assert rows["recall@100, cells"]["value"] > 0.5
    for name in ("scan", "cells"):
        assert rows[f"{name}, batch 256"]["value"] > 0
    assert rows["scan, batch 1"]["ratio_to"] == "one pass over memory"
    assert all(row["quick"] and row["parameters"]["card"] == "cpu" for row in rows.values()), "never taken for a card's figures"
    assert "cagra left out" in capsys.readouterr().err


def test_candidates_out_of_tolerance_fail_the_check(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu_check, "LEAST_OVERLAP", 1.01)
    assert _check(index, tmp_path / "rows")[0] == 1
    assert "outside the tolerance" in capsys.readouterr().err


def test_the_encoders_work_grows_faster_than_its_tokens(encoder: Encoder) -> None:
    short, long = (gpu_check._encoder_work(["tide " * words]) for words in (20, 200))
    assert 200 / 22 < long / short < 15, "every token costs its matrices, and attention to every other"
