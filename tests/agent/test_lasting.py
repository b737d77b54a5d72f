"""How long something lasted may follow from the years of a source, and refutes no sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts import absent, strange_number

EINSTEIN = "He was born on 14 March 1879 and died on 18 April 1955."


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("It ran for 10 years.", "It ran from 2010 to 2020.", "en"),
        ("It ran for ten years.", "It ran from 2010 to 2020.", "en"),
        ("It ran for eleven years.", "It ran from 2010 to 2020.", "en"),
        ("It ran for five years.", "It ran from 2010 to 2015, and then for two years.", "en"),
        ("It ran for 10 years.", "It ran from 2010 to 2020, for 10 weeks each.", "en"),
        ("It was a 10-year programme.", "It ran from 2010 to 2020.", "en"),
        ("It ran for 2 decades.", "It ran from 1990 to 2010.", "en"),
        ("The war took 6 years.", "The war of 1939-45 ended.", "en"),
        ("He died at 76.", EINSTEIN, "en"),
        ("He died aged 76.", EINSTEIN, "en"),
        ("He died at the age of 76.", EINSTEIN, "en"),
        ("He was 76 years old when he died.", EINSTEIN, "en"),
        ("He was 34 when he won.", "Born in 1950, he won it in 1984.", "en"),
        ("Its 100th anniversary was in 2020.", "It was founded in 1920 and is here in 2020.", "en"),
        ("Es lief zehn Jahre.", "Es lief von 2010 bis 2020.", "de"),
        ("Er starb mit 76 Jahren.", EINSTEIN, "de"),
        ("Er starb im Alter von 76.", EINSTEIN, "de"),
        ("Il a duré dix ans.", "Il a duré de 2010 à 2020.", "fr"),
        ("Il est mort à 76 ans.", EINSTEIN, "fr"),
        ("Duró diez años.", "Duró de 2010 a 2020.", "es"),
        ("Murió a los 76 años.", EINSTEIN, "es"),
        ("它持续了10年。", "从2010年到2020年。", "zh"),
        ("享年76岁。", "生于1879年，死于1955年。", "zh"),
        ("It ended in 2020.", "It began in 2010 and ended ten years later.", "en"),
        ("It ended in 2011.", "It began in 2010 and ended a year later.", "en"),
        ("He was born in 1879.", "He died in 1955 at the age of 76.", "en"),
        ("It began around 1900.", "It began in 1897.", "en"),
    ],
)
def test_what_follows_from_years_is_for_the_judge_and_at_most_partial(sentence, about, language):
    assert strange_number(sentence, about, language) == ""
    assert absent(sentence, about, language) != []


@pytest.mark.parametrize(
    ("sentence", "about", "strange"),
    [
        ("It ran for 15 years.", "It ran from 2010 to 2020.", "15"),
        ("It ran for fifteen years.", "It ran from 2010 to 2020.", "fifteen"),
        ("It ran for 2 decades.", "It ran from 2010 to 2020.", "2"),
        ("He died at 66.", EINSTEIN, "66"),
        ("In all 76 people died.", EINSTEIN, "76"),
        ("It weighs 76 kg.", EINSTEIN, "76"),
        ("It ended in 2025.", "It began in 2010 and ended ten years later.", "2025"),
        ("It began around 1900.", "It began in 1950.", "1900"),
    ],
)
def test_what_does_not_follow_from_years_is_strange(sentence, about, strange):
    assert strange_number(sentence, about) == strange


@given(st.integers(1500, 2020), st.integers(10, 79))
def test_years_between_two_of_the_source_and_the_later_of_both_are_never_strange(year, gap):
    assert strange_number(f"It ran for {gap} years.", f"It ran from {year} to {year + gap}.") == ""
    assert strange_number(f"It ended in {year + gap}.", f"It began in {year} and ended {gap} years later.") == ""
    assert strange_number(f"It ran for {gap + 3} years.", f"It ran from {year} to {year + gap}.") == str(gap + 3)
