"""Only a whole sentence of a span stands word for word: a clause cut out of one may say the opposite."""

from __future__ import annotations

import pytest

from agent.claims import Claim
from agent.evidence import Evidence, Source, Span
from agent.rules import by_rules
from agent.verdicts import SUPPORTED, UNKNOWN
from agent.whole import parts


def seen(text: str, start: int = 0, end: int | None = None, at_hand: bool = True) -> Evidence:
    """Span s1 is ``[start, end)`` of a text, which is at hand or not."""
    evidence = Evidence(lambda _: text if at_hand else None)
    source = Source("d", "", (), "", "", "", "paper", "", 0.0, "x", "g")
    evidence.learn([source], [Span("s1", "d", "x", start, end or len(text), text[start:end])])
    return evidence


def verdicts(sentence: str, evidence: Evidence) -> list[str]:
    """Of the sentence, and of the same in quotation marks."""
    return [by_rules(Claim(0, 1, said, ("s1",)), evidence, "en").verdict for said in (sentence, f"“{sentence}”")]


LONG = "There is no " + "very good and sound " * 40 + "evidence that Vaccines cause autism in children."


@pytest.mark.parametrize(
    ("sentence", "span"),
    [
        ("Vaccines cause autism.", "There is no credible evidence at all that\nvaccines cause autism."),
        ("Vaccines cause autism.", "There is no credible evidence at all that\nVaccines cause autism."),
        ("Vaccines cause autism.", "There is no credible evidence at all that\n\nVaccines cause autism."),
        ("Vaccines cause autism.", "All of these are false:\n\nVaccines cause autism."),
        ("Vaccines cause autism.", "All of these are false: 1. Vaccines cause autism. 2. Water is dry."),
        ("Vaccines cause autism.", "He was told that... Vaccines cause autism."),
        ("Vaccines cause autism.", "It is a lie that\n\tVaccines cause autism."),
        ("Vaccines cause autism.", "Vaccines cause autism\nonly in the minds of some."),
        ("Vaccines cause autism.", "Vaccines cause autism ...\nif you believe a fraud."),
        ("Vaccines cause autism.", 'A swindler wrote: "Doctors lie. Vaccines cause autism. They know it."'),
        ("Vaccines cause autism.", "Ein Betrüger schrieb: „Ärzte lügen. Vaccines cause autism. Sie wissen es.“"),
        (
            "Aspirin is effective against cancer.",
            "In twelve trials we could not confirm that\naspirin is effective against cancer.",
        ),
        ("Aspirin wirkt gegen Krebs.", "Es ist falsch, dass Ibuprofen bzw. Aspirin wirkt gegen Krebs."),
        ("Aspirin wirkt gegen Krebs.", "Es ist falsch, dass z. B. Aspirin wirkt gegen Krebs."),
        ("Aspirin wirkt gegen Krebs.", "Es ist falsch, d. h. Aspirin wirkt gegen Krebs."),
        ("Vaccines cause autism.", "Il est faux que, p. ex. Vaccines cause autism."),
        ("12 patients died.", "There was no death before Sept. 12 patients died."),
        ("疫苗导致自闭症的说法成立。", "没有任何证据表明\n疫苗导致自闭症的说法成立。"),
        (LONG[LONG.index("Vaccines") :], LONG),
        (LONG[LONG.rindex("good", 0, 790) :], LONG),
    ],
)
def test_a_clause_cut_out_of_a_sentence_is_not_supported_by_rule(sentence, span):
    assert SUPPORTED not in verdicts(sentence, seen(span))


@pytest.mark.parametrize(
    ("sentence", "span"),
    [
        ("Vaccines do not cause autism.", "We looked. Vaccines do not cause autism. It is well."),
        ("Vaccines do not cause autism.", "Findings\n\nVaccines do not cause autism.\nIt is well."),
        ("Vaccines do not cause autism.", "## Findings\nVaccines do not cause autism."),
        ("Vaccines do not cause autism.", 'He said "stop." Vaccines do not cause autism.'),
        ("Vaccines do not cause autism.", "Is it so? Vaccines do not cause autism."),
        ("疫苗不会导致自闭症的发生。", "我们查过了。疫苗不会导致自闭症的发生。很好。"),
        ("疫苗不会导致自闭症的发生。", "疫苗不会导致自闭症的发生。"),
    ],
)
def test_a_whole_sentence_is(sentence, span):
    assert verdicts(sentence, seen(span)) == [SUPPORTED, SUPPORTED]


@pytest.mark.parametrize(
    ("before", "behind", "expected"),
    [
        ("There is no evidence that ", " It is well.", UNKNOWN),
        ("There is no evidence that\n", "", UNKNOWN),
        ("As was found by Arboleda et al. ", "", UNKNOWN),
        ("It is 3.", " It is well.", UNKNOWN),
        ("We looked. ", " It is well.", SUPPORTED),
        ("We looked.\n\n", "", SUPPORTED),
        ("Findings\n\n", "\n\nMore", SUPPORTED),
        ("", "", SUPPORTED),
    ],
)
def test_a_span_that_is_one_is_held_against_the_text_around_it(before, behind, expected):
    said = "Vaccines cause autism."
    text = before + said + behind
    evidence = seen(text, len(before), len(before) + len(said))
    assert verdicts(said, evidence) == [expected, expected]


def test_a_span_whose_text_is_not_at_hand_may_begin_and_end_within_a_sentence():
    text = "It is a lie that Vaccines cause autism in mice. Doctors lie. Nobody said that"
    evidence = seen(text, text.index("Vaccines"), at_hand=False)
    assert [(p.begins, p.ends) for p in parts(evidence.spans["s1"], evidence)] == [(False, True), (True, True), (True, False)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("According to Ana Ruiz, “Seven patients died in the trial.”", SUPPORTED),
        ("Ruiz (2019) reports “Seven patients died in the trial.”", SUPPORTED),
        ("“Seven patients died in the trial.”", SUPPORTED),
        ("“Seven patients died in the trial,” says Ruiz.", SUPPORTED),
        ("“Seven patients died in the trial,” says Quist.", UNKNOWN),
        ("False: “Seven patients died in the trial.”", UNKNOWN),
        ("According to Ben Quist, “Seven patients died in the trial.”", UNKNOWN),
        ("Quist (2021) reports “Seven patients died in the trial.”", UNKNOWN),
        ("Ruiz and Quist report “Seven patients died in the trial.”", UNKNOWN),
        ("A trial of the second drug: “Seven patients died in the trial.”", UNKNOWN),
        ("Quist says “Seven patients died in the trial.” and Ruiz “Nobody died in the second trial.”", UNKNOWN),
    ],
)
def test_a_quotation_is_of_the_source_that_has_it_and_of_no_other_that_is_cited(sentence, expected):
    evidence = Evidence()
    quotes = {
        "s1": ("Ana Ruiz", "2019", "A first trial", "Seven patients died in the trial."),
        "s2": ("Ben Quist", "2021", "A trial of the second drug", "Nobody died in the second trial."),
    }
    for name, (author, year, title, quote) in quotes.items():
        source = Source(name, title, (author,), "False", year, "", "paper", "", 0.0, name, "g")
        evidence.learn([source], [Span(name, name, name, 0, len(quote), quote)])
    assert by_rules(Claim(0, 1, sentence, ("s1", "s2")), evidence, "en").verdict == expected


@pytest.mark.parametrize("sentence", ["It was “effective in most patients.”", "“Effective in most patients,” he said."])
def test_the_stop_that_english_sets_within_quotation_marks_is_no_part_of_the_quotation(sentence):
    assert by_rules(Claim(0, 1, sentence, ("s1",)), seen("It was effective in most patients and safe."), "en").verdict == UNKNOWN
