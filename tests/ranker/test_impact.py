"""Citations count where the caller says so, as much as the caller says, and never for documents of which nobody knows them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from indexer.corpus import CorpusWriter
from indexer.document import Document
from ranker.citations import count_citations, read_citations, written
from ranker.errors import EvaluationError, QueryError
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher
from ranker.stages.impact import TYPICAL


def _search(searcher: Searcher, query: Query) -> Ranking:
    (ranking,) = searcher.search([query])
    assert isinstance(ranking, Ranking)
    return ranking


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), st.integers(0, 10**9)
    )
)
def test_counts_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, counts: dict[str, int]) -> None:
    path = tmp_path_factory.mktemp("counts") / "citations.tsv"
    path.write_bytes(written(counts))
    assert read_citations(path) == counts


@pytest.mark.parametrize("line", ["no tab", "a\tmany", "a\t-1", "\t3", "a\t"])
def test_a_line_that_is_no_count_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "c.tsv").write_text(f"a\t1\n{line}\n")
    with pytest.raises(EvaluationError, match=r"c\.tsv:2: not a count"):
        read_citations(tmp_path / "c.tsv")


def test_a_source_is_believed_and_else_references_are_counted_once_a_document() -> None:
    cited = Document("a", "A", identifiers={"doi": "10.1/a"})
    rows = [
        cited,
        Document("b", "B", references=("doi:10.1/a", "doi:10.1/a", "arxiv:2001.00001")),
        Document("c", "C", references=("doi:10.1/a",), identifiers={"doi": "10.1/c"}),
        Document("d", "D", details={"citations": "7"}, identifiers={"arxiv": "2001.00001"}),
        Document("e", "E", details={"citations": "many"}),
    ]
    assert count_citations(rows) == {"a": 2, "c": 0, "d": 7}


def test_what_citations_add_is_a_term_of_the_score(tiny_index: Path, tmp_path: Path) -> None:
    counts = {f"tiny:{i}": 10**i - 1 for i in range(6)}
    (tmp_path / "c.tsv").write_bytes(written(counts))
    with Searcher.open(tiny_index, authority="off", citations=tmp_path / "c.tsv") as searcher:
        plain, weighed = _search(searcher, Query("water", k=12)), _search(searcher, Query("water", k=12, impact=0.5))
    before = {hit.doc_id: hit.relevance for hit in plain.hits}
    assert {hit.doc_id for hit in weighed.hits} == before.keys()
    for hit in weighed.hits:
        expected = 0.5 * math.log((1 + counts[hit.doc_id]) / (1 + TYPICAL)) if hit.doc_id in counts else 0.0
        assert hit.terms.impact == pytest.approx(expected)
        assert hit.relevance == pytest.approx(before[hit.doc_id] + expected)
        t = hit.terms
        assert hit.score == pytest.approx(t.bias + t.lexical + t.title + t.dense + t.fused + t.impact + t.authority, abs=1e-9)
    assert [hit.relevance for hit in weighed.hits] == sorted((hit.relevance for hit in weighed.hits), reverse=True)


def test_the_bound_on_authority_holds_for_what_citations_left(sample_index: Path, tmp_path: Path) -> None:
    with Searcher.open(sample_index, authority="sample", delta=0.2) as searcher:
        counts = {hit.doc_id: place**3 for place, hit in enumerate(_search(searcher, Query("boiling water", k=30)).hits)}
        pinned = replace(searcher.pinned, citations=counts)
        (ranking,) = searcher.search([Query("boiling water", k=30, impact=0.3)], pinned)
    assert isinstance(ranking, Ranking)
    for place, hit in enumerate(ranking.hits):
        assert all(below.relevance - hit.relevance <= 0.2 + 1e-9 for below in ranking.hits[place:])


def test_without_counts_coverage_says_so(tiny_index: Path) -> None:
    with Searcher.open(tiny_index, authority="off") as searcher:
        assert any("no counts of citations" in note for note in _search(searcher, Query("water", impact=0.1)).coverage)
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(QueryError, match="impact"):
            Query("water", impact=wrong)


def test_the_verbs_count_and_use_what_was_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_index: Path) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(Document("tiny:2", "Boiling water", identifiers={"doi": "10.1/x"}))
        for i in range(60):
            writer.add(Document(f"o{i}", "Other", references=("doi:10.1/x",)))
    out = tmp_path / "c.tsv"
    assert stepwell.main(["ranker", "citations", str(tmp_path / "corpus"), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"documents": 1, "cited": 1, "citations": 60}
    args = ["ranker", "search", "water", "--index", str(tiny_index), "--authority", "off", "--citations", str(out), "--json"]
    assert stepwell.main(args) == 0
    hits = json.loads(capsys.readouterr().out)["hits"]
    assert [hit["terms"]["impact"] > 0 for hit in hits] == [hit["doc_id"] == "tiny:2" for hit in hits]
