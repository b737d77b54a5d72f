"""Numbers and dates are compared by value, in whatever language and spelling they are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.facts import numbers, strange_number, values


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("In 3 000 Proben", "3,000 samples"),
        ("In 3.000 Proben", "3 thousand samples"),
        ("3 Millionen Proben", "3,000,000 samples"),
        ("1.5 million", "1,500,000"),
        ("在97%的样本中", "in 97 % of the samples"),
        ("共有3千个样本", "3,000 samples"),
        ("3万人", "30,000 people"),
        ("1 minute", "boil it for one minute"),
        ("zwei von 3 Familien", "two of three families"),
        ("0,5 mg", "0.5 mg"),
        ("12 345", "12 and 345"),
        ("2019年3月", "March 2019"),
        ("am 3. März 2019", "3 March 2019"),
        ("le 3 mars 2019", "3.3.2019"),
        ("el 3 de marzo de 2019", "on March 3, 2019"),
        ("in March 2019", "published 2019-03"),
        ("it may 3 times", "3 times"),
        ("version 3.5.2", "version 3.5.2"),
    ],
)
def test_the_same_number_in_another_spelling_is_not_strange(sentence, about):
    assert strange_number(sentence, about) == ""


@pytest.mark.parametrize(
    ("sentence", "about", "strange"),
    [
        ("在79%的样本中", "in 97 % of the samples", "79"),
        ("共有4千个样本", "3,000 samples", "4"),
        ("in April 2019", "in March 2019", "April"),
        ("am 3. Mai 2020", "3 June 2020", "Mai"),
        ("le 3 avril 2020", "3.5.2020", "avril"),
        ("5 mg", "0.5 mg", "5"),
        ("3 000", "300 and 30", "3 000"),
        ("2 million", "2,000,001", "2"),
        ("for 2 minutes", "for one minute", "2"),
    ],
)
def test_another_number_or_month_is_strange(sentence, about, strange):
    assert strange_number(sentence, about) == strange


NUMBERS = st.integers(0, 10**7)
SPELLINGS = st.sampled_from(["{:d}", "{:,}"])


@given(NUMBERS, SPELLINGS, SPELLINGS, st.sampled_from([("was ", " %"), ("有", "个"), ("", ""), ("(", ")"), ("etwa ", " km")]))
def test_every_number_is_found_beside_latin_and_chinese_and_equals_itself_in_any_spelling(number, one, other, around):
    before, behind = around
    sentence = f"{before}{one.format(number)}{behind}"
    assert [str(number) in found.values for found in numbers(sentence)] == [True]
    assert strange_number(sentence, f"x {other.format(number)} y") == ""
    assert strange_number(sentence, f"x {other.format(number + 1)} y") != ""


@settings(max_examples=40)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_holds_its_own_numbers_whatever_it_is(text, more):
    assert strange_number(text, f"{text} {more}") in ("", *[found.written for found in numbers(text)])
    assert strange_number(text, text) == ""
    assert all(text[found.start : found.end] == found.written for found in numbers(text))


def test_a_month_is_one_beside_a_number_alone():
    assert {"5", "6"} <= values("They march in May 2020, and again on 3 June")
    assert values("It may rain when they march in spring") == set()
