"""A date is one in every spelling, and only a date that reads otherwise refutes it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims import Claim
from agent.facts import strange_number
from agent.rules import by_rules
from agent.verdicts import PARTIAL, UNKNOWN, UNSUPPORTED
from benchmarks.agent.altered import held

MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def _verdict(sentence: str, quote: str, language: str = "en") -> str:
    return by_rules(Claim(0, 1, sentence, ("s1",)), held(quote), language).verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("It ended on 5 March 2024.", "It ended on 2024/03/05.", "en"),
        ("It ended on 5 March 2024.", "It ended on 2024.03.05.", "en"),
        ("It ended on 5 March 2024.", "It ended on 5.3.24.", "en"),
        ("It ended on 5 March 2024.", "It ended at 2024-03-05T10:00:00Z.", "en"),
        ("It ended in March 2024.", "It ended in 03/2024.", "en"),
        ("It ended in 03/2024.", "It ended in March 2024.", "en"),
        ("It ended in 12/2023.", "It ended in December 2023.", "en"),
        ("It ended on 16.03.23.", "It ended on March 16, 2023.", "en"),
        ("It ended on 3/16/23.", "It ended on March 16, 2023.", "en"),
        ("It ended on 5 March 2024.", "It ended on Mar 5, '24.", "en"),
        ("It ended on 5 March 2024.", "It ended on 5-Mar-24.", "en"),
        ("It ended on 5 March 2024.", "It ended on 05-Mar-2024.", "en"),
        ("It ended on 5 March 2024.", "It ended on 20240305.", "en"),
        ("它于二〇二四年三月五日结束。", "It ended on 5 March 2024.", "zh"),
        ("它于四月开始。", "It began in April.", "zh"),
        ("In all, 12/2000 died.", "Of all, 12/2000 died.", "en"),
    ],
)
def test_a_date_in_another_spelling_stands_there(sentence, quote, language):
    assert _verdict(sentence, quote, language) == UNKNOWN


@pytest.mark.parametrize(
    ("sentence", "quote", "language", "verdict"),
    [
        ("It ended on 5 May 2024.", "It ended on 2024/03/05.", "en", UNSUPPORTED),
        ("It ended on 6 March 2024.", "It ended on 5-Mar-24.", "en", UNSUPPORTED),
        ("It ended in April 2024.", "It ended in 03/2024.", "en", UNSUPPORTED),
        ("It ended on 17.03.23.", "It ended on March 16, 2023.", "en", UNSUPPORTED),
        ("It ended on 3/16/24.", "It ended on March 16, 2023.", "en", UNSUPPORTED),
        ("It ended on 2024/03/06.", "It ended on 5 March 2024.", "en", UNSUPPORTED),
        ("It ended on 2024-03-05.", "It ended on 2024-05-03.", "en", UNSUPPORTED),
        ("它于四月开始。", "它于三月开始。", "zh", UNSUPPORTED),
        ("It ended in March 2024.", "It ended in 2024.", "en", PARTIAL),
        ("It ended in 10-2023.", "It ended in October 2023.", "en", PARTIAL),
        ("Twelve patients died.", "Of the patients 13/2000 died.", "en", UNSUPPORTED),
        ("Of the patients 12 died.", "Of 2000 patients, 12/2000 died.", "en", UNKNOWN),
    ],
)
def test_another_date_is_held_back_and_refuted_only_where_the_source_has_one(sentence, quote, language, verdict):
    assert _verdict(sentence, quote, language) == verdict


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_no_spelling_of_a_date_refutes_another(day):
    spellings = [
        f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day:%Y.%m.%d}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d.%m.%y}",
        f"{day:%m/%d/%y}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    for said in spellings:
        for other in spellings:
            assert not strange_number(f"It ended on {said} at last.", f"It was on {other} that it ended."), (said, other)
