"""Words of the first documents are searched too where the caller says so, as a term of the score, and whatever a table says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher
from ranker.stages.feedback import TERMS, words_of

TEXTS = (
    "Kelp forests shelter otters and urchins.",
    "Kelp forests are cut by urchins where otters are gone.",
    "Otters eat urchins.",
    "Kelp is sold dried.",
    "Trains run on rails.",
    "Rails rust in salt air.",
)


@pytest.fixture(scope="module")
def shore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shore")
    with CorpusWriter(folder / "corpus") as writer:
        for number, text in enumerate(TEXTS):
            writer.add(Document(str(number), f"Note {number}", text=text, url=f"https://{'abc'[number % 3]}.example/{number}"))
    build([folder / "corpus"], folder / "index", encoder=None)
    return folder / "index"


def _search(searcher: Searcher, query: Query) -> Ranking:
    (ranking,) = searcher.search([query])
    assert isinstance(ranking, Ranking)
    return ranking


def test_a_document_gains_by_words_that_only_the_first_documents_have(shore: Path) -> None:
    with Searcher.open(shore, authority="off") as searcher:
        plain = _search(searcher, Query("kelp forests or rails", k=6))
        fed = _search(searcher, Query("kelp forests or rails", k=6, feedback=0.5))
    gains = {hit.doc_id: hit.terms.feedback for hit in fed.hits}
    assert gains["1"] > gains["4"], "urchins and otters stand beside kelp, trains do not"
    before = {hit.doc_id: hit.relevance for hit in plain.hits}
    for hit in fed.hits:
        t = hit.terms
        assert hit.relevance == pytest.approx(before[hit.doc_id] + t.feedback)
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.feedback + t.authority)
    assert all(hit.terms.feedback == 0 for hit in plain.hits)


def test_the_words_are_few_weigh_as_much_as_the_query_and_favour_what_is_rare(shore: Path) -> None:
    with Searcher.open(shore, authority="off") as searcher:
        query = Query("kelp")
        (view,) = searcher.candidates([query])
        words = words_of(query, view, view.passages, np.ones(len(view.passages)), searcher.pinned)
    assert len(words.terms) <= TERMS
    assert words.weights.sum() == pytest.approx(view.query.weights.sum())
    assert list(words.weights) == sorted(words.weights, reverse=True)


def test_a_table_has_no_say_in_what_is_fed_back(shore: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text("key\ttier\ttopics\tevidence\tnote\nb.example\tprimary\t\tjudgement:a test:2026-11-22\t\n")
    query = Query("kelp forests or rails", k=6, feedback=0.5)
    with Searcher.open(shore, authority="off") as off, Searcher.open(shore, authority=table, delta=0.2) as on:
        without, trusted = _search(off, query), _search(on, query)
    assert {h.doc_id: h.terms.feedback for h in without.hits} == {h.doc_id: h.terms.feedback for h in trusted.hits}
    assert any(hit.terms.authority for hit in trusted.hits)


def test_one_wording_repeated_changes_nothing_and_a_query_without_words_is_no_error(shore: Path) -> None:
    with Searcher.open(shore, authority="off") as searcher:
        alone = _search(searcher, Query("kelp", feedback=0.3))
        both = _search(searcher, Query("kelp", feedback=0.3, fuse="a"))
        assert [hit.doc_id for hit in alone.hits] == [hit.doc_id for hit in both.hits]
        assert _search(searcher, Query("?!", feedback=0.3)).coverage
    with pytest.raises(QueryError, match="feedback"):
        Query("kelp", feedback=1.5)
