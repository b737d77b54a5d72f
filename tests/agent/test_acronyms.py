"""An acronym that the run's own texts define is as good as what it stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.acronyms import definitions, spelled_out
from agent.verdicts import PARTIAL, UNKNOWN
from tests.agent.seen import verdict


@pytest.mark.parametrize(
    ("text", "acronym", "long"),
    [
        ("Large language models (LLMs) invent sources.", "LLM", "large language models"),
        ("We read deoxyribonucleic acid (DNA) in the wells.", "DNA", "deoxyribonucleic acid"),
        ("by the World Health Organization [WHO], as ever", "WHO", "world health organization"),
        ("It is a long short-term memory (LSTM).", "LSTM", "long short-term memory"),
        ("Both had interleukin-1 (IL-1).", "IL-1", "interleukin-1"),
    ],
)
def test_a_text_defines_an_acronym_in_brackets_behind_its_long_form(text, acronym, long):
    assert definitions(text) == {(acronym, long)}


@pytest.mark.parametrize(
    "text", ["We tried it in Japan (JP).", "of the model. (GPT)", "the wells (n) were dry", "It was cold (WHO).", "(LLM)"]
)
def test_what_does_not_hold_the_letters_is_no_definition(text):
    assert definitions(text) == set()


@given(st.text(alphabet="ab (A)[].B-\n", max_size=80))
def test_every_long_form_stands_before_its_acronym_and_begins_with_its_letter(text):
    for short, long in definitions(text):
        assert long in text.casefold()
        assert long[0] == short[0].casefold()


def test_what_another_source_of_the_run_defines_stands_there_in_either_spelling():
    defines, cited = "Deoxyribonucleic acid (DNA) holds the plan.", "The plan is held by deoxyribonucleic acid."
    assert verdict("All of it is held by DNA in the cell.", cited) == PARTIAL
    assert verdict("All of it is held by DNA in the cell.", cited, defines) == UNKNOWN
    assert verdict("It is Deoxyribonucleic Acid that holds it.", "DNA holds the plan.", defines) == UNKNOWN


def test_words_in_a_row_spell_an_acronym_unless_a_function_word_is_among_them():
    assert verdict("Sources are invented by LLMs all the time.", "A large language model may invent its sources.") == UNKNOWN
    assert verdict("Sources are invented by LLMs all the time.", "A large list of the models.") == PARTIAL
    assert verdict("It came from AI in the end.", "It came from adult individuals.") == PARTIAL


def test_a_sentence_may_name_what_the_span_spells_out_but_not_say_what_its_acronym_means():
    assert verdict("We see reactive oxygen species (ROS) harm cells.", "Cells suffer from reactive oxygen species.") == UNKNOWN
    assert verdict("We see it from the World Horse Organization (WHO).", "This was said by the WHO.") == PARTIAL
    assert (
        verdict("We use example-based machine translation (EXMT).", "They use example-based machine translation (EBMT).")
        == PARTIAL
    )
    assert verdict("It came from WHO in the end.", "It was held openly.") == PARTIAL


def test_an_acronym_within_another_word_is_not_spelled_out():
    assert spelled_out("NERVA flew", {("NER", "named entity recognition")}) == ""
