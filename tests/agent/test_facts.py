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
        ("3.5 times faster", "3.5x faster"),
        ("$4.5bn", "$4.5 billion"),
        ("27.3 BLEU", "27.3BLEU"),
        ("1.5", "1.500"),
        ("0.5", "an accuracy of .5"),
        ("90k", "90,000 sentences"),
        ("1.1M", "1,100,000 sentences"),
        ("the 2nd system", "the second system"),
        ("½ of them", "half of them"),
        ("10^9", "10⁹ parameters"),
        ("10^9", "10 9 parameters"),
        ("Twenty-five patients", "25 patients"),
        ("the two methods", "A and B"),
        ("增长了三十五个百分点", "35 points"),
        ("六百二十升", "620 litres"),
        ("九十年代", "in the 1990s"),
        ("3.5.2 million " + "9" * 400 + " million", "3.5.2 million " + "9" * 400 + " million"),
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
        ("3.9x faster", "3.5x faster", "3.9"),
        ("$4.9bn", "$4.5bn", "4.9"),
        ("2.9pp", "2.1pp", "2.9"),
        ("10x", "5x", "10"),
        ("90k sentences", "20k sentences", "90"),
        ("the 7th system", "the 3rd system", "7"),
        ("½ of all", "¼ of all", "½"),
        ("10^9 parameters", "10^6 parameters, 9 layers", "10^9"),
        ("Twelve patients died", "three patients died", "Twelve"),
        ("增长了三十五个百分点", "53 points", "三十五"),
        ("六百二十升", "450升", "六百二十"),
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
