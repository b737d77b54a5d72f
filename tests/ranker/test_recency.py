"""Newer documents come earlier where the caller says so, as much as the caller says, and undated ones count as typical."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from indexer.build import build
from indexer.columns import UNDATED
from indexer.corpus import CorpusWriter
from indexer.day import day_of
from indexer.document import Document
from ranker.errors import QueryError
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher
from ranker.stages.recency import TYPICAL, YEAR

DATES = {"old": "1970", "new": "2026-01-01", "ahead": "2999-01-01", "none": ""}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dated")
    with CorpusWriter(folder / "corpus") as writer:
        for name, date in DATES.items():
            writer.add(Document(name, "Tides", text="The tide comes in twice a day.", published=date))
    build([folder / "corpus"], folder / "index", encoder=None)
    return folder / "index"


def _search(searcher: Searcher, query: Query) -> Ranking:
    (ranking,) = searcher.search([query])
    assert isinstance(ranking, Ranking)
    return ranking


def test_age_is_a_term_of_the_score_counted_from_the_day_of_the_snapshot(dated: Path) -> None:
    with Searcher.open(dated, authority="off") as searcher:
        ranking = _search(searcher, Query("tide", recency=0.5))
        today = day_of(searcher.pinned.index.manifest.created)
        days = searcher.pinned.index.days
        (view,) = searcher.candidates([Query("tide")])
        assert min(days(view.documents).tolist()) == UNDATED
    assert today is not None
    added = {hit.doc_id: hit.terms.recency for hit in ranking.hits}
    assert added["none"] == 0
    assert added["old"] == pytest.approx(0.5 * (math.log1p(TYPICAL) - math.log1p(today / YEAR)))
    assert added["ahead"] == pytest.approx(0.5 * math.log1p(TYPICAL)), "what is dated ahead is new, not newer than new"
    assert [hit.doc_id for hit in ranking.hits] == ["ahead", "new", "none", "old"]
    for hit in ranking.hits:
        t = hit.terms
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.recency)


def test_without_a_date_coverage_says_so_and_without_asking_age_is_nothing(dated: Path, tmp_path: Path) -> None:
    with Searcher.open(dated, authority="off") as searcher:
        assert all(hit.terms.recency == 0 for hit in _search(searcher, Query("tide")).hits)
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(Document("undated", "Tides", text="The tide comes in twice a day."))
    build([tmp_path / "corpus"], tmp_path / "index", encoder=None)
    with Searcher.open(tmp_path / "index", authority="off") as searcher:
        assert _search(searcher, Query("tide", recency=0.5)).coverage == ("recency left out: no candidate has a date",)
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(QueryError, match="recency"):
            Query("tide", recency=wrong)
