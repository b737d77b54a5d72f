"""A day of the week or a season in a sentence stands in its spans in whatever language, or the sentence is at most partial."""

from __future__ import annotations

import pytest

from agent.facts import absent
from agent.names import names_in


@pytest.mark.parametrize(
    ("sentence", "about", "language", "missing"),
    [
        ("It opened on Monday.", "Am Montag öffnete es.", "en", []),
        ("It opened on Monday.", "It opened on a Tuesday.", "en", ["Monday"]),
        ("Mondays are quiet there.", "Quiet on Monday.", "en", []),
        ("Es regnete am Dienstag.", "It rained on Monday.", "de", ["Dienstag"]),
        ("Il pleut le mardi.", "It rains on Tuesdays.", "fr", []),
        ("Llueve los martes.", "It rains on Mondays.", "es", ["martes"]),
        ("周二下雨。", "It rained on Tuesday.", "zh", []),
        ("星期三下雨。", "It rained on Tuesday.", "zh", ["星期三"]),
        ("每周一次，一周一次。", "It rained once a week.", "zh", []),
        ("It began in spring 2020.", "Es begann im Frühjahr 2020.", "en", []),
        ("It began in the autumn of 2020.", "It began in spring 2020.", "en", ["autumn"]),
        ("Es begann im Herbst 2020.", "It began in fall 2020.", "de", []),
        ("2020年春开始。", "It began in winter 2020.", "zh", ["春"]),
        ("The spring gives water.", "The well gives water.", "en", []),
    ],
)
def test_another_day_or_season_stands_in_no_span(sentence, about, language, missing):
    assert absent(sentence, about, language) == missing


def test_a_day_of_the_week_is_a_date_and_no_name():
    assert names_in("It was Monday in Bern.", "en") == ["Bern"]
