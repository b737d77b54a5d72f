"""Splitting an index never changes a score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import build as building
from indexer.build import encode
from indexer.by_collection import segments_of
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.generation import commit
from indexer.mix import Mix
from indexer.writing import Part, write_part
from ranker.query import Filters, Query
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
COLLECTIONS = ("a", "b", "c")
SEARCHED = ((), ("a",), ("b", "c"), ("c", "none"))
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def _rankings(
    index: Path, queries: list[str], k: int, encoder: Encoder | None = None, filters: Filters | None = None
) -> list[Ranking]:
    with Searcher.open(index, authority="sample", encoder=encoder) as searcher:
        found = searcher.search([Query(q, k=k, filters=filters or Filters()) for q in queries])
    return [r for r in found if isinstance(r, Ranking)]


def _build_in_turn(corpus: Path, index: Path, segments: int, mix: Mix = "small") -> None:
    """A split build without processes, which would take a second each."""
    parts = [Part(index / "segments" / f"s{i}", (corpus,), i, segments, None, mix=mix) for i in range(segments)]
    for part in parts:
        write_part(part, lambda: None)
    entries = tuple(building.entry_of(folder) for part in parts for folder in segments_of(part.folder))
    commit(index, replace(building.draft_of(1, "test"), segments=entries))


@pytest.mark.parametrize("segments", [2, 8])
def test_every_score_of_the_sample_corpus_is_the_same_in_any_split(
    sample_corpus: Path, sample_index: Path, encoder: Encoder, tmp_path: Path, segments: int
) -> None:
    _build_in_turn(sample_corpus, tmp_path / "split", segments)
    encode(tmp_path / "split", encoder)
    whole = _rankings(sample_index, QUERIES, 100, encoder)
    for one, many in zip(whole, _rankings(tmp_path / "split", QUERIES, 100, encoder), strict=True):
        assert [(h.doc_id, h.score) for h in one.hits] == [(h.doc_id, h.score) for h in many.hits]


SPLITS: tuple[tuple[str, int, Mix], ...] = (
    ("one", 1, "all"), ("own", 1, "none"), ("shared", 1, "small"), ("three", 3, "all"), ("eight", 8, "none")
)  # fmt: skip
documents = st.lists(st.tuples(words, st.sampled_from(COLLECTIONS)), min_size=3, max_size=25)


@given(documents, words, st.sampled_from(SEARCHED))
@settings(max_examples=6, deadline=None)
def test_no_score_depends_on_how_a_random_corpus_is_split_or_mixed(
    tmp_path_factory, texts: list[tuple[str, str]], query: str, searched: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.mktemp("split")
    with CorpusWriter(folder / "corpus") as writer:
        for i, (text, collection) in enumerate(texts):
            writer.add(Document(id=f"d{i}", title=text, collection=collection))
    found = []
    for name, segments, mix in SPLITS:
        _build_in_turn(folder / "corpus", folder / name, segments, mix)
        (ranking,) = _rankings(folder / name, [query], 50, filters=Filters(collections=searched))
        found.append([(h.doc_id, h.score) for h in ranking.hits])
    assert all(hits == found[0] for hits in found)


@given(documents, words, st.sampled_from(SEARCHED[1:]))
@settings(max_examples=6, deadline=None)
def test_a_collection_searched_in_company_scores_as_it_does_alone(
    tmp_path_factory, texts: list[tuple[str, str]], query: str, searched: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.mktemp("company")
    texts = [*texts, ("tide", searched[0])]
    for name, kept in (("all", COLLECTIONS), ("alone", searched)):
        with CorpusWriter(folder / name) as writer:
            for i, (text, collection) in enumerate(texts):
                if collection in kept:
                    writer.add(Document(id=f"d{i}", title=text, collection=collection))
    _build_in_turn(folder / "all", folder / "mixed", 1, mix="all")
    _build_in_turn(folder / "alone", folder / "own", 1)
    (company,) = _rankings(folder / "mixed", [query], 50, filters=Filters(collections=searched))
    (alone,) = _rankings(folder / "own", [query], 50)
    assert [(h.doc_id, h.score) for h in company.hits] == [(h.doc_id, h.score) for h in alone.hits]


def test_a_lone_query_finds_the_same_where_its_segments_are_searched_side_by_side(
    sample_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _build_in_turn(sample_corpus, tmp_path / "split", 3)
    in_turn = [r.hits for query in QUERIES for r in _rankings(tmp_path / "split", [query], 100)]
    monkeypatch.setattr("indexer.index.SIDE_BY_SIDE", 0)
    assert [r.hits for query in QUERIES for r in _rankings(tmp_path / "split", [query], 100)] == in_turn
