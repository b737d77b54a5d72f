"""A number is the same in whatever signs its digits are written, and so is an amount before a hyphen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts import absent, strange_number
from agent.facts.glyphs import folded

SCRIPTS = ["０１２３４５６７８９", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⓪①②③④⑤⑥⑦⑧⑨", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]


@given(st.integers(10, 10**6), st.sampled_from(SCRIPTS))
def test_a_number_is_read_in_all_digits_and_another_one_is_strange(value, script):
    written = "".join(script[int(sign)] for sign in str(value))
    assert absent(f"In all {written} patients died.", f"In all {value} patients died.") == []
    assert absent(f"In all {value} patients died.", f"In all {written} patients died.") == []
    assert strange_number(f"In all {written} patients died.", f"In all {value * 2 + 1} patients died.") != ""


@given(st.text(max_size=60))
def test_every_sign_stays_in_its_place(text):
    assert len(folded(text)) == len(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize("sentence", ["It helps.² And more.", "① the old and ② the young", "It has x² and 10⁹.", "²³ It helps."])
def test_a_power_a_unit_a_note_and_a_mark_of_a_list_are_no_numbers_of_their_own(sentence):
    assert folded(sentence) == sentence


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("It emits CO2.", "It emits CO₂.", "en"),
        ("It emits CO₂.", "It emits CO2.", "en"),
        ("It is H2O.", "It is H₂O.", "en"),
        ("It has 5 m2.", "It has 5 m².", "en"),
        ("It has 5 m².", "It has 5 m2.", "en"),
        ("It has 2.9 million relations.", "It is a 2.9-million-relation graph.", "en"),
        ("It is a 7-billion-parameter model.", "It has 7 billion parameters.", "en"),
        ("It has 7 billion parameters.", "It is a 7-billion-parameter model.", "en"),
        ("It has 7 billion parameters.", "It is a 7B-parameter model.", "en"),
        ("Apollo 11 s’est posé.", "Apollo 11 se posa.", "fr"),
        ("Les 27 l'ont adopté.", "Les 27 ont adopté cela.", "fr"),
        ("Es hat 9,587 Millionen Einwohner.", "共有958.7万人。", "de"),
    ],
)
def test_what_is_written_with_other_signs_stands_there(sentence, about, language):
    assert strange_number(sentence, about, language) == ""
    assert absent(sentence, about, language) == []


@pytest.mark.parametrize(
    ("sentence", "about", "missing"),
    [
        ("It emits CO₃.", "It emits CO₂.", "CO3"),
        ("It has 2.9 million relations.", "It is a 2.9-billion-relation graph.", "2.9"),
        ("It is a 7-billion-parameter model.", "It has 7 million parameters.", "7"),
        ("It is a 7-billion-parameter model.", "It has 7 parameters.", "7"),
    ],
)
def test_what_is_another_in_these_signs_does_not_stand_there(sentence, about, missing):
    assert absent(sentence, about) == [missing]
