"""Sentences cover a text, in order, and end where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sentences import MAX_SENTENCE, sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@given(st.text(max_size=400) | st.text(alphabet="ab A.!?\n-1", max_size=2000))
def test_sentences_are_disjoint_ascending_trimmed_and_leave_out_only_white_space(text):
    spans = list(sentences(text))
    end = 0
    for a, b in spans:
        assert end <= a < b <= a + MAX_SENTENCE
        assert not text[end:a].strip()
        assert text[a:b] == text[a:b].strip()
        end = b
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One is here. Two is there! Is three? Yes.", ["One is here.", "Two is there!", "Is three?", "Yes."]),
        ("Maynez et al. (2020) and Smith et al. Show this.", ["Maynez et al. (2020) and Smith et al. Show this."]),
        ("See Fig. 3 for J. Smith. Next.", ["See Fig. 3 for J. Smith.", "Next."]),
        ("It cost 3.5 dollars in the U.S. Senate. Done.", ["It cost 3.5 dollars in the U.S. Senate.", "Done."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("A heading\nA sentence under it.", ["A heading", "A sentence under it."]),
        ("- first item\n- second item", ["- first item", "- second item"]),
        ("最初の文です。次の文です。", ["最初の文です。", "次の文です。"]),
        ("", []),
    ],
)
def test_boundaries_fall_where_a_reader_puts_them(text, parts):
    assert cut(text) == parts


def test_a_sentence_wrapped_over_lines_is_one_sentence():
    text = "This line was wrapped by an editor at a width of seventy or so, and\nthe sentence goes on here. Another."
    assert cut(text) == [text[: text.index(" Another.")], "Another."]


def test_a_paragraph_break_ends_a_sentence_even_without_a_stop():
    assert len(cut("A line that is long enough to look as if it had been wrapped somewhere\n\nand another paragraph")) == 2
