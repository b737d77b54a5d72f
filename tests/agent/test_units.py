"""The same amount stands in another unit, about as much refutes nothing, and another amount does."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts import absent, strange_number


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("It rose by 50 basis points.", "It rose by 0.5 percentage points.", "en"),
        ("It rose by 0.5 percentage points.", "It rose by 50 basis points.", "en"),
        ("It rose by 50 bps.", "It rose by half a percentage point.", "en"),
        ("It rose by 25 basis points.", "It rose by a quarter of a percentage point.", "en"),
        ("It rose by 0.5 percentage points.", "It rose by half a percentage point.", "en"),
        ("Es stieg um 0,5 Prozentpunkte.", "Es stieg um einen halben Prozentpunkt.", "de"),
        ("Es stieg um 50 Basispunkte.", "It rose by 0.5 points.", "de"),
        ("Fever is 38 °C.", "Fever is 100.4 °F.", "en"),
        ("It boils at 100 °C.", "It boils at 212 °F.", "en"),
        ("It boils at 212 °F.", "It boils at 100 degrees Celsius.", "en"),
        ("It was −40 °C.", "It was −40 °F.", "en"),
        ("水在100摄氏度沸腾。", "It boils at 212 °F.", "zh"),
        ("The limit is 36 km/h.", "The limit is 10 m/s.", "en"),
        ("Die Grenze ist 36 Stundenkilometer.", "The limit is 36 km/h.", "de"),
        ("It covers 100 hectares.", "It covers 1 square kilometre.", "en"),
        ("It covers 100 ha.", "It covers 1 km².", "en"),
        ("Es umfasst 100 Hektar.", "Es umfasst 1 Quadratkilometer.", "de"),
        ("Il couvre 100 hectares.", "Il couvre 1 kilomètre carré.", "fr"),
        ("Cubre 100 hectáreas.", "Cubre 1 kilómetro cuadrado.", "es"),
        ("它有100公顷。", "它有1平方公里。", "zh"),
        ("It has 3 billion kg.", "It has 3 million tonnes.", "en"),
        ("It has 3,000 tonnes.", "It has 3 million kg.", "en"),
        ("It takes 15 minutes.", "It takes a quarter of an hour.", "en"),
        ("It takes 30 minutes.", "Es dauert eine halbe Stunde.", "en"),
        ("It takes 1 year.", "It takes a year.", "en"),
        ("It holds 2,000 litres.", "It holds 2 m³.", "en"),
        ("It uses 5 GW.", "It uses 5,000 MW.", "en"),
        ("It uses 2 kWh.", "It uses 2,000 Wh.", "en"),
        ("It runs at 3 GHz.", "It runs at 3,000 MHz.", "en"),
        ("It is at 2 bar.", "It is at 200 kPa.", "en"),
        ("It takes 5 ms.", "It takes 0.005 s.", "en"),
        ("It emits 5 kt.", "It emits 5,000 tonnes.", "en"),
    ],
)
def test_the_same_amount_stands_in_another_unit(sentence, about, language):
    assert strange_number(sentence, about, language) == ""
    assert absent(sentence, about, language) == []


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("The limit is 60 mph.", "The limit is 97 km/h."),
        ("The limit is 97 km/h.", "The limit is 60 miles per hour."),
        ("It covers 247 acres.", "It covers 1 square kilometre."),
        ("It covers 25,900 hectares.", "It covers 100 square miles."),
        ("It was -18 °C.", "It was 0 °F."),
        ("It was 310 K.", "It was 37 °C."),
        ("It warmed by 2 °C.", "It warmed by 3.6 °F."),
        ("It was 38 °C.", "It was 38 °F."),
        ("It rose by 0.5 percentage points.", "It rose by half a percent."),
        ("It has 5 m³.", "It has 5 m²."),
    ],
)
def test_about_as_much_in_another_unit_or_as_much_of_another_kind_is_for_the_judge(sentence, about):
    assert strange_number(sentence, about) == ""
    assert absent(sentence, about) != []


@pytest.mark.parametrize(
    ("sentence", "about", "strange"),
    [
        ("It rose by 60 basis points.", "It rose by 0.5 percentage points.", "60"),
        ("It rose by 50 basis points.", "It rose by 50 percentage points.", "50"),
        ("It was 39 °C.", "It was 100.4 °F.", "39"),
        ("It was 39 °C.", "It was 38 °C.", "39"),
        ("The limit is 60 mph.", "The limit is 60 km/h.", "60"),
        ("The limit is 50 mph.", "The limit is 97 km/h.", "50"),
        ("It covers 10 hectares.", "It covers 1 square kilometre.", "10"),
        ("It covers 50 hectares.", "It covers 50 square kilometres.", "50"),
        ("It has 3 billion kg.", "It has 3 million kg.", "3 billion"),
        ("It has 4,000 tonnes.", "It has 3 million kg.", "4,000"),
        ("It uses 5 GW.", "It uses 5 MW.", "5"),
        ("It takes 5 ms.", "It takes 5 s.", "5"),
    ],
)
def test_another_amount_in_another_unit_is_strange(sentence, about, strange):
    assert strange_number(sentence, about) == strange


@given(st.integers(-90, 500))
def test_every_temperature_stands_on_the_other_scale(celsius):
    fahrenheit = float(Fraction(celsius) * 9 / 5 + 32)
    sentence, about = f"It was {celsius} °C.", f"It was {fahrenheit:g} °F."
    assert strange_number(sentence, about) == strange_number(about, sentence) == ""
    assert absent(sentence, about) == absent(about, sentence) == []
