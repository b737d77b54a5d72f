"""Splitting an index never changes a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import build as building
from indexer.build import encode
from indexer.by_collection import segments_of
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder, Role, Vectors
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


class Scattered:
    """An encoder whose cosines have nothing to do with words: what is near is seldom what holds the terms."""

    name, fingerprint, precision, dim = "scattered", "5ca77e2e" * 4, "float32", 16

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """(len(texts), 16) float32, rows L2-normalised."""
        rows = np.array([np.random.default_rng(crc32(text.encode())).normal(size=16) for text in texts], np.float32)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).reshape(-1, 16)


def _write_long_documents(folder: Path, seed: int, passages: list[int]) -> list[str]:
    """Documents of so many passages each, of words as frequent as words are; returns queries of three to eight of them."""
    rng = np.random.default_rng(seed)
    vocabulary = np.array(["".join(rng.choice(list("abdeiklmnorstu"), 6)) for _ in range(400)])
    frequency = 1 / np.arange(2, len(vocabulary) + 2)
    frequency /= frequency.sum()
    with CorpusWriter(folder) as writer:
        for i, count in enumerate(passages):
            paragraphs = [" ".join(rng.choice(vocabulary, size, p=frequency)) for size in rng.integers(90, 220, count)]
            writer.add(Document(id=f"d{i}", title=vocabulary[i], text="\n\n".join(paragraphs), collection=COLLECTIONS[i % 3]))
    return [" ".join(rng.choice(vocabulary, size)) for size in (3, 5, 8)]


@given(st.integers(0, 2**32), st.lists(st.integers(1, 30), min_size=60, max_size=100), st.sampled_from(SEARCHED))
@settings(max_examples=2, deadline=None)
@pytest.mark.parametrize("hybrid", [False, True])
def test_no_score_of_long_documents_depends_on_the_split(
    tmp_path_factory, hybrid: bool, seed: int, passages: list[int], searched: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.mktemp("long")
    queries = _write_long_documents(folder / "corpus", seed, passages)
    found = []
    for segments in (1, 3, 8):
        _build_in_turn(folder / "corpus", folder / str(segments), segments)
        if hybrid:
            encode(folder / str(segments), Scattered())
        encoder, filters = Scattered() if hybrid else None, Filters(collections=searched)
        rankings = _rankings(folder / str(segments), queries, 100, encoder, filters)
        found.append([{h.doc_id: (h.score, h.passages[0].start) for h in ranking.hits} for ranking in rankings])
    for whole, *splits in zip(*found, strict=True):
        for split in splits:
            common = whole.keys() & split.keys()
            assert [whole[i] for i in common] == [split[i] for i in common]


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
