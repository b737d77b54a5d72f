"""Numbers, places in a row, decades and amounts in words are held to the source by value, in the five languages."""

from __future__ import annotations

import pytest

from agent.claims import Claim
from agent.rules import by_rules
from agent.verdicts import PARTIAL, UNKNOWN, UNSUPPORTED
from benchmarks.agent.altered import held


def _verdict(sentence: str, quote: str, language: str) -> str:
    return by_rules(Claim(0, 1, sentence, ("s1",)), held(quote), language).verdict


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("It began in the eighties.", "It began in the 1980s.", "en"),
        ("Es dauerte zweieinhalb Jahre.", "It took two and a half years.", "de"),
        ("Es dauerte anderthalb Jahre.", "It took 1.5 years.", "de"),
        ("Es dauerte ein Jahr.", "It took a year.", "de"),
        ("Es begann in den Neunzigern.", "It began in the 1990s.", "de"),
        ("Une dizaine de patients sont morts.", "About ten patients died.", "fr"),
        ("Cela a duré une décennie.", "It took a decade.", "fr"),
        ("Cela a duré un an.", "It took a year.", "fr"),
        ("Cela date des années quatre-vingt-dix.", "It dates from the 1990s.", "fr"),
        ("Duró un año.", "It took a year.", "es"),
        ("Es de los años noventa.", "It is of the 1990s.", "es"),
        ("十名患者死亡。", "Ten patients died.", "zh"),
        ("它于四月开始。", "It began in April.", "zh"),
        ("它于二〇一八年开始。", "It began in 2018.", "zh"),
        ("二四一名患者死亡。", "Of them 241 patients died.", "zh"),
        ("九成二的患者死亡。", "Of the patients 92% died.", "zh"),
        ("数量翻了一番。", "The number doubled.", "zh"),
        ("一半的患者死亡。", "Half of the patients died.", "zh"),
        ("It ranked sixth out of eight.", "It ranks 6 out of the 8.", "en"),
        ("It came third.", "It ranked #3.", "en"),
        ("Il est arrivé 6e.", "It came sixth.", "fr"),
        ("Il est arrivé sixième.", "Il est arrivé 6e.", "fr"),
        ("它排名第六。", "It came sixth.", "zh"),
        ("Ten-fold growth was seen.", "10-fold growth was seen.", "en"),
        ("10-fold growth was seen.", "Ten-fold growth was seen.", "en"),
        ("A ten-fold growth was seen.", "A tenfold growth was seen.", "en"),
        ("A 10-fold growth was seen.", "A tenfold growth was seen.", "en"),
        ("Ten-fold cross-validation was used.", "We use 10-fold cross-validation.", "en"),
        ("Es dauerte eine Minute.", "It took one minute.", "de"),
        ("Cela a duré une heure.", "It took an hour.", "fr"),
        ("Duró una hora.", "It took an hour.", "es"),
        ("A couple of hours passed.", "Two hours passed.", "en"),
        ("Es war in den 80ern.", "It was in the 1980s.", "de"),
        ("Not a single patient died.", "No patients died.", "en"),
        ("A single patient died.", "One patient died.", "en"),
        ("A couple of patients died.", "Two patients died.", "en"),
        ("Une dizaine de patients sont morts.", "Une dizaine de patients sont morts alors.", "fr"),
        ("Es dauerte ein Jahr.", "It took 12 months.", "de"),
        ("It took a fortnight to find it.", "It took two weeks to find it.", "en"),
        ("It took a decade to find it.", "It took ten years to find it.", "en"),
        ("Costs halved that year.", "Costs fell by 50% that year.", "en"),
        ("Es war im 19. Jahrhundert, in den Neunzigern.", "It was in the 19th century, in the 1890s.", "de"),
        ("他每一年都来。", "He comes every year.", "zh"),
        ("几十名患者死亡。", "Dozens of patients died.", "zh"),
        ("Il viendra avant sept heures.", "He will come before 7:00.", "fr"),
    ],
)
def test_what_words_say_stands_where_the_source_says_as_much(sentence, quote, language):
    assert _verdict(sentence, quote, language) == UNKNOWN


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("It took a decade to find it.", "It took a year to find it.", "en"),
        ("It took a century to find it.", "It took a decade to find it.", "en"),
        ("It took a fortnight to find it.", "It took a month to find it.", "en"),
        ("A couple of patients died.", "Three patients died.", "en"),
        ("A pair of patients died.", "Three patients died.", "en"),
        ("A single patient died.", "Three patients died.", "en"),
        ("Costs halved that year.", "Costs doubled that year.", "en"),
        ("Costs halved that year.", "Costs rose that year.", "en"),
        ("Costs quintupled that year.", "Costs doubled that year.", "en"),
        ("Costs rose twelvefold that year.", "Costs rose tenfold that year.", "en"),
        ("It began in the eighties.", "It began in the nineties.", "en"),
        ("Es dauerte zweieinhalb Jahre.", "It took three and a half years.", "de"),
        ("Es dauerte anderthalb Jahre.", "It took two and a half years.", "de"),
        ("Es dauerte ein Jahr.", "It took two years.", "de"),
        ("Die Zahl halbierte sich.", "The number doubled.", "de"),
        ("Es begann in den Neunzigern.", "It began in the 1980s.", "de"),
        ("Une dizaine de patients sont morts.", "Some 20 patients died.", "fr"),
        ("Une centaine de patients sont morts.", "Some 20 patients died.", "fr"),
        ("Cela a duré une décennie.", "It took a year.", "fr"),
        ("Cela a duré un an.", "It took two years.", "fr"),
        ("Cela date des années quatre-vingt-dix.", "It dates from the 1980s.", "fr"),
        ("Cela a fini avant avril.", "It ended before March.", "fr"),
        ("Murieron una decena de pacientes.", "Some 20 patients died.", "es"),
        ("Duró una década.", "It took a year.", "es"),
        ("Duró un año.", "It took two years.", "es"),
        ("Es de los años noventa.", "It is of the 1980s.", "es"),
        ("十名患者死亡。", "三名患者死亡。", "zh"),
        ("它于四月开始。", "它于三月开始。", "zh"),
        ("它于二〇一八年开始。", "它于二〇一九年开始。", "zh"),
        ("二四一名患者死亡。", "二四三名患者死亡。", "zh"),
        ("九成二的患者死亡。", "九成的患者死亡。", "zh"),
        ("数量翻了一番。", "The number tripled.", "zh"),
        ("一半的患者死亡。", "三分之一的患者死亡。", "zh"),
        ("它排名第六。", "它排名第五。", "zh"),
        ("Il est arrivé 6e.", "It came fifth.", "fr"),
        ("It came third.", "It ranked #4.", "en"),
        ("A ten-fold growth was seen.", "A two-fold growth was seen.", "en"),
        ("Es dauerte eine Minute.", "It took two minutes.", "de"),
        ("Cela a duré une heure.", "It took two hours.", "fr"),
        ("Duró una hora.", "It took two hours.", "es"),
        ("Duró un mes.", "Duró dos meses.", "es"),
        ("It took one week.", "It took two weeks.", "en"),
    ],
)
def test_what_words_say_is_held_back_where_the_source_says_otherwise(sentence, quote, language):
    assert _verdict(sentence, quote, language) in (PARTIAL, UNSUPPORTED)
