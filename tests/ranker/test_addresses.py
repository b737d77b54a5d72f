"""A document is found by its address however that is written, and no other is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from ranker.addresses import spellings
from ranker.ranking import Failure, Fetched
from ranker.search import Searcher


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("addresses")
    urls = ("https://met.example/tides/", "http://met.example/moon?phase=1", "https://app.example/#/a", "https://app.example/#/b")
    with CorpusWriter(folder / "corpus") as writer:
        for number, url in enumerate(urls):
            writer.add(Document(f"page:{number}", f"Page {number}", "Of tides.", url=url))
    build([folder / "corpus"], folder / "index", None)
    with Searcher.open(folder / "index", authority="off") as searcher:
        yield searcher


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("https://met.example/tides/", "page:0"),
        ("https://met.example/tides", "page:0"),
        ("http://MET.example/tides#spring", "page:0"),
        (" \thttps://met.example/tides/\n", "page:0"),
        ("HTTPS://met.example/moon?phase=1#now", "page:1"),
        ("https://met.example/moon/?phase=1", "page:1"),
        ("https://APP.example#/b", "page:3"),
        (" page:2 ", "page:2"),
        ("https://met.example/Tides/", None),
        ("https://met.example/moon?phase=2", None),
        ("https://met.example/tides///", None),
        ("ftp://met.example/tides/", None),
        ("https://app.example/", None),
        ("", None),
    ],
)
def test_a_page_is_fetched_by_any_spelling_of_its_address(library: Searcher, target: str, found: str | None) -> None:
    [one] = library.fetch([target])
    assert isinstance(one, Fetched if found else Failure)
    if isinstance(one, Fetched):
        assert one.document.id == found
    else:
        assert one.query == target


@given(st.text() | st.from_regex(r" ?https?://[a-zA-Z.]{1,5}(/[a-z/]{0,3})?(\?[a-z]{0,2})?(#[a-z]{0,2})?", fullmatch=True))
def test_the_spellings_of_any_text_are_few_and_none_is_itself(target: str) -> None:
    assert len(spellings(target)) <= 9
    assert target not in spellings(target)
