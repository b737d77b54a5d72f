"""A sentence is supported only where its numbers, months and shares stand in the source by value: what is reckoned does not."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims import claims_of
from agent.evidence import Evidence, Source, Span
from agent.facts import absent, strange_number
from agent.judge import judged
from agent.lettered import strange_letters
from agent.models import Reply, Usage
from agent.rules import by_rules
from agent.verdicts import PARTIAL, SUPPORTED, UNKNOWN, UNSUPPORTED, Checked


class Believer:
    """Says of every sentence that its span supports it."""

    def reply(self, messages, tools):
        return Reply(orjson.dumps({"verdict": "supported", "reason": "it does"}).decode(), usage=Usage(50, 5))


def held(*quotes: str) -> Evidence:
    """s1, s2 and so on are whole texts, each of a source of its own by Ines Arboleda of 2021."""
    evidence = Evidence()
    for i, quote in enumerate(quotes, 1):
        source = Source(f"d{i}", "T", ("Ines Arboleda",), "", "2021-03-05", "", "paper", "", 0.0, f"x{i}", "g")
        evidence.learn([source], [Span(f"s{i}", f"d{i}", f"x{i}", 0, len(quote), quote)])
    return evidence


def believed(sentence: str, *quotes: str, language: str = "en") -> Checked:
    """What becomes of a sentence whose judge believes everything."""
    cited = ", ".join(f"s{i}" for i in range(1, len(quotes) + 1))
    [claim] = claims_of(f"{sentence.rstrip('.')} [[{cited}]].")
    [checked], _ = judged([claim], held(*quotes), language, Believer(), "judge", {})
    return checked


REASONS = {
    "en": "at best it can be reckoned",
    "de": "höchstens errechnen",
    "fr": "au mieux cela se calcule",
    "es": "a lo sumo se puede calcular",
    "zh": "至多可以推算得出",
}


@pytest.mark.parametrize(
    ("sentence", "quote", "value"),
    [
        ("In all five patients died.", "Three patients died in 2019. Two patients died in 2020.", "five"),
        ("In all 47 died.", "12 died in May, 15 in June and 20 in July.", "47"),
        ("It rose by 15 points.", "It rose from 20 to 35 %.", "15"),
        ("Of them 25 % died.", "Of 48 patients 12 died.", "25"),
        ("It fell by 20 %.", "It went from 50 to 40 mg.", "20"),
        ("It was 3.0 times as many.", "There were 30 of the one and 10 of the other.", "3.0"),
        ("Only 3 % lived.", "Of them 97 % died.", "3"),
        ("It reached 27.4 BLEU.", "It reached 27.38 BLEU.", "27.4"),
        ("A third, or 33 %, of them died.", "A third of them died.", "33"),
        ("It began in the 1990s.", "It began in 1995.", "1990"),
        ("More than 100 patients died.", "Of them 112 patients died.", "100"),
        ("At least two patients died.", "Three patients died.", "two"),
        ("Not three patients died but five.", "Five patients died.", "three"),
        ("It holds at p < 0.05.", "It holds at p = 0.03.", "0.05"),
        ("It is about 3.1 miles.", "It is 5 km.", "3.1"),
        ("It ran on two datasets.", "It ran on SQuAD, TriviaQA and NQ.", "two"),
        ("A two-stage pipeline is used.", "A pipeline of many stages is used.", "two"),
        ("One patient died.", "Of all 5 patients, some died.", "One"),
        ("Half of them died.", "A third of them died.", "Half"),
        ("Two thirds of them died.", "A third of them died, not two.", "Two thirds"),
        ("It was in August that they died.", "They died in June.", "August"),
        ("The F1 is good.", "The F2 is good.", "F1"),
        ("It uses word2vec.", "It uses word3vec, or 2 vectors.", "word2vec"),
        ("It began at 12:30.", "It began at 30 past, in all 12 towns.", "12:30"),
        ("The ratio is 3.5.", "The ratio is 3 of 5.", "3.5"),
        ("They say 5 of 3,000.", "They say 5 of 3, and 000.", "3,000"),
    ],
)
def test_a_value_that_stands_in_no_cited_span_is_at_most_partial_whatever_the_judge_says(sentence, quote, value):
    checked = believed(sentence, quote)
    assert checked.verdict in (PARTIAL, UNSUPPORTED)
    assert checked.reason.startswith(value), checked.reason


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("Es stieg um 15 Punkte.", "It rose from 20 to 35 points.", "de"),
        ("Le taux a monté de 15 points.", "It rose from 20 to 35 points.", "fr"),
        ("La tasa subió 15 puntos.", "It rose from 20 to 35 points.", "es"),
        ("上升了15分。", "It rose from 20 to 35 points.", "zh"),
    ],
)
def test_the_reason_names_the_value_in_the_askers_language(sentence, quote, language):
    checked = believed(sentence, quote, language=language)
    assert (checked.verdict, checked.by) == (PARTIAL, "judge")
    assert checked.reason.startswith("15 ")
    assert checked.reason.endswith(REASONS[language])


@pytest.mark.parametrize(
    ("sentence", "quote", "language"),
    [
        ("It was safe in 12 thousand homes.", "It was safe in 12,000 homes.", "en"),
        ("It was safe in 12k homes.", "It was safe in twelve thousand homes (12 000).", "en"),
        ("It was safe in 12.000 Häusern.", "It was safe in 12 thousand homes.", "de"),
        ("It costs 3 million.", "It costs between 2 and 3 million.", "en"),
        ("A share of 50 % is safe.", "A share of 0.5 is safe.", "en"),
        ("A share of 0.5 is safe.", "A share of 50 % is safe.", "en"),
        ("Half of them are safe.", "Of them 50 % are safe.", "en"),
        ("Of them 50 % are safe.", "Half of them are safe.", "en"),
        ("Of them 60 % are safe.", "Three of five are safe.", "en"),
        ("Two thirds of them are safe.", "Of them 2/3 are safe.", "en"),
        ("Zwei Drittel der Proben sind sicher.", "Of them 2/3 are safe.", "de"),
        ("It weighs 5 kg.", "It weighs 5000 g.", "en"),
        ("It takes 2 minutes.", "It takes 120 seconds.", "en"),
        ("It takes 2.5 hours.", "It takes two and a half hours.", "en"),
        ("It began in März 2019.", "It began in March 2019.", "de"),
        ("It began in March 2019.", "It began in 2019-03.", "en"),
        ("Es begann am 3. März 2019.", "It began on 3.3.2019.", "de"),
        ("It began on 3.4.2019.", "It began on 4 March 2019.", "en"),
        ("It began in the 90s.", "It began in the 1990s.", "en"),
        ("The war of 1939 to 1945 was long.", "The war of 1939-45 was long.", "en"),
        ("It was tried on CoNLL-2003.", "It was tried on CoNLL 2003.", "en"),
        ("It was tried on CoNLL 2003.", "It was tried on CoNLL2003.", "en"),
        ("It was tried on WMT14.", "It was tried on WMT-14.", "en"),
        ("Both of the two methods help.", "A pair of methods helps.", "en"),
        ("The second of two systems won.", "The 2nd of two systems won.", "en"),
        ("A three-stage pipeline is used.", "A pipeline of 3 stages is used.", "en"),
        ("It began at 2:30.", "It began at 14:30.", "en"),
        ("One of the systems won.", "The best system won.", "en"),
        ("One minute is enough.", "It takes 1 minute.", "en"),
        ("It fell by 5 points.", "The change was -5 points.", "en"),
        ("两名患者死亡。", "Two patients died.", "zh"),
        ("It is 10^9 large.", "It is 10⁹ large.", "en"),
        ("In 1,234.56 cases it helps.", "Es hilft in 1.234,56 Fällen.", "en"),
        ("Says Arboleda in 2021.", "It helps.", "en"),
        ("In March 2021 it helped.", "It helps.", "en"),
        ("It helps (1) the old and (2) the young.", "It helps the old and the young.", "en"),
        ("It helps, see Table 4.", "It helps.", "en"),
    ],
)
def test_a_value_in_another_spelling_stands_there_and_may_be_supported(sentence, quote, language):
    checked = believed(sentence, quote, language=language)
    assert checked.verdict == SUPPORTED, checked.reason


@pytest.mark.parametrize(
    "sentence", ["Two of the sources call it safe.", "Both of the 2 studies call it safe.", "Two papers agree."]
)
def test_a_count_of_the_sources_that_the_sentence_cites_is_its_own(sentence):
    quotes = "Boiling makes it safe.", "Water is safe when it was boiled."
    assert believed(sentence, *quotes).verdict == SUPPORTED
    assert believed(sentence, quotes[0]).verdict != SUPPORTED


def test_one_paper_is_the_cited_one():
    quote = "Of all 12 papers, 3 papers call it safe."
    assert believed("One paper calls it safe.", quote).verdict == SUPPORTED
    assert believed("One paper calls it safe.", quote, quote).verdict == PARTIAL


def test_the_cap_holds_without_a_judge_and_for_a_verdict_given_before():
    [claim] = claims_of("It rose by 15 points [[s1]].")
    evidence = held("It rose from 20 to 35 points.")
    assert by_rules(claim, evidence, "en").verdict == PARTIAL
    before = Checked(claim.text, claim.spans, SUPPORTED, "it does", "judge")
    [checked], _ = judged([claim], evidence, "en", None, "judge", {(claim.text, claim.spans): before})
    assert checked.verdict == PARTIAL


def test_a_quotation_does_not_carry_a_number_beside_it():
    quote = "It rose from 20 to 35 points."
    assert believed("Arboleda: “It rose from 20 to 35 points.”", quote).verdict == SUPPORTED
    assert believed("According to Arboleda (15): “It rose from 20 to 35 points.”", quote).verdict == PARTIAL


def test_a_number_and_a_name_that_stand_nowhere_are_named_together():
    checked = believed("It rose by 15 points in Zurich.", "It rose from 20 to 35 points.")
    assert (checked.verdict, checked.reason) == (PARTIAL, "15, Zurich does not stand in the span")


def test_what_nobody_judged_and_stands_there_stays_unknown():
    [claim] = claims_of("It came to 35 points [[s1]].")
    assert by_rules(claim, held("It rose from 20 to 35 points."), "en").verdict == UNKNOWN


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["en", "de", "fr", "es", "zh"]))
def test_a_text_holds_all_that_it_says_itself_whatever_it_is(text, language):
    assert absent(text, text, language) == []


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="5-–−+ ./:aB1FOct%()six half\n", max_size=40), st.sampled_from(["en", "de", "fr", "es", "zh"]))
def test_a_text_of_signs_and_numbers_holds_itself(text, language):
    assert absent(text, text, language) == []


@settings(deadline=None)
@given(st.integers(10, 10**7), st.integers(1, 99))
def test_a_sum_of_two_numbers_of_the_source_does_not_stand_there(one, other):
    assert absent(f"In all {one + other} died.", f"Of the one {one} died, and {other} of the other.") == [str(one + other)]
    assert absent(f"In all {one:,} died.", f"Of the one {one} died, and {other} of the other.") == []


@pytest.mark.parametrize(
    ("sentence", "about", "language", "missing"),
    [
        ("Three hundred patients died.", "200 patients died; 3 lived.", "en", ["Three hundred"]),
        ("A hundred patients died.", "10 patients died.", "en", ["A hundred"]),
        ("Zweihundert Menschen starben.", "2 und 100", "de", ["Zweihundert"]),
        ("Dreihundertfünfundzwanzig Menschen starben.", "352", "de", ["Dreihundertfünfundzwanzig"]),
        ("Trois cents malades sont morts.", "trois malades de cent", "fr", ["Trois cents"]),
        ("Doscientos enfermos murieron.", "dos de cien", "es", ["Doscientos"]),
        ("三百人死亡。", "二百人死亡。", "zh", ["三百"]),
        ("Three patients died.", "Three hundred patients died.", "en", ["Three"]),
        ("Two thousand nineteen was bad.", "2018 was bad.", "en", ["Two thousand nineteen"]),
    ],
)
def test_a_number_from_a_hundred_on_in_words_that_the_source_does_not_hold_is_absent(sentence, about, language, missing):
    assert absent(sentence, about, language) == missing


@pytest.mark.parametrize(
    ("sentence", "about", "language"),
    [
        ("Three hundred and twenty-five thousand", "325,000", "en"),
        ("325,000", "three hundred and twenty-five thousand", "en"),
        ("one hundred and twenty patients", "120 patients", "en"),
        ("nineteen hundred", "1900", "en"),
        ("dreihundertfünfundzwanzigtausend", "325 000", "de"),
        ("hundertdreißig", "130", "de"),
        ("trois cent quatre-vingt-dix-sept", "397", "fr"),
        ("mille neuf cent quatre-vingt-quinze", "1995", "fr"),
        ("trescientos veinticinco mil", "325.000", "es"),
        ("ciento treinta y cinco", "135", "es"),
        ("doscientos", "zweihundert", "es"),
        ("三百", "three hundred", "zh"),
        ("a few hundred, and hundreds of them", "many", "en"),
        ("50 per cent", "50 %", "en"),
        ("cinquante pour cent", "50 %", "fr"),
        ("cinco por ciento", "5 %", "es"),
    ],
)
def test_a_number_from_a_hundred_on_in_words_is_the_same_in_digits_and_in_other_languages(sentence, about, language):
    assert absent(sentence, about, language) == []
    assert strange_number(sentence, about, language) == ""


@settings(deadline=None)
@given(st.integers(100, 10**6 - 1))
def test_every_english_number_in_words_is_the_one_in_digits(value):
    def small(n: int) -> str:
        tens, ones = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], _BELOW
        return ones[n] if n < 20 else tens[n // 10] + (f"-{ones[n % 10]}" if n % 10 else "")

    def below_thousand(n: int) -> str:
        return " ".join(([f"{small(n // 100)} hundred"] if n >= 100 else []) + ([small(n % 100)] if n % 100 else []))

    said = " ".join(
        ([f"{below_thousand(value // 1000)} thousand"] if value >= 1000 else []) + [below_thousand(value % 1000)]
    ).strip()
    assert absent(said, f"{value:,}") == []
    assert absent(f"In {value}", f"In {said} of them") == []
    assert absent(said, f"{value + 1:,}") == [said]


_BELOW = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]


@pytest.mark.parametrize(
    ("sentence", "about", "verdict"),
    [
        ("It began on 2024-03-05.", "It began on 2024-05-03.", UNSUPPORTED),
        ("It began on 5 March 2024.", "It began on 2024-05-03.", UNSUPPORTED),
        ("It began on 5 March 2019.", "It began on 3 March 2019, and 5 died.", PARTIAL),
        ("It began on 5 March 2019.", "It began on 5 May 2019, after March.", PARTIAL),
        ("It began on 5 March 2019.", "It began on 5 March 2018, and ended in 2019.", PARTIAL),
        ("It began in March 2019.", "It began in March 2018 and ended in May 2019.", PARTIAL),
        ("It began on 4 March 2019.", "It ran from 3 to 5 March 2019, with 4 breaks.", PARTIAL),
        ("It ran from 3 to 7 March 2019.", "It ran from 3 to 5 March 2019, with 7 breaks.", PARTIAL),
        ("It began on 2019年5月3日.", "It began on 5 March 2019, May 2018.", UNSUPPORTED),
        ("It began on 5 March 2019.", "It began on March 5th, 2019.", SUPPORTED),
        ("It began on 5 March.", "It began on 2019-03-05.", SUPPORTED),
        ("It began on 2019-03-05.", "It began on 5.3.2019.", SUPPORTED),
        ("It began on 05/03/2019.", "It began on 5 March 2019.", SUPPORTED),
        ("It began on 05/03/2019.", "It began on May 3, 2019.", SUPPORTED),
        ("It began on 5 March 2019.", "In 2019 it began on 5 March.", SUPPORTED),
        ("It began on 3 March 2019.", "It ran from 3 to 5 March 2019.", SUPPORTED),
        ("It ran from 3 to 5 March 2019.", "It ran 3-5 March 2019.", SUPPORTED),
        ("It began in March 2019.", "It began on 5 March 2019.", SUPPORTED),
        ("It began on the 5th.", "It began on 5 March 2019.", SUPPORTED),
        ("It began on le 5 mars 2019.", "2019年3月5日", SUPPORTED),
        ("It began on 5 de marzo de 2019.", "5. März 2019", SUPPORTED),
    ],
)
def test_a_date_holds_together(sentence, about, verdict):
    assert believed(sentence, about).verdict == verdict, believed(sentence, about).reason


@pytest.mark.parametrize(
    ("sentence", "about", "verdict"),
    [
        ("It weighs 5 kg.", "It weighs 5 g.", UNSUPPORTED),
        ("It is 5 km away.", "It is 5 miles away.", UNSUPPORTED),
        ("It takes 5 minutes.", "It takes 5 hours.", UNSUPPORTED),
        ("It takes five minutes.", "It takes five hours.", PARTIAL),
        ("It rose by 5 %.", "It rose by 5 points.", PARTIAL),
        ("It rose by 5 points.", "It rose by 5 %.", PARTIAL),
        ("It costs $5.", "It costs €5.", PARTIAL),
        ("It costs 5 dollars.", "It costs 5 euros.", PARTIAL),
        ("It costs 5 million dollars.", "It costs 5 million euros.", PARTIAL),
        ("It is 5 °C.", "It is 5 °F.", PARTIAL),
        ("It weighs 5 kg.", "It takes 5 hours.", PARTIAL),
        ("It weighs 5 kg.", "It weighs 5 kilograms.", SUPPORTED),
        ("It weighs 5 kg.", "Its weight (kg) is 5.", SUPPORTED),
        ("It weighs 5 kg.", "It weighs 5 to 10 kg.", SUPPORTED),
        ("It weighs 5 kg.", "It weighs 5 g, or 5 kg with its bottle.", SUPPORTED),
        ("It weighs 5 kg.", "It weighs 5,000 g; 5 hours pass.", SUPPORTED),
        ("It rose by 5 points.", "It rose by 5 percentage points.", SUPPORTED),
        ("It rose by 5 %.", "It rose by five percent.", SUPPORTED),
        ("It reached 97 %.", "It reached an accuracy of 97.", SUPPORTED),
        ("It reached 97 accuracy.", "It reached 97 %.", SUPPORTED),
        ("It costs 5 dollars.", "It costs $5.", SUPPORTED),
        ("It costs 5M dollars.", "It costs USD 5 million.", SUPPORTED),
        ("It costs £5.", "It costs 5 pounds.", SUPPORTED),
        ("It began in the 1990s.", "It began in the years after 1990.", SUPPORTED),
    ],
)
def test_a_number_of_another_unit_does_not_stand_there(sentence, about, verdict):
    assert believed(sentence, about).verdict == verdict, believed(sentence, about).reason


@pytest.mark.parametrize(
    ("sentence", "other", "own", "language"),
    [
        ("It was tried in 3 towns.", "It was tried in 3,000 towns.", "They tried it in 3 towns.", "en"),
        ("There are 5 people.", "There are 5,000 people.", "Here there are 5 people.", "en"),
        ("It consists of 7 annotated sentences.", "It has 7,919 annotated sentences.", "It has 7 annotated sentences.", "en"),
        ("Es stieg um 3 Prozent.", "Es stieg um 3,5 Prozent.", "Der Wert stieg um 3 %.", "de"),
        ("It has 3B parameters.", "It has 3M parameters.", "It has 3 billion parameters.", "en"),
        ("It uses the T5.", "It uses the mT5.", "It uses T5s.", "en"),
        ("It was tried on CoNLL 2003.", "It was tried on CoNLL20031.", "It was tried on CoNLL2003.", "en"),
        ("In all 12 patients died.", "In all 12 000 patients died.", "All the 12 patients died.", "en"),
        ("There are 12 people.", "There are 12 345 people.", "There they are, 12 people.", "en"),
        ("In all 1 200 patients died.", "Of the patients 1 in 200 died.", "There 1,200 patients died.", "en"),
        ("It takes 2 minutes.", "It takes 2½ minutes.", "It takes up 2 minutes.", "en"),
        ("The number of deaths was 5.", "Many died.", "Deaths: 5.", "en"),
        ("The number of deaths was 5.", "Many died on 5 May 2019.", "Deaths: 5.", "en"),
        ("The 5th patient died.", "Many died on 5 May 2019.", "It was the 5th patient who died.", "en"),
        ("Of them 12 % died.", "Of them 12 patients died.", "It was 12 % of them.", "en"),
        ("Of them 12 patients died.", "Of them 12 % died.", "Then 12 of the patients died.", "en"),
        ("It grew by 300 %.", "It grew in 3 towns.", "It grew 300 % in all.", "en"),
        ("In all 2 patients died.", "Mortality rose by 200 %.", "Then 2 patients died.", "en"),
        ("In all 1 patient died.", "Of the patients 100 % died.", "Then 1 patient died.", "en"),
        ("In all 600 of 1000 patients died.", "Of the patients 60 % died.", "Then 600 of the 1000 patients died.", "en"),
        ("In all 300/500 patients died.", "Of the patients 60 % died.", "Then 300 of 500 patients died.", "en"),
        ("In all 11 patients died.", "It was done once and the patients died.", "Then eleven patients died.", "en"),
        ("En total murieron 11 enfermos.", "Se hizo una vez y los 12 murieron.", "Los once enfermos de la casa murieron.", "es"),
        ("In all 2 patients died.", "It reads a page per second and patients died.", "Both patients died.", "en"),
        ("In all 3 patients died.", "A third of the patients died.", "Then three patients died.", "en"),
        ("In all 6 patients died.", "A dozen patients died.", "Half a dozen patients died.", "en"),
        ("In all 10 patients died.", "The patients had an X-ray and died.", "Then ten patients died.", "en"),
        ("In all 50 patients died.", "The L-shaped room was closed.", "Then fifty patients died.", "en"),
        ("In all 7 patients died.", "The patients died in Sept 2019.", "Sept malades de la ville sont morts.", "en"),
        ("Twenty of them died.", "Twenty-five of them died.", "Of them 20 died.", "en"),
        ("A dozen patients died.", "Twenty patients died.", "Then 12 patients died.", "en"),
        ("In all 30 patients died.", "The 30th patient died.", "Then thirty patients died.", "en"),
        ("It failed in May.", "It may fail in June.", "In May it failed.", "en"),
    ],
)
def test_a_part_of_another_number_or_a_word_that_is_none_does_not_stand_for_it(sentence, other, own, language):
    assert believed(sentence, other, language=language).verdict in (PARTIAL, UNSUPPORTED)
    assert believed(sentence, own, language=language).verdict == SUPPORTED, believed(sentence, own, language=language).reason


KNOWN = "We thank those in Zurich, and in Paris, and the ones at Google."
"""Another source of the run: what it writes large within a sentence is a name."""


@pytest.mark.parametrize(
    ("sentence", "other", "own", "language"),
    [
        ("The best model is BERT.", "The best model is RoBERTa.", "BERT is the best model.", "en"),
        ("The model mBERT helps.", "The model XLM helps.", "It is mBERT that helps.", "en"),
        ("It is written in Java.", "It is written in JavaScript.", "Java was used.", "en"),
        ("It was found in Oman.", "It was found in a woman.", "Oman is where it was found.", "en"),
        ("It was built by the US.", "It was built by the Russians because of a need.", "The US built it.", "en"),
        ("The WHO says it is safe.", "It was held openly that it is safe.", "The World Health Organization calls it safe.", "en"),
        ("It uses BERT-based models.", "It uses RoBERTa-based models.", "It uses models based on BERT.", "en"),
        ("The LLMs help.", "The VLLMs help.", "An LLM helps.", "en"),
        ("The patient lacks vitamin C.", "The patient lacks vitamin D.", "The patient lacks vitamins A, B and C.", "en"),
        ("The phase II trial failed.", "The phase I trial failed.", "Of phases I and II the trials failed.", "en"),
        ("The phase I trial failed.", "The phase II trial failed.", "The Phase 1 trial failed.", "en"),
        ("It was built in World War II.", "It was built in World War I.", "In World War II it was built.", "en"),
        ("It is written in C.", "It is written in D.", "It is written in Python and C.", "en"),
        ("Zurich had cases.", "Geneva had cases.", "There were cases in Zurich.", "en"),
        ("Google trained its system.", "They trained their system.", "The system was trained by Google.", "en"),
        ("Paris compte des cas.", "Lyon compte des cas.", "Des cas se trouvent à Paris.", "fr"),
        ("Smith et al. found that it helps.", "Jones et al. found that it helps.", "Smith found that it helps.", "en"),
        ("Smith (2021) found that it helps.", "Jones (2021) found that it helps.", "Smith found in 2021 that it helps.", "en"),
        (
            "It was found by Dr. Smith that it helps.",
            "It was found by Dr. Jones that it helps.",
            "Smith found that it helps.",
            "en",
        ),
        (
            "It was found by J. Smith that it helps.",
            "It was found by A. Jones that it helps.",
            "John Smith found that it helps.",
            "en",
        ),
        ("It was found by Wu that it helps.", "It was found by Li that it helps.", "Wu found that it helps.", "en"),
        ("In all __50__ patients died.", "In all 12 patients died.", "Then 50 patients died.", "en"),
        ("The patients died in _Zurich_.", "The patients died in Geneva.", "In Zurich they died.", "en"),
        ("It was __0.9__ in all.", "It was 0.801 in all.", "It was .9 then.", "en"),
        ("In all ca.50 patients died.", "In all 12 patients died.", "Then ca. 50 patients died.", "en"),
    ],
)
def test_a_name_stands_only_as_a_word_of_its_own_wherever_it_is_in_the_sentence(sentence, other, own, language):
    def verdict(quote: str) -> str:
        [claim] = claims_of(f"{sentence.rstrip('.')} [[s1]].")
        [checked], _ = judged([claim], held(quote, KNOWN), language, Believer(), "judge", {})
        return checked.verdict

    assert verdict(other) in (PARTIAL, UNSUPPORTED)
    assert verdict(own) == SUPPORTED


@pytest.mark.parametrize("sentence", ["So I think that I help.", "This is an X-ray.", "Dr. Arboleda thanks A. B. of the house."])
def test_a_letter_that_names_nothing_is_not_looked_for(sentence):
    assert strange_letters(sentence, "") == []


@pytest.mark.parametrize(
    ("sentence", "other", "own", "language"),
    [
        ("It is taken twice a day.", "It is taken once a day.", "It is taken two times a day.", "en"),
        ("It is taken once a day.", "It is taken twice a day.", "Once per day it is taken.", "en"),
        ("It brings a tenfold increase.", "It brings a twofold increase.", "It brings 10 times as much.", "en"),
        ("It is 10 times as much.", "It is ten of those.", "A tenfold increase is what it is.", "en"),
        ("Mortality tripled.", "Mortality doubled.", "Then mortality tripled.", "en"),
        ("Mortality doubled.", "Mortality tripled.", "Mortality rose by a factor of two.", "en"),
        ("The third trial failed.", "The second trial failed.", "The 3rd trial failed.", "en"),
        ("The 3rd trial failed.", "The 2nd trial failed, 3 did not.", "The third trial failed.", "en"),
        ("It is the third-largest city.", "It is the second-largest city.", "A city, the third-largest one.", "en"),
        ("It began in the nineteenth century.", "It began in the twentieth century.", "In the 19th century it began.", "en"),
        ("It began in the 21st century.", "It began in the 20th century.", "In the twenty-first century it began.", "en"),
        (
            "It fell in the third quarter of 2019.",
            "It fell in the second quarter of 2019.",
            "It fell in the 3rd quarter (2019).",
            "en",
        ),
        ("Zero patients died.", "12 patients died.", "Of the patients 0 died.", "en"),
        ("More than half died.", "A third died.", "Then more than half died.", "en"),
        ("About a third died.", "About half died.", "Then 1/3 died.", "en"),
        ("Die Hälfte starb.", "Ein Drittel starb.", "Von ihnen starben 50 %.", "de"),
        ("Es war eine dreijährige Studie.", "Es war eine fünfjährige Studie.", "The study took 3 years.", "de"),
        ("Er nimmt es dreimal am Tag.", "Er nimmt es zweimal am Tag.", "He takes it three times a day.", "de"),
        ("Der dritte Versuch scheiterte.", "Der zweite Versuch scheiterte.", "The third trial failed.", "de"),
        ("La troisième étude échoue.", "La deuxième étude échoue.", "The third study failed.", "fr"),
        ("El tercer estudio falla.", "El segundo estudio falla.", "The third study failed.", "es"),
        ("Ils sont morts en août.", "Ils sont morts en juin.", "They died in August.", "fr"),
        ("Murieron en agosto.", "Murieron en junio.", "They died in August.", "es"),
        ("发生三起事故。", "发生五起事故。", "那里发生三起事故。", "zh"),
        ("增长了三倍。", "增长了五倍。", "It grew three times.", "zh"),
        ("这是第三次试验。", "这是第二次试验。", "It is the third trial.", "zh"),
    ],
)
def test_how_many_times_and_which_one_in_a_row_are_checked_as_numbers_are(sentence, other, own, language):
    assert believed(sentence, other, language=language).verdict in (PARTIAL, UNSUPPORTED)
    assert believed(sentence, own, language=language).verdict == SUPPORTED, believed(sentence, own, language=language).reason


@pytest.mark.parametrize(
    "sentence",
    [
        "It reads a page per second.",
        "A second trial followed.",
        "A third of them lived on.",
        "First, it helps.",
        "Once it helped, it helped all.",
        "A zero-shot model helps.",
        "It may help.",
    ],
)
def test_words_that_may_be_no_rank_are_not_looked_for(sentence):
    assert believed(sentence, "It helps all of them, a third of whom lived on.").verdict == SUPPORTED
