"""Splitting an index never changes a score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import build as building
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.generation import commit
from indexer.writing import Part, write_part
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher

QUERIES = [
    "boiling water at altitude",
    "sourdough starter",
    "tide tables",
    "disc brakes",
    "heat warning levels",
    "coffee and salt",
]
WORDS = ["tide", "moon", "bread", "brake", "water", "oil", "salt", "heat", "bee"]
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def _rankings(index: Path, queries: list[str], k: int, encoder: Encoder | None = None) -> list[Ranking]:
    with Searcher.open(index, authority="sample", encoder=encoder) as searcher:
        found = searcher.search([Query(q, k=k) for q in queries])
    return [r for r in found if isinstance(r, Ranking)]


def _build_in_turn(corpus: Path, index: Path, segments: int) -> None:
    """A split build without processes, which would take a second each."""
    parts = [Part(index / "segments" / f"s{i}", (corpus,), i, segments, None) for i in range(segments)]
    for part in parts:
        write_part(part, lambda: None)
    entries = tuple(e for e in (building.entry_of(part.folder) for part in parts) if e.documents)
    commit(index, replace(building.draft_of(1, "test"), segments=entries))


@pytest.mark.parametrize("segments", [2, 5])
def test_every_score_of_the_sample_corpus_is_the_same_in_any_split(
    sample_corpus: Path, sample_index: Path, encoder: Encoder, tmp_path: Path, segments: int
) -> None:
    build([sample_corpus], tmp_path / "split", encoder, segments=segments)
    whole = _rankings(sample_index, QUERIES, 100, encoder)
    for one, many in zip(whole, _rankings(tmp_path / "split", QUERIES, 100, encoder), strict=True):
        assert [(h.doc_id, h.score) for h in one.hits] == [(h.doc_id, h.score) for h in many.hits]


@given(st.lists(words, min_size=3, max_size=25), words)
@settings(max_examples=15, deadline=None)
def test_bm25_does_not_depend_on_how_a_random_corpus_is_split(tmp_path_factory, texts: list[str], query: str) -> None:
    folder = tmp_path_factory.mktemp("split")
    with CorpusWriter(folder / "corpus") as writer:
        for i, text in enumerate(texts):
            writer.add(Document(id=f"d{i}", title=text))
    build([folder / "corpus"], folder / "one", None)
    _build_in_turn(folder / "corpus", folder / "three", 3)
    (one,), (many,) = _rankings(folder / "one", [query], 50), _rankings(folder / "three", [query], 50)
    assert [(h.doc_id, h.score) for h in one.hits] == [(h.doc_id, h.score) for h in many.hits]
