"""A rounding refutes no sentence, and stands in no source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts import absent, strange_number


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("Roughly 600,000 people live there.", "It has 608,000 people.", "en"),
        ("Here live 600,000 people.", "It has 608,000 people.", "en"),
        ("About 1,500 sentences were used.", "We used 1,462 sentences.", "en"),
        ("Nearly 1,000 people died.", "Of them 987 died.", "en"),
        ("Nearly 1,000 people died.", "Of the one 487 died, of the other 502.", "en"),
        ("Some 1,000 people died.", "Of them 987 died.", "en"),
        ("About a thousand people died.", "Of them 987 died.", "en"),
        ("Almost two million people died.", "Of them 1.98 million died.", "en"),
        ("About 5 million people died.", "Of them 5,120,000 died.", "en"),
        ("Around 90 percent died.", "Of them 91.2% died.", "en"),
        ("Around 90 percent died.", "Of them 91% died.", "en"),
        ("About 25 % died.", "Of 47 patients 12 died.", "en"),
        ("It took ~30 days.", "It took 27 days.", "en"),
        ("It took 30 days or so.", "It took 27 days.", "en"),
        ("Nearly three years passed.", "It was two years and eleven months that passed.", "en"),
        ("Rund 600.000 Menschen leben dort.", "608.000 Menschen leben dort.", "de"),
        ("Etwa 1500 Sätze wurden genutzt.", "1462 Sätze wurden genutzt.", "de"),
        ("Fast 1000 Menschen starben.", "987 Menschen starben.", "de"),
        ("Knapp 1000 Menschen starben.", "987 Menschen starben.", "de"),
        ("Environ 600 000 personnes y vivent.", "608 000 personnes y vivent.", "fr"),
        ("Quelque 1500 phrases y sont.", "1462 phrases y sont.", "fr"),
        ("Près de 1000 personnes sont mortes.", "987 personnes sont mortes.", "fr"),
        ("Unas 600.000 personas viven allí.", "608.000 personas viven allí.", "es"),
        ("Aproximadamente 1500 frases.", "1462 frases.", "es"),
        ("Casi 1000 personas murieron.", "987 personas murieron.", "es"),
        ("约60万人住在那里。", "608,000人住在那里。", "zh"),
        ("约有1500个句子。", "1462个句子。", "zh"),
        ("将近1000人死亡。", "987人死亡。", "zh"),
        ("1000人左右死亡。", "987人死亡。", "zh"),
    ],
)
def test_a_rounding_is_for_the_judge_and_at_most_partial(sentence, about, language):
    assert strange_number(sentence, about, language) == ""
    assert absent(sentence, about, language) != []


@pytest.mark.parametrize(
    ("sentence", "about", "language", "strange"),
    [
        ("Roughly 600,000 people live there.", "It has 308,000 people.", "en", "600,000"),
        ("About 1,500 sentences were used.", "We used 2,462 sentences.", "en", "1,500"),
        ("Here are 1,500 sentences.", "We used 1,440 sentences.", "en", "1,500"),
        ("Here are 1,460 sentences.", "We used 1,462 sentences.", "en", "1,460"),
        ("Here died 20 patients.", "In all 23 patients died.", "en", "20"),
        ("Nearly 1,000 people died.", "In all 507 people died.", "en", "1,000"),
        ("Around 90 percent died.", "Of them 72% died.", "en", "90"),
        ("About 0 percent died.", "Of them 72% died.", "en", "0"),
        ("Here died 90 percent.", "Of them 92% died.", "en", "90"),
        ("Rund 600.000 Menschen leben dort.", "308.000 Menschen leben dort.", "de", "600.000"),
        ("Environ 600 000 personnes y vivent.", "308 000 personnes y vivent.", "fr", "600 000"),
        ("Unas 600.000 personas viven allí.", "308.000 personas viven allí.", "es", "600.000"),
        ("约60万人住在那里。", "308,000人住在那里。", "zh", "60"),
    ],
)
def test_another_number_is_strange_behind_about_too(sentence, about, language, strange):
    assert strange_number(sentence, about, language) == strange


@given(st.integers(1000, 10**9), st.integers(1, 2))
def test_a_number_with_noughts_for_its_last_places_is_never_strange(value, places):
    near = round(value, places - len(str(value)))
    if abs(near - value) * 20 <= near:
        assert strange_number(f"It has {near:,} people.", f"In all {value:,} people live there.") == ""
