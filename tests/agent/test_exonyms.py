"""A place that a source names in another language, or as an adjective, stands there."""

from __future__ import annotations

import pytest

from agent.exonyms import is_listed, other_names
from agent.verdicts import PARTIAL, UNKNOWN
from tests.agent.seen import verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language", "told"),
    [
        ("All were seen in Danish hospitals.", "It was seen in hospitals of Denmark.", "en", UNKNOWN),
        ("On l’a vu en Allemagne et à Londres.", "It was seen in Germany and London.", "fr", UNKNOWN),
        ("El ensayo se hizo en Dinamarca.", "The trial took place in Denmark.", "es", UNKNOWN),
        ("La OMS lo dijo en Ginebra.", "The WHO said so in Geneva.", "es", UNKNOWN),
        ("It was seen in German hospitals.", "Es war in deutschen Spitälern Frankreichs.", "en", PARTIAL),
        ("On l’a vu en Autriche.", "It was seen in Australia.", "fr", PARTIAL),
        ("It was seen in China.", "这是在中国发现的。", "en", UNKNOWN),
    ],
)
def test_a_place_stands_where_it_has_another_name(sentence, quote, language, told):
    assert verdict(sentence, quote, language=language) == told


def test_a_word_written_small_or_within_another_is_no_place():
    assert other_names("Let us polish the turkey in Chinatown.") == ""
    assert "Turkey" in other_names("In der Türkei war es so.")


def test_the_earth_is_listed_but_no_name_for_certain_since_it_may_be_soil():
    assert not is_listed("Erde")
    assert is_listed("Frankreich")
    assert "Earth" in other_names("auf der Erde")
