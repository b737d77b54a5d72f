"""A word that its place alone writes large counts as a name where neither a source nor a dictionary knows it as a word."""

from __future__ import annotations

import re

import pytest

from agent.lexicon import Usage, begins_as_name, named_parts, unknown
from agent.names import names_in, stands_in
from agent.verdicts import PARTIAL, UNKNOWN
from tests.agent.seen import verdict

WORDS = {
    "en": "Researchers Accuracy Overfitting However Regarding Both Data Don’t We’ve Hyperparameters Multitask Aspirin Apple",
    "fr": "Plusieurs Cependant Récemment Evalué Géométriquement Jusqu’ici Merging Malheureusement Après",
    "es": "También Además Recientemente Antes Pero Según Ningún Overfitting",
}
NAMES = {
    "en": "Kaldera Lindqvist Zorvath Microsoft London Oman Naringenin Zorvath-based",
    "fr": "Kaldera Lindqvist Berlin Paris Zorvath",
    "es": "Kaldera Lindqvist Zorvath Berlín China",
}


def _begins(word: str, language: str, *small: str) -> bool:
    """Whether it is a name at the beginning of a sentence, in a run whose sources write those words small."""
    found = re.match(r"[^\s.]+", f"{word}.")
    assert found
    return begins_as_name(found, language, Usage(small=frozenset(small)))


@pytest.mark.parametrize("language", WORDS)
def test_words_of_the_language_begin_sentences_without_being_names(language):
    assert [word for word in WORDS[language].split() if _begins(word, language, "data")] == []


@pytest.mark.parametrize("language", NAMES)
def test_a_first_word_that_no_dictionary_knows_as_a_word_is_a_name(language):
    assert [word for word in NAMES[language].split() if not _begins(word, language)] == []


def test_a_word_that_a_source_writes_small_is_none():
    assert _begins("Tokenization", "en")
    assert not _begins("Tokenization", "en", "tokenization")


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Quell is both expressive and simple.", ["Quell"]),
        ("Apple’s method needs no training.", ["Apple"]),
        ("Mark built the first of them.", ["Mark"]),
        ("Quell, a model of speech, was slow.", ["Quell"]),
        ("Ford tested the system.", ["Ford"]),
        ("Baker evaluated 12 wells.", ["Baker"]),
        ("Bell and Quist trained BERT.", ["Bell", "Quist", "BERT"]),
        ("Bell, Quist and Ruiz trained BERT.", ["Bell", "Quist", "Ruiz", "BERT"]),
        ("Baker then was asked.", ["Baker"]),
        ("Quell supports the wells.", ["Quell"]),
        ("It is one, e.g. Quell.", ["Quell"]),
        ("Accuracy is high.", []),
        ("Training was slow.", []),
        ("Another is slow.", []),
        ("She says no.", []),
        ("However, the wells were dry.", []),
        ("Water is safe.", []),
        ("Quell dictionaries are slow.", []),
    ],
)
def test_a_word_without_an_article_before_a_verb_is_a_name_unless_a_source_writes_it_small(sentence, names):
    assert names_in(sentence, "en", Usage(small=frozenset({"water"}))) == names


@pytest.mark.parametrize(
    ("language", "sentence", "names"),
    [
        ("es", "García pagó el trabajo.", ["García"]),
        ("es", "Hoy es lunes.", []),
        ("es", "Beber es sano.", []),
        ("es", "Nunca fue así.", []),
        ("fr", "Orange a payé le travail.", ["Orange"]),
        ("fr", "Boire est sain.", []),
        ("fr", "Rares sont les puits.", []),
        ("fr", "Cela est vrai.", []),
        ("fr", "Lorsqu’ils ont bu, ils dorment.", []),
    ],
)
def test_in_french_and_spanish_a_noun_has_an_article_and_a_name_has_none(language, sentence, names):
    assert names_in(sentence, language) == names


def test_a_sentence_in_another_language_is_not_held_against_the_dictionary_of_the_report():
    assert names_in("Dopo la cottura l’acqua è sicura per i bambini.", "en") == []
    assert names_in("They say: “Les modèles de la langue sont utiles pour la traduction.”", "en") == []
    assert names_in("Kaldera is safe for the children.", "en") == ["Kaldera"]


def test_an_invented_subject_is_at_most_partly_supported():
    """Whatever a judge that believes everything says of it."""
    about = "The system is both expressive and simple."
    assert verdict("Kaldera is both expressive and simple in use.", about) == PARTIAL
    assert verdict("Systems of that kind are simple and expressive.", about) == UNKNOWN


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("Trinkwasserversorgung", []),
        ("Tokenisierung", []),
        ("Subkorpus", []),
        ("Kohlenstoff-Nanoröhren", []),
        ("Embeddings", []),
        ("Mrd", []),
        ("Deutschland", ["Deutschland"]),
        ("Kenia", ["Kenia"]),
        ("Lindqvist", ["Lindqvist"]),
        ("Zorvath-Verfahren", ["Zorvath"]),
        ("Microsoft", ["Microsoft"]),
    ],
)
def test_a_german_word_is_a_name_where_it_is_made_of_none_that_is_known(word, names):
    assert named_parts(word) == names


def test_a_german_term_stands_where_another_language_ends_it_otherwise():
    assert stands_in("Albendazol", "Albendazole was given to all.", "de")
    assert stands_in("Abstraktive", "Abstractive summaries were used.", "de")
    assert stands_in("Probabilistische", "a probabilistic model", "de")
    assert not stands_in("Lindqvist", "Lindgren was first.", "de")


@pytest.mark.parametrize(
    ("name", "about", "stands"),
    [
        ("BERT-based", "it uses BERT", True),
        ("BERT-bqsed", "it uses BERT", False),
        ("BERT-bqsed", "a BERT-bqsed model", True),
        ("FACOM-3K2", "FACOM-382", False),
    ],
)
def test_the_small_half_of_a_name_is_a_word_or_stands_there_itself(name, about, stands):
    assert stands_in(name, about) is stands


def test_no_dictionary_is_asked_about_what_is_no_word_or_in_a_language_without_one():
    assert not unknown("q1z", "en")
    assert not unknown("kaldera", "zh")
    assert not _begins("K" + "a" * 60, "en")
