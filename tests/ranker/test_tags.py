"""Tags and handles in a query."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stepwell
from indexer.analysis import analyze
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.tags import glued, spelled


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#PuffinsOfRunde2019", "Puffins Of Runde 2019"),
        ("@tide_watch", "tide watch"),
        ("#WHOReport", "WHO Report"),
        ("#COVID19", "COVID 19"),
        ("#MAGA", "MAGA"),
        ("#puffins", "puffins"),
        ("#ÄrzteTag", "Ärzte Tag"),
        ("@anne_holm@simonBye", "anne holm  simon Bye"),
        ("#LLMs", "LLMs"),
        ("#GPUs", "GPUs"),
        ("#LLMsAtWork", "LLMs At Work"),
        ("#APIs2024", "APIs 2024"),
        ("#WHOSays", "WHO Says"),
        ("#HowIsIt", "How Is It"),
        ("#1980s", "1980s"),
        ("#iPhone", "iPhone"),
        ("@eBayHelp", "eBay Help"),
        ("#mRNAVaccine", "mRNA Vaccine"),
        ("#МашинныйПеревод", "Машинный Перевод"),
        ("#ÄrgerOhneÖl", "Ärger Ohne Öl"),
        ("#日本語タグ", "日本語タグ"),
        ("##HighWater", "# High Water"),
        (".@tide_watch", ". tide watch"),
        ("(#HighWater)", "( High Water )"),
        ("came.#HighWater", "came. High Water"),
    ],
)
def test_a_tag_is_the_words_it_glues_together(tag: str, words: str) -> None:
    assert spelled(tag).strip() == words


@pytest.mark.parametrize("text", ["C# and F#", "B12 in mcDonald", "write to ada@mail.example", "a#BigB", "a # b @ c", ""])
def test_what_is_no_tag_keeps_its_terms(text: str) -> None:
    assert analyze(spelled(text)) == analyze(text)
    assert glued(text) == ""


@given(st.text(st.sampled_from("aAbBs12_#@. \u00e9\u00c9\u65e5"), max_size=30))
def test_spelling_out_adds_nothing_but_spaces(text: str) -> None:
    assert [c for c in spelled(text) if c not in " #@_"] == [c for c in text if c not in " #@_"]


def test_the_handle_behind_a_name_says_where_to_find_somebody_and_no_words() -> None:
    query = Query("Tides turn early. #HighWater — Ada Holm (@adaholm7) May 3, 2017")
    assert query.words == "Tides turn early. High Water — Ada Holm May 3, 2017"
    assert query.keywords == query.words + " HighWater"
    assert Query("(@adaholm7)").words == "(@adaholm7)"


def test_a_tag_finds_pages_that_spell_it_out_and_pages_that_carry_it(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(Document(id="spelled", title="Fjord", text="High water came early this year."))
        writer.add(Document(id="carried", title="Fjord", text="We were there, too. #HighWater"))
        writer.add(Document(id="other", title="Fjord", text="A quiet evening without wind."))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with stepwell.open(tmp_path / "index", authority="off") as index:
        (ranking,) = index.search([Query("#HighWater")])
        assert isinstance(ranking, Ranking)
        assert {hit.doc_id for hit in ranking.hits} == {"spelled", "carried"}
