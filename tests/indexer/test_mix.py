"""Whatever happens to an index of many collections, it answers like one that was built at once from what is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import by_collection, tiers
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.generation import current, verify
from indexer.merge import merge
from indexer.mix import MIXES, Mix
from indexer.update import add
from ranker.query import Filters, Query
from ranker.ranking import Ranking
from ranker.search import Searcher

WORDS = ("tide", "moon", "bread", "brake", "honey", "water")
COLLECTIONS = ("a", "b", "c", "d")
SEARCHED = ((), ("a",), ("b", "d"), ("c",), ("none",))

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
documents = st.lists(st.tuples(st.integers(0, 40), texts, st.sampled_from(COLLECTIONS)), min_size=1, max_size=12)
steps = st.one_of(
    st.tuples(st.just("add"), documents, st.sampled_from(MIXES)),
    st.tuples(st.just("delete"), st.sets(st.integers(0, 40), min_size=1, max_size=8), st.just("small")),
    st.tuples(st.just("merge"), st.booleans(), st.sampled_from(MIXES)),
)


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five documents are a collection with segments of its own; three segments of a kin are merged."""
    for module in (by_collection, tiers):
        monkeypatch.setattr(module, "SMALL", 5)
    monkeypatch.setattr(tiers, "FACTOR", 3)


def _life(folder: Path, first: list[tuple[int, str, str]], lived: list[tuple[str, object, Mix]], letters: Encoder) -> None:
    live: dict[str, Document] = {}
    for number, (what, of, mix) in enumerate([("add", first, "small"), *lived]):
        index = folder / "lived"
        if what == "add":
            assert isinstance(of, list)
            fresh = {f"d{i}": Document(id=f"d{i}", title=title, collection=collection) for i, title, collection in of}
            _write(folder / f"corpus{number}", fresh)
            if number:
                add([folder / f"corpus{number}"], index, letters, mix)
            else:
                build([folder / f"corpus{number}"], index, letters, mix=mix)
            live |= fresh
        elif what == "delete":
            assert isinstance(of, set)
            gone = {f"d{i}" for i in of} & live.keys()
            if len(gone) < len(live):  # an index cannot be emptied
                delete(index, gone)
                live = {name: document for name, document in live.items() if name not in gone}
        else:
            merge(index, bool(of), mix)
    _write(folder / "left", live)
    build([folder / "left"], folder / "at once", letters, mix="all")
    assert _answers(folder / "lived", letters) == _answers(folder / "at once", letters)
    assert all(error is None for _, error in verify(folder / "lived", current(folder / "lived")))


def _write(path: Path, documents: dict[str, Document]) -> None:
    with CorpusWriter(path) as writer:
        for document in documents.values():
            writer.add(document)


def _answers(index: Path, letters: Encoder) -> list[list[tuple[str, float]]]:
    queries = [Query(text, k=50, filters=Filters(collections=of)) for text in ("tide moon", "bread", "water") for of in SEARCHED]
    with Searcher.open(index, authority="off", encoder=letters) as searcher:
        found = searcher.search(queries)
    return [[(hit.doc_id, hit.score) for hit in ranking.hits] for ranking in found if isinstance(ranking, Ranking)]


@given(documents, st.lists(steps, min_size=1, max_size=5))
@settings(max_examples=5, deadline=None)
def test_an_index_that_has_lived_answers_like_one_built_at_once(tmp_path_factory, letters: Encoder, first, lived) -> None:
    _life(tmp_path_factory.mktemp("life"), first, lived, letters)


@pytest.mark.long
@given(documents, st.lists(steps, min_size=3, max_size=12))
@settings(max_examples=60, deadline=None)
def test_an_index_that_has_lived_long_answers_like_one_built_at_once(tmp_path_factory, letters: Encoder, first, lived) -> None:
    _life(tmp_path_factory.mktemp("life"), first, lived, letters)
