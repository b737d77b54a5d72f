"""Digits that a source says in other words are not refuted by it, and are where it says something else."""

from __future__ import annotations

import pytest

from agent.claims import Claim
from agent.rules import by_rules
from agent.verdicts import PARTIAL, UNKNOWN, UNSUPPORTED
from benchmarks.agent.altered import held


def _verdict(sentence: str, quote: str, language: str) -> str:
    return by_rules(Claim(0, 1, sentence, ("s1",)), held(quote), language).verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language", "verdict"),
    [
        ("100% survived.", "All survived.", "en", PARTIAL),
        ("100 % überlebten.", "Alle überlebten.", "de", PARTIAL),
        ("0 patients died.", "No patients died.", "en", PARTIAL),
        ("0% died.", "No patients died.", "en", PARTIAL),
        ("0 patient est mort.", "Aucun patient n'est mort.", "fr", PARTIAL),
        ("1 patient died.", "A patient died.", "en", PARTIAL),
        ("1 Haus brannte.", "A house burned.", "de", PARTIAL),
        ("It took 12 months.", "It took a year.", "en", UNKNOWN),
        ("It took 10 years.", "It took a decade.", "en", UNKNOWN),
        ("It took 90 minutes.", "It took an hour and a half.", "en", UNKNOWN),
        ("Es dauerte 18 Monate.", "Es dauerte anderthalb Jahre.", "de", UNKNOWN),
        ("Cela a duré 150 minutes.", "Cela a duré deux heures et demie.", "fr", UNKNOWN),
        ("它持续了30个月。", "它持续了两年半。", "zh", UNKNOWN),
        ("Costs fell by 50%.", "Costs were halved.", "en", PARTIAL),
        ("Costs rose by 100%.", "Costs doubled.", "en", PARTIAL),
        ("Costs rose by 200%.", "Costs tripled.", "en", PARTIAL),
        ("It grew 10 times.", "It grew by an order of magnitude.", "en", UNKNOWN),
        ("It is of the 19th century.", "It is of 1880.", "en", PARTIAL),
        ("It is of the 1800s.", "It is of 1880.", "en", PARTIAL),
        ("Es ist aus dem 19. Jahrhundert.", "It is of 1880.", "de", PARTIAL),
        ("它建于19世纪。", "It was built in 1880.", "zh", PARTIAL),
        ("He died in his 50s.", "He died at 54.", "en", PARTIAL),
        ("Neuf sur dix ont survécu.", "90% survived.", "fr", UNKNOWN),
        ("COVID-19 vaccines work.", "SARS-CoV-2 vaccines work.", "en", PARTIAL),
        ("Type 2 diabetes is common.", "T2DM is common.", "en", PARTIAL),
    ],
)
def test_what_a_source_says_in_other_words_is_not_refuted(sentence, quote, language, verdict):
    assert _verdict(sentence, quote, language) == verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("90% survived.", "All survived.", "en"),
        ("0 patients died.", "Five patients died.", "en"),
        ("1 patient died.", "Five patients died by then.", "en"),
        ("2 patients died.", "A patient died.", "en"),
        ("It took 80 minutes.", "It took an hour and a half.", "en"),
        ("Es dauerte 20 Monate.", "Es dauerte anderthalb Jahre.", "de"),
        ("Costs fell by 40%.", "Costs were halved.", "en"),
        ("Costs rose by 300%.", "Costs doubled.", "en"),
        ("It is of the 18th century.", "It is of 1880.", "en"),
        ("He died in his 60s.", "He died at 54.", "en"),
        ("There were 19 vaccines.", "SARS-CoV-2 vaccines work.", "en"),
    ],
)
def test_another_number_than_such_words_say_is_refuted(sentence, quote, language):
    assert _verdict(sentence, quote, language) == UNSUPPORTED
