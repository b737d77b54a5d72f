"""What is typed filters exactly, whichever retriever finds a document."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import analyze
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.index import Index
from indexer.restriction import Restriction
from ranker.overlay import Overlay
from ranker.query import Filters, Query
from ranker.ranking import Ranking
from ranker.search import Searcher

WORDS = ("tide", "table", "tables", "water", "moon")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred documents of five words, in two segments."""
    folder, chance = tmp_path_factory.mktemp("operators"), np.random.default_rng(3)
    with CorpusWriter(folder / "corpus") as writer:
        for i in range(200):
            title, text = (" ".join(chance.choice(WORDS, size)) for size in (2, int(chance.integers(0, 8))))
            long = f"{text}.\n\n" + "moon rise. " * 250 + "\n\nwater table" if i % 20 == 0 else text
            writer.add(Document(f"d:{i}", title=title, text=long))
    build([folder / "corpus"], folder / "index", None, segments=2)
    return folder / "index"


def _parts(segment_text: tuple[str, str]) -> list[str]:
    return [f" {' '.join(analyze(part))} " for part in segment_text]


@given(phrase=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), without=st.booleans())
def test_a_phrase_is_what_a_regular_expression_finds_in_the_terms(index: Path, phrase: list[str], without: bool) -> None:
    terms = tuple(analyze(" ".join(phrase)))
    pattern = re.compile(f" {re.escape(' '.join(terms))} ")
    restriction = Restriction(without=(terms,)) if without else Restriction(phrases=(terms,))
    with Index.open(index) as reader:
        for segment in reader.segments:
            expected = np.zeros(segment.columns.documents, np.bool_)
            for number, start, end in segment.passages.tolist():
                document = segment.store.by_number([number])[0]
                expected[number] |= any(map(pattern.search, _parts((document.title, document.text[start:end]))))
            selection = segment.selected(restriction)
            assert selection is not None
            assert selection.mask.tolist() == (expected ^ without)[segment.passages["document"]].tolist()


DOCUMENTS = [
    Document(f"d:{i}", title, text, "paper", f"https://{host}/{i}", authors, published=year)
    for i, (title, text, host, authors, year) in enumerate(
        [
            ("Tide tables", "A tide table gives the height of high water.", "met.alder.example", ("Jane Smith",), "2018"),
            ("Water", "High tide and low water at the table.", "met.alder.example", ("John Smith",), "2019-05"),
            ("High", "Water table.", "shop.example", ("Ada Ångström",), "2020"),
            ("Low tide", "The table of the moon.", "shop.example", (), ""),
        ]
    )
]


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """Four documents with vectors."""
    folder = tmp_path_factory.mktemp("four")
    with CorpusWriter(folder / "corpus") as writer:
        for document in DOCUMENTS:
            writer.add(document)
    build([folder / "corpus"], folder / "index", encoder)
    return folder / "index"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"tide table" water', {0}),
        ('"high water"', {0}),  # not from the title into the text
        ("table -moon", {0, 1, 2}),
        ('table -"tide table" -moon', {1, 2}),
        ("table site:alder.example", {0, 1}),
        ("table -site:alder.example", {2, 3}),
        ("table author:smith", {0, 1}),
        ('table author:"J. Smith" year:2019', {1}),
        ("table author:angstrom", {2}),
        ("table year:2019..2020", {1, 2}),
        ("table year:..2018", {0}),
        ("table year:2020..", {2}),
        ("author:smith", {0, 1}),
        ("year:2019", {1}),
        ('"moon tide" year:2030', set()),
    ],
)
def test_operators_filter_both_retrievers(four: Path, encoder: Encoder, text: str, found: set[int]) -> None:
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        (ranking,) = searcher.search([text])
    assert isinstance(ranking, Ranking)
    assert {hit.doc_id for hit in ranking.hits} == {f"d:{i}" for i in found}


@pytest.fixture(scope="module")
def authored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hundred documents of ever later years, every third by Warren Weaver, in three segments, lexical."""
    folder = tmp_path_factory.mktemp("authored")
    with CorpusWriter(folder / "corpus") as writer:
        for i in range(600):
            text = "water table.\n\n" * (100 if i % 50 == 0 else 1)  # some have several passages
            authors = ("Warren Weaver",) if i % 3 == 0 else ("Jane Smith",)
            writer.add(Document(f"d:{i:03}", "Author of the year", text, authors=authors, published=f"{1400 + i}"))
    build([folder / "corpus"], folder / "index", None, segments=3)
    return folder / "index"


@pytest.mark.parametrize(("text", "passing"), [('author:"Warren Weaver"', range(0, 600, 3)), ("year:1952..", range(552, 600))])
def test_operators_alone_list_what_passes_them_whatever_its_words(authored: Path, text: str, passing: range) -> None:
    with Searcher.open(authored, authority="off") as searcher:
        (ranking,) = searcher.search([Query(text, k=600)])
    assert isinstance(ranking, Ranking)
    assert [hit.doc_id for hit in ranking.hits] == [f"d:{i:03}" for i in passing]
    assert ranking.coverage == ()
    assert len({hit.score for hit in ranking.hits}) == 1, "nothing says that one is more relevant"


def test_of_more_than_can_be_listed_the_newest_are(authored: Path, four: Path, encoder: Encoder) -> None:
    with Searcher.open(authored, authority="off") as searcher:
        (ranking,) = searcher.search([Query("year:1400..", k=200)])
        (recent,) = searcher.search([Query("year:1400..", k=3, recency=0.1)])
    assert isinstance(ranking, Ranking)
    assert isinstance(recent, Ranking)
    assert [hit.doc_id for hit in ranking.hits] == [f"d:{i}" for i in range(400, 600)]
    assert [hit.doc_id for hit in recent.hits] == ["d:599", "d:598", "d:597"]
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        dense, words = searcher.search(["author:smith", "table author:smith"])
    assert isinstance(dense, Ranking)
    assert isinstance(words, Ranking)
    assert [(hit.doc_id, hit.terms.dense) for hit in dense.hits] == [("d:0", 0.0), ("d:1", 0.0)]
    assert all(hit.terms.dense for hit in words.hits)


def test_a_phrase_that_leaves_nothing_is_searched_as_words_and_the_answer_says_so(four: Path, encoder: Encoder) -> None:
    asked = ['"moon table" tide year:..2019', '"table moon" "moon table"', '"tide table" year:..2019', "-moon table"]
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        narrow, both, kept, plain = (r for r in searcher.search(asked) if isinstance(r, Ranking))
        (fused, _) = searcher.search([Query(text, fuse="one question") for text in asked[::2]])
    assert {hit.doc_id for hit in narrow.hits} == {"d:0", "d:1"}, "the other filters hold"
    said = 'no document that passes the other filters has "moon table" word for word; searched for the words'
    assert narrow.coverage == (said,)
    assert both.coverage == ('no document has "table moon" and "moon table" word for word; searched for the words',)
    assert len(both.hits) == 4
    assert kept.coverage == plain.coverage == ()
    assert isinstance(fused, Ranking)
    assert fused.coverage == narrow.coverage


def test_a_site_that_is_no_host_is_searched_as_words_and_the_answer_says_so(four: Path, encoder: Encoder) -> None:
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        [everywhere, host] = searcher.search(["tide site:a|b site:c|d", "tide (site:met.example/x)"])
    assert isinstance(everywhere, Ranking)
    assert isinstance(host, Ranking)
    assert "'site:a|b', 'site:c|d' is no filter and was searched as words; write site:alder.example" in everywhere.coverage
    assert not any("site:" in line for line in host.coverage)


def test_where_filters_leave_nothing_the_answer_says_so(four: Path, encoder: Encoder) -> None:
    nowhere = [
        Query("table", filters=Filters(sites=("nosuch.example",))),
        Query("table", overlay=Overlay(only=("nosuch.example",))),
    ]
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        for outcome in searcher.search([*nowhere, "table year:1950"]):
            assert isinstance(outcome, Ranking)
            assert outcome.hits == ()
            assert outcome.coverage == ("no document passes the filters",)


def test_what_is_typed_narrows_the_filters_of_the_call(four: Path, encoder: Encoder) -> None:
    filters = Filters(sites=("alder.example",), after="2018")
    query = Query("table site:met.alder.example year:..2018", filters=filters)
    queries = [query, replace(query, text="table site:shop.example"), replace(query, text="table year:..2017")]
    with Searcher.open(four, authority="off", encoder=encoder) as searcher:
        found = [{hit.doc_id for hit in r.hits} for r in searcher.search(queries) if isinstance(r, Ranking)]
    assert found == [{"d:0"}, set(), set()]


CATS = [
    Document("z:1", title="我的猫很可爱", text="这只猫会抓老鼠。"),
    Document("z:2", title="可爱的狗", text="狗跑得很快。很可爱。"),
    Document("z:3", title="A cat 猫 alone", text="可爱"),
    Document("z:4", title="나는 책을 읽는다", text="책 한 권"),
    Document("z:5", title="책상", text="나무 책상이다"),
]


@pytest.mark.parametrize("segments", [1, 3])
def test_a_character_that_stands_alone_is_found_and_excluded_in_pairs(tmp_path: Path, segments: int) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        for document in CATS:
            writer.add(document)
    build([tmp_path / "corpus"], tmp_path / "index", None, segments=segments)

    def found(searcher: Searcher, text: str) -> set[str]:
        (ranking,) = searcher.search([Query(text)])
        assert isinstance(ranking, Ranking)
        return {hit.doc_id for hit in ranking.hits}

    with Searcher.open(tmp_path / "index") as searcher:
        assert found(searcher, "猫") == found(searcher, '"猫"') == found(searcher, "可爱 猫 -狗") == {"z:1", "z:3"}
        assert found(searcher, "可爱 -猫") == found(searcher, '可爱 -"猫"') == {"z:2"}
        assert found(searcher, "책") == {"z:4", "z:5"}
        assert found(searcher, "나무 -책") == set()
        assert found(searcher, "鱼") == set()
        (ranking,) = searcher.search([Query("猫")])
        assert ranking.hits[0].passages[0].highlights
