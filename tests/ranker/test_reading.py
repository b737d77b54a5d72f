"""A cross-encoder reads the best documents; what it changes is a term of the score, and the bound on authority holds."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import stepwell
from indexer.encoders import Encoder
from indexer.errors import EncoderError
from ranker.cross import CALIBRATION, Reader, load_cross_encoder
from ranker.errors import CalibrationError, QueryError
from ranker.query import Query
from ranker.ranking import DELTA, Ranking
from ranker.relevance import CROSS, choose
from ranker.search import Searcher
from ranker.stages.reading import AT_ONCE
from tests.conftest import TEXTS
from tests.ranker.cross_encoders import write_cross_encoder

WORDS = [*TEXTS, *TEXTS.values()]
QUESTION = "how long should I boil water at high altitude"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A random model, with a calibration beside it that lets it say a lot."""
    path = write_cross_encoder(tmp_path_factory.mktemp("cross") / "random", WORDS)
    base, _ = choose(encoder.fingerprint)
    reader = load_cross_encoder(path)
    fitted = replace(
        base, features=CROSS, weights=(*base.weights, 2.0), cross_encoder=reader.name, cross_fingerprint=reader.fingerprint
    )
    (path / CALIBRATION).write_bytes(fitted.to_json())
    return path


@pytest.fixture(scope="module")
def searcher(sample_index: Path, encoder: Encoder, folder: Path) -> Searcher:
    return Searcher.open(sample_index, authority="sample", encoder=encoder, delta=DELTA, cross_encoder=folder)


def _search(searcher: Searcher, query: Query, until: float = float("inf")) -> Ranking:
    (ranking,) = searcher.search([query], until=until)
    assert isinstance(ranking, Ranking)
    return ranking


def test_a_text_gets_the_same_logit_whatever_it_is_read_beside(folder: Path) -> None:
    reader = load_cross_encoder(folder)
    together = reader.read(QUESTION, WORDS)
    alone = np.concatenate([reader.read(QUESTION, [text]) for text in WORDS])
    assert np.abs(together - alone).max() < 1e-5
    assert len(set(together.round(6))) > len(WORDS) / 2
    assert np.isfinite(reader.read("\ud800" * 20_000, ["", "\udfff", "x" * 50_000])).all()
    assert reader.read(QUESTION, []).shape == (0,)


def test_what_reading_changed_is_a_term_of_the_score(searcher: Searcher) -> None:
    plain, read = _search(searcher, Query(QUESTION, k=30)), _search(searcher, Query(QUESTION, k=30, rerank=10))
    assert [h.doc_id for h in plain.hits] != [h.doc_id for h in read.hits]
    assert sum(h.terms.cross != 0 for h in read.hits) == 10
    before = {h.doc_id: h.relevance for h in plain.hits}
    for hit in read.hits:
        t = hit.terms
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.dense + t.fused + t.cross + t.authority, abs=1e-9)
        assert hit.relevance == pytest.approx(before.get(hit.doc_id, hit.relevance - t.cross) + t.cross, abs=1e-9)
    assert "+" in read.calibration
    assert read.coverage == plain.coverage
    assert dict(read.stages)["rerank"] > 0


def test_a_read_document_has_the_log_odds_of_its_own_calibration(searcher: Searcher, folder: Path) -> None:
    read = _search(searcher, Query(QUESTION, k=5, rerank=20))
    reader = Reader.open(folder)
    model, base = reader.calibration, searcher.pinned.calibration
    logits = reader.encoder.read(Query(QUESTION).words, [f"{h.title}\n{h.passages[0].text}" for h in read.hits])
    for hit, logit in zip(read.hits, logits, strict=True):
        t = hit.terms
        features = (t.lexical / base.weights[0], t.title / base.weights[1], t.dense / base.weights[2], logit)
        assert hit.relevance == pytest.approx(model.b0 + float(np.dot(model.weights, features)), abs=1e-4)


def test_authority_overtakes_no_more_than_delta_of_what_reading_left(searcher: Searcher) -> None:
    hits = _search(searcher, Query(QUESTION, k=30, rerank=20)).hits
    off = _search(searcher, Query(QUESTION, k=30, rerank=20, authority=False)).hits
    assert {h.doc_id: h.terms.cross for h in hits} == {h.doc_id: h.terms.cross for h in off}
    for place, hit in enumerate(hits):
        assert all(below.relevance - hit.relevance <= DELTA + 1e-9 for below in hits[place:])


def test_wordings_are_read_as_the_documents_answer_them(searcher: Searcher) -> None:
    queries = [Query(text, fuse="a", rerank=12) for text in (QUESTION, "sourdough starter feeding")]
    ranking, _ = searcher.search(queries)
    assert isinstance(ranking, Ranking)
    assert {h.wording for h in ranking.hits if h.terms.cross} == {0, 1}


def test_reading_stops_when_the_time_is_over_and_says_how_far_it_came(searcher: Searcher) -> None:
    late = _search(searcher, Query(QUESTION, rerank=50), until=time.monotonic() - 1)
    assert any(note.startswith("0 of the ") and "the time was over" in note for note in late.coverage)
    assert [h.doc_id for h in late.hits] == [h.doc_id for h in _search(searcher, Query(QUESTION)).hits]


class _Slow:
    """A reader that takes its time; what it says is known."""

    name, fingerprint = "slow", "slow"

    def read(self, query: str, texts: Sequence[str]) -> np.ndarray:
        time.sleep(0.05)
        return np.full(len(texts), 3.0)


def test_the_budget_of_a_query_is_kept(sample_index: Path, encoder: Encoder, folder: Path) -> None:
    reader = Reader(_Slow(), Reader.open(folder).calibration)
    with Searcher.open(sample_index, authority="off", encoder=encoder) as searcher:
        (ranking,) = searcher.search([Query(QUESTION, k=100, rerank=100, rerank_ms=60)], replace(searcher.pinned, reader=reader))
    assert isinstance(ranking, Ranking)
    read = [h for h in ranking.hits if h.terms.cross]
    assert 0 < len(read) <= 2 * AT_ONCE
    assert any(f"{len(read)} of the " in note for note in ranking.coverage)


def test_without_a_cross_encoder_or_vectors_coverage_says_so(sample_index: Path, tiny_index: Path, encoder: Encoder) -> None:
    with Searcher.open(sample_index, authority="off", encoder=encoder) as searcher:
        assert any("no cross-encoder is loaded" in note for note in _search(searcher, Query("water", rerank=5)).coverage)
    with Searcher.open(tiny_index, authority="off") as searcher:
        assert any("without the dense part" in note for note in _search(searcher, Query("water", rerank=5)).coverage)


def test_a_folder_without_model_or_calibration_is_refused_with_the_way_out(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(EncoderError, match=r"no config\.json"):
        load_cross_encoder(tmp_path)
    bare = write_cross_encoder(tmp_path / "bare", WORDS)
    with pytest.raises(CalibrationError, match="ranker calibrate"):
        Reader.open(bare)
    other = write_cross_encoder(tmp_path / "other", WORDS, seed=2)
    (other / CALIBRATION).write_bytes((folder / CALIBRATION).read_bytes())
    with pytest.raises(CalibrationError, match="other weights"):
        Reader.open(other)
    (bare / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(EncoderError, match="download it again"):
        load_cross_encoder(bare)


@pytest.mark.parametrize(("name", "value"), [("rerank", -1), ("rerank", 101), ("rerank_ms", 0), ("rerank", 1.5)])
def test_an_impossible_number_to_read_is_refused(name: str, value: float) -> None:
    with pytest.raises(QueryError, match=name):
        Query("water", **{name: value})


def test_the_verb_fits_what_the_logits_are_worth(tmp_path: Path, capsys: pytest.CaptureFixture[str], encoder: Encoder) -> None:
    made = tmp_path / "made"
    (made / "qrels").mkdir(parents=True)
    titles = list(TEXTS)
    rows = [{"_id": f"d{i}", "title": title, "text": text or title} for i, (title, text) in enumerate(TEXTS.items())]
    (made / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (made / "queries.jsonl").write_text("\n".join(json.dumps({"_id": f"q{i}", "text": t}) for i, t in enumerate(titles)))
    judged = "".join(f"q{i}\td{i}\t1\n" for i in range(len(titles)))
    (made / "qrels" / "train.tsv").write_text("query\tdocument\tgrade\n" + judged)
    model = write_cross_encoder(tmp_path / "model", WORDS)
    assert stepwell.main(["ranker", "calibrate", str(made), "--cross-encoder", str(model), "--read", "5", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    reader = Reader.open(model)
    assert reader.calibration.features == CROSS
    assert list(reader.calibration.weights) == printed["calibration"]["weights"]
    assert reader.calibration.name.endswith("+model")


@pytest.mark.long
def test_onnx_and_sentence_transformers_read_alike(folder: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the torch extra is not installed")
    from ranker.cross import bert, sentence_transformers

    texts = [*WORDS, "water " * 200]
    ours, theirs = bert.load(folder).read(QUESTION, texts), sentence_transformers.load(folder, "cpu").read(QUESTION, texts)
    assert np.abs(ours - theirs).max() < 1e-4
