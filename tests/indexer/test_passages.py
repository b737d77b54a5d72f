"""Passages cover a text, in order, without overlap."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from indexer.document import Document
from indexer.passages import LONGEST, WHOLE, cut, passage_text

texts = st.lists(st.sampled_from(["word ", "Ende. ", "\n\n", "x" * 90, "。", " ", "naïve café "]), max_size=400).map("".join)


@given(texts)
def test_passages_hold_every_character_but_white_space_once_and_in_order(text: str) -> None:
    spans = cut(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(spans))


@given(texts)
def test_no_passage_is_longer_than_promised_or_padded(text: str) -> None:
    for start, end in cut(text):
        assert end - start <= max(WHOLE, LONGEST)
        assert text[start:end] == text[start:end].strip()


def test_an_abstract_stays_whole_and_an_empty_text_is_one_empty_passage() -> None:
    assert cut("One sentence. " * 100) == [(0, 1399)]
    assert cut("") == [(0, 0)]
    assert cut(" \n ") == [(0, 0)]


def test_a_long_text_breaks_at_paragraphs_where_it_can() -> None:
    paragraph = "A sentence of some length stands here. " * 28
    text = "\n\n".join([paragraph.strip()] * 4)
    assert [text[a:b] for a, b in cut(text)] == [paragraph.strip()] * 4


def test_a_document_without_text_is_searched_by_its_title() -> None:
    document = Document(id="a", title="Only a title")
    assert passage_text(document, 0, 0) == "Only a title"
