"""An amount is the same in digits, with a word of size and in halves of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts import absent, strange_number


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("The trial cost 3,000,000 euros.", "It cost 3 million euros.", "en"),
        ("The trial cost 3 million euros.", "It cost 3,000,000 euros.", "en"),
        ("The trial cost two million euros.", "It cost 2 million euros.", "en"),
        ("The trial cost a billion euros.", "It cost 1 billion euros.", "en"),
        ("It has 14,000 dialogs.", "It has 14K dialogs.", "en"),
        ("It has 400,000 hours of speech.", "It has 400K hours of speech.", "en"),
        ("It has 7,000,000,000 parameters.", "It has 7B parameters.", "en"),
        ("Es kostete 3.000.000 Euro.", "Es kostete 3 Millionen Euro.", "de"),
        ("Il a coûté deux cents millions d’euros.", "Il a coûté 200 millions d’euros.", "fr"),
        ("Costó 3.000.000 de euros.", "Costó 3 millones de euros.", "es"),
        ("It has 5 dozen eggs.", "It has 60 eggs.", "en"),
        ("Half a million people live there.", "500,000 people live there.", "en"),
        ("500,000 people live there.", "Half a million people live there.", "en"),
        ("A quarter of a million people live there.", "Here live 250,000 people.", "en"),
        ("Eine halbe Million Menschen lebt dort.", "500.000 Menschen leben dort.", "de"),
        ("Un demi-million de personnes y vivent.", "500 000 personnes y vivent.", "fr"),
        ("Medio millón de personas viven allí.", "500.000 personas viven allí.", "es"),
        ("It has 2.5 million people.", "Two and a half million people live there.", "en"),
        ("It has 2,500,000 people.", "A million and 2,500,000 live there.", "en"),
        ("Two and a half million people live there.", "It has 2,500,000 people.", "en"),
        ("Zweieinhalb Millionen Menschen leben dort.", "2.5 million people live there.", "de"),
        ("Anderthalb Millionen Menschen leben dort.", "1,500,000 people live there.", "de"),
        ("Deux millions et demi de personnes y vivent.", "2.5 million people live there.", "fr"),
        ("Dos millones y medio de personas viven allí.", "2,500,000 people live there.", "es"),
    ],
)
def test_an_amount_stands_in_digits_with_a_word_of_size_and_in_halves_of_one(sentence, about, language):
    assert strange_number(sentence, about, language) == ""
    assert absent(sentence, about, language) == []


@pytest.mark.parametrize(
    ("sentence", "about", "strange"),
    [
        ("It cost 5 million euros.", "It cost 5 billion euros.", "5 million"),
        ("It cost five million euros.", "It cost five euros.", "five million"),
        ("It cost 5,000,000 euros.", "It cost 5 billion euros.", "5,000,000"),
        ("It cost 5 euros.", "It cost 5 million euros.", "5"),
        ("It has 14,000 dialogs.", "It has 14M dialogs.", "14,000"),
        ("Half a million people live there.", "300,000 people live there.", "Half a million"),
        ("Half a million people live there.", "A million people live there.", "Half a million"),
        ("Two and a half million live there.", "3,500,000 live there.", "Two and a half million"),
        ("It has 2.5 people.", "Two and a half million people live there.", "2.5"),
    ],
)
def test_an_amount_of_another_size_is_strange(sentence, about, strange):
    assert strange_number(sentence, about) == strange


def test_a_size_does_not_stand_in_its_half_nor_a_share_in_either():
    about = "Half a million people live there."
    assert absent("A million people live there.", about) == ["A million"]
    assert absent("Of the people half live there.", about) == []  # a half alone is no sure share
    assert absent("About half of the people live there.", about) == ["half"]


@given(st.integers(1, 999), st.sampled_from([(3, "thousand"), (6, "million"), (9, "billion")]))
def test_every_count_of_a_size_is_the_one_in_digits(count, size):
    noughts, word = size
    digits = f"{count * 10**noughts:,}"
    for one, other in ((digits, f"{count} {word}"), (f"{count} {word}", digits)):
        assert strange_number(f"It cost {one} euros.", f"It cost {other} euros.") == ""
        assert absent(f"It cost {one} euros.", f"It cost {other} euros.") == []
