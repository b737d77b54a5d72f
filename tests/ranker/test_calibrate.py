"""Weights are fitted on judged queries, and judged on others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from ranker.calibrate import cross_validate, fit
from ranker.collection import Collection
from ranker.errors import CalibrationError, EvaluationError
from ranker.judged import Judged
from ranker.relevance import Calibration, shipped
from ranker.reliability import bins_of, draw, expected_error

QUERIES, EACH = 400, 50
TRUTH = np.array([4.0, 1.0, 6.0])
LEVEL = -8.0
FEATURES = ("lexical", "title", "dense")


def _judged(seed: int, name: str = "made", none: bool = False) -> Judged:
    """Documents of which each is relevant with the probability that LEVEL and TRUTH say."""
    chance = np.random.default_rng(seed)
    x = np.column_stack(
        [chance.uniform(0, 1, QUERIES * EACH), chance.uniform(0, 1, QUERIES * EACH), chance.uniform(-1, 1, QUERIES * EACH)]
    )
    grade = (chance.uniform(size=len(x)) < 1 / (1 + np.exp(-(LEVEL + x @ TRUTH)))).astype(np.int64) * (not none)
    query = np.repeat(np.arange(QUERIES), EACH)
    document, known = np.tile(np.arange(EACH), QUERIES), np.ones(len(x), np.bool_)
    return Judged(name, f"{name}/test", FEATURES, x, query, document, grade, known, np.ones(QUERIES))


def test_fitting_recovers_the_weights_that_made_the_labels() -> None:
    fitted = fit([_judged(5)])
    assert fitted.weights == pytest.approx(TRUTH, abs=0.5)
    assert fitted.b0 == pytest.approx(LEVEL, abs=0.5)


def test_predictions_of_unseen_queries_are_honest_where_the_model_is_true() -> None:
    validations = cross_validate([_judged(5), _judged(6, "other")])
    assert all(v.error == expected_error(v.bins) < 0.02 for v in validations)
    assert all(abs(b.predicted - b.observed) < 0.1 for v in validations for b in v.bins)


def test_a_single_collection_has_no_other_collections() -> None:
    (validation,) = cross_validate([_judged(5)])
    assert np.isnan(validation.other_collections)


def test_fitting_without_a_relevant_document_is_refused() -> None:
    with pytest.raises(CalibrationError, match="does not fit the index"):
        fit([_judged(5, none=True)])


def test_a_document_is_judged_by_its_best_passage() -> None:
    x = np.array([[0.1, 0, 0], [0.9, 0, 0], [0.5, 0, 0.5]])
    grade, known = np.array([1, 1, 0]), np.array([True, True, False])
    judged = Judged("c", "c/test", FEATURES, x, np.zeros(3, np.int64), np.array([7, 7, 8]), grade, known, np.ones(1))
    assert judged.best(np.array([1.0, 0, 0])).x[:, 0].tolist() == [0.9, 0.5]
    assert judged.documents == 2


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_bins_hold_every_document_once(rows: list[tuple[float, bool]]) -> None:
    predicted, relevant = np.array([p for p, _ in rows]), np.array([float(r) for _, r in rows])
    judged = relevant > 0
    bins = bins_of(predicted, relevant, judged)
    assert sum(b.documents for b in bins) == len(rows)
    assert sum(b.mass for b in bins) == pytest.approx(1)
    assert sum(b.documents * b.observed for b in bins) == pytest.approx(relevant.sum())
    assert all(b.judged == pytest.approx(b.observed) for b in bins)
    assert 0 <= expected_error(bins) <= 1


@pytest.mark.parametrize("name", ["a.svg", "a.png"])
def test_the_reliability_diagram_is_a_picture(tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib", reason="the plots extra is not installed")
    draw({"made": bins_of(np.linspace(0, 1, 50), np.round(np.linspace(0, 1, 50)))}, "made", tmp_path / name)
    assert (tmp_path / name).read_bytes()[:5] in (b"<?xml", b"\x89PNG\r")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Twelve documents, twelve queries; each query is the title of the document that answers it."""
    words = ["tide", "bread", "brake", "oil", "heat", "bee", "coffee", "salt", "moon", "honey", "dough", "altitude"]
    folder = tmp_path / "made"
    (folder / "qrels").mkdir(parents=True)
    rows = [
        {"_id": f"d{i}", "title": f"On {w}", "text": f"What is known of {w} and of {words[i - 1]}."} for i, w in enumerate(words)
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps({"_id": f"q{i}", "text": f"on {w}"}) for i, w in enumerate(words)))
    (folder / "qrels" / "train.tsv").write_text("query\tdocument\tgrade\n" + "".join(f"q{i}\td{i}\t1\n" for i in range(12)))
    return folder


def test_the_verb_fits_validates_and_writes(collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c.json"
    args = ["ranker", "calibrate", str(collection), "--encoder", "none", "--out", str(out), "--json"]
    assert stepwell.main(args) == 0
    printed = json.loads(capsys.readouterr().out)
    calibration = Calibration.load(out)
    assert calibration.data == ("made/train",)
    assert list(calibration.weights) == printed["calibration"]["weights"]
    assert printed["collections"][0]["other_queries"] == pytest.approx(1.0)


def test_a_delta_is_found_on_other_queries_and_kept_in_the_file(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.json"
    args = ["ranker", "calibrate", f"{collection}:train#1/2", "--encoder", "none", "--out", str(out)]
    assert stepwell.main(args) == 0
    assert "was not tried with these weights" in capsys.readouterr().out
    assert Calibration.load(out).delta_data == ()
    assert stepwell.main([*args, "--delta", f"{collection}:train#2/2", "--json"]) == 0
    found, kept = json.loads(capsys.readouterr().out), Calibration.load(out)
    assert kept.delta == found["delta"]
    assert kept.delta_data == ("made/train#2/2",)
    again = tmp_path / "again.json"
    assert stepwell.main(["ranker", "calibrate", "--delta", f"{collection}:train#2/2", "--encoder", "none", "--calibration",
                          str(out), "--out", str(again)]) == 0  # fmt: skip
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize("options", [[], ["a"], ["a", "--out", "b", "--calibration", "c"]])
def test_calibrate_without_a_task_or_a_file_is_wrong_usage(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert stepwell.main(["ranker", "calibrate", *options]) == 2
    assert "--out" in capsys.readouterr().err or not options


def test_a_delta_is_not_found_on_queries_that_the_weights_have_seen(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.json"
    fit_and_find = ["ranker", "calibrate", f"{collection}:train#1/2", "--encoder", "none", "--out", str(out), "--delta"]
    assert stepwell.main([*fit_and_find, f"{collection}:train"]) == 2
    assert "12 queries of made/train are among those the weights were fitted on; take made:train#2/2" in capsys.readouterr().err
    assert not out.exists(), "it is said before anything is fitted"
    assert stepwell.main(fit_and_find[:-1]) == 0
    known = ["ranker", "calibrate", "--encoder", "none", "--calibration", str(out), "--delta", f"{collection}:train#1/2"]
    assert stepwell.main(known) == 2


def test_figures_on_queries_that_the_weights_have_seen_say_so(
    collection: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.json"
    assert stepwell.main(["ranker", "calibrate", f"{collection}:train#1/2", "--encoder", "none", "--out", str(out)]) == 0
    capsys.readouterr()
    evaluate = ["ranker", "evaluate", "--encoder", "none", "--authority", "off", "--calibration", str(out)]
    seen = len(Collection.named(f"{collection}:train#1/2").queries)
    caution = f"{seen} of 12 queries of made/train are among those the weights were fitted on; take made:train#2/2"
    assert stepwell.main([*evaluate, f"{collection}:train"]) == 0
    printed = capsys.readouterr()
    assert caution in printed.err
    assert f"! {caution}" in printed.out
    assert stepwell.main([*evaluate, f"{collection}:train", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["fitted_on"], record["caution"]) == (seen, caution)
    assert stepwell.main([*evaluate, f"{collection}:train#2/2"]) == 0
    assert "fitted on" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("option", ["--out", "--diagram"])
def test_a_file_that_cannot_be_written_is_refused_before_the_fit(
    collection: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"--out": str(tmp_path / "c.json")} | {option: str(tmp_path / "nowhere" / "c.svg")}
    args = ["ranker", "calibrate", f"{collection}:train", "--encoder", "none", *(word for pair in asked.items() for word in pair)]
    assert stepwell.main(args) == 2
    assert "c.svg cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "c.json").exists()


def test_a_delta_beyond_the_bound_is_no_calibration() -> None:
    with pytest.raises(CalibrationError, match="impossible values"):
        replace(shipped()[0], delta=0.21)


def test_parts_of_a_collection_share_no_query_and_miss_none(collection: Path) -> None:
    whole = Collection.named(f"{collection}:train")
    parts = [Collection.named(f"{collection}:train#{i}/3") for i in (1, 2, 3)]
    assert sorted(q for part in parts for q in part.queries) == sorted(whole.queries)
    assert parts[0].split == "train#1/3"
    with pytest.raises(EvaluationError, match="part 4 of 3"):
        Collection.named(f"{collection}:train#4/3")
