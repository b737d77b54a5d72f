"""Growth is measured on indexes that are what they claim to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.growth import growth
from benchmarks.growth.drawn import NEAREST, build_drawn, exact_neighbours
from benchmarks.growth.material import Material
from indexer.encoders import load_encoder
from indexer.errors import EncoderError
from indexer.index import Index

DOCUMENTS = 1_500


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Made documents with vectors in clusters, and two queries."""
    folder = tmp_path_factory.mktemp("growth") / "material"
    folder.mkdir()
    random = np.random.default_rng(5)
    texts = [" ".join(f"word{rank}" for rank in row) for row in np.minimum(random.zipf(1.4, (DOCUMENTS, 30)), 5_000)]
    centres = random.standard_normal((20, 384))[np.arange(DOCUMENTS) % 20]
    vectors = (centres + 0.5 * random.standard_normal((DOCUMENTS, 384))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    asked = [{"length": "short", "text": "word1 word7"}, {"length": "long", "text": texts[3]}]
    (folder / "questions.jsonl").write_bytes(b"".join(orjson.dumps(q) + b"\n" for q in asked))
    np.save(folder / "questions.npy", vectors[:2])
    return Material(folder, [f"Title {n}" for n in range(DOCUMENTS)], texts, vectors)


def test_an_index_of_drawn_passages_is_built_once_and_measured_in_a_process_of_its_own(material: Material) -> None:
    work = material.folder.parent
    try:
        load_encoder()
    except EncoderError as error:
        pytest.skip(f"the index names the default encoder: {error}")
    built = build_drawn(material, 700, work, segments=2)
    exact_neighbours(material, built)
    notes = built.notes.read_bytes()
    assert build_drawn(material, 700, work, segments=2) == built
    assert built.notes.read_bytes() == notes, "a stage that was done is not done again"

    with Index.open(built.index) as index:
        assert (index.manifest.passages, built.segments, index.has_vectors) == (700, 2, True)
        query = material.question_vectors[0]
        cosines = index.cosines(np.arange(700), query)
        exact = np.load(material.folder / f"exact-{built.index.name}.npy")
        assert cosines[exact[0]].min() >= np.sort(cosines)[-NEAREST] - 1e-3, (
            "neighbours are numbered as the index numbers passages"
        )

    by_name = {result.name: result.value for result in growth(work / "none", [700], work, None, measure_only=True)}
    assert by_name["recall@100"] > 0.95
    for name in ("dense, p50", "lexical, short, p50", "lexical, long, processor time", "hybrid, long, first time, p99"):
        assert by_name[name] > 0
    assert not list(work.glob("index-700.*-*.json")), "what a run measured is forgotten when it has ended"
    sizes = {name: value for name, _, value in built.figures()}
    assert sizes["size of vectors, vectors.npy"] == pytest.approx(768, rel=0.01)


def test_only_an_index_that_is_there_is_measured_without_building(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="leave --measure-only out"):
        next(growth(tmp_path / "corpus", [1_000], tmp_path, None, measure_only=True))
