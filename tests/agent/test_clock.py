"""A time of day is one in every spelling, and no number refutes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.facts.clock import clocks, times_held
from agent.verdicts import PARTIAL, UNKNOWN, UNSUPPORTED
from tests.agent.seen import verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language", "told"),
    [
        ("It began at 3 pm that day.", "It started at 15:00 that day.", "en", UNKNOWN),
        ("It began at 2:30 p.m. that day.", "Es begann um 14.30 Uhr.", "en", UNKNOWN),
        ("Es begann um 15 Uhr.", "It began at 3 pm.", "de", UNKNOWN),
        ("Cela commence à 14 h 30.", "It began at 14:30.", "fr", UNKNOWN),
        ("会议下午3点开始。", "It began at 15:00.", "zh", UNKNOWN),
        ("It opens at 12:00 sharp.", "It opens at noon.", "en", UNKNOWN),
        ("It took 3 h in all.", "It took 3 hours.", "en", UNKNOWN),
        ("It began at 2:30 am that day.", "It began at 14:30 that day.", "en", UNSUPPORTED),
        ("It began at 3:45.", "It began at 3:40.", "en", UNSUPPORTED),
        ("The 1990s were wet.", "The nineties were wet.", "en", UNKNOWN),
        ("Die 1990er waren nass.", "The nineties were wet.", "de", UNKNOWN),
        ("The 1990s were wet.", "In 1995 it was wet.", "en", PARTIAL),
        ("The 1980s were wet.", "The nineties were wet.", "en", UNSUPPORTED),
    ],
)
def test_a_time_of_day_or_a_decade_in_another_spelling_stands_there(sentence, quote, language, told):
    assert verdict(sentence, quote, language=language) == told


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_time_is_found_in_every_spelling(hour, minute):
    half = f"{hour % 12 or 12}:{minute:02d} {'pm' if hour >= 12 else 'am'}"
    spellings = [f"{hour:02d}:{minute:02d}", f"{hour}.{minute:02d} Uhr", f"{hour} h {minute:02d}", half]
    for said in spellings:
        [clock] = clocks(f"It is {said}")
        assert all(clock.minutes & times_held(f"It is {other}") for other in spellings)
        assert 60 * hour + minute in clock.minutes
