"""A name is what is one for certain: a German noun, however large, never counts against a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.claims import claims_of
from agent.evidence import Evidence
from agent.lexicon import Usage
from agent.names import names_in, stands_in, usage_of
from agent.rules import by_rules
from agent.verdicts import PARTIAL, UNKNOWN
from server.client import Document
from tests.agent.seen import verdict

GERMAN = [
    "Das Wasser war nach dem Kochen in den meisten Haushalten sicher",
    "Nach Angaben der Behörde sank die Zahl der Erkrankungen deutlich",
    "Laut Studie reicht eine Minute bei Meereshöhe aus",
    "Drei Liter Wasser je Person und Tag gelten als Vorrat",
    "Abgekochtes Wasser enthält weiterhin Blei, Nitrat und Salz",
    "Bei Kindern, Schwangeren und Kranken raten Ärzte zu Vorsicht",
    "Eine Frau Mitte dreißig trank Wasser aus Plastikflaschen",
    "Am Punkt A. Wasser zu schöpfen, d. h. Liter um Liter, ist z. B. Nomaden vertraut",
    "Filter aus Keramik halten Bakterien zurück, Viren dagegen kaum",
    "Ob Regen oder Schnee: Vorräte an Trinkwasser brauchen Schutz vor Licht",
    "Herren und Damen, Professoren und Laien nutzen Tabletten mit Chlor",
    "Im Jahr der Dürre stieg Bedarf um Bedarf, Ende August fehlte Regen",
]
"""Sentences of common nouns alone."""
FRENCH = [
    "L’eau bouillie reste sûre pendant plusieurs heures dans un récipient couvert",
    "Le chlore agit lentement quand l’eau est trouble ou très froide",
    "Les familles gardent souvent leur eau dans des seaux ouverts",
]
CHINESE = ["煮沸的水在大多数家庭中是安全的", "儿童和孕妇应当饮用煮沸后的水", "氯片在浑浊的水中效果较差"]
PEOPLE = ("Ines Arboleda", "Tomas Veld", "Mara Quell")


@pytest.mark.parametrize(("language", "sentences"), [("de", GERMAN), ("fr", FRENCH), ("zh", CHINESE)])
def test_common_nouns_are_no_names(language, sentences):
    known = usage_of(["We thank Lindqvist of Zurich for the data."], PEOPLE)
    assert {"Lindqvist", "Zurich", "Arboleda", "Quell"} <= known.names
    assert [(s, names_in(f"{s}.", language, known)) for s in sentences if names_in(f"{s}.", language, known)] == []


@given(st.permutations(GERMAN), st.sampled_from([" und ", ", wobei ", "; "]))
def test_german_sentences_put_together_hold_no_name_that_is_a_noun(sentences, joint):
    assert names_in(joint.join(sentences[:3]) + ".", "de", Usage(frozenset({"Quell"}))) == []


@pytest.mark.parametrize(
    ("sentence", "language", "names"),
    [
        ("Laut Lindqvist ist das Wasser sicher.", "de", ["Lindqvist"]),
        ("Das Wasser ist sicher, wie Dr. Holm und Frau Vries fanden.", "de", ["Holm", "Vries"]),
        ("Bekannt ist das seit M. Holm und von Vries et al. her.", "de", ["Holm", "Vries"]),
        ("Die EFSA und die EU-Staaten nutzen BioBERT.", "de", ["EFSA", "EU", "BioBERT"]),
        ("Der Quell, ein Fluss, führt Wasser.", "de", []),
        ("Kohlenstoff-Nanoröhren im Teil III sind teuer.", "de", []),
        ("Selon d’Arboleda, l’eau de Genève est sûre.", "fr", ["Arboleda", "Genève"]),
        ("该方法由Lindqvist在2019年提出，WHO推荐。", "zh", ["Lindqvist", "WHO"]),
        ("It was Lindqvist, says Quell’s group, in March.", "en", ["Lindqvist", "Quell"]),
    ],
)
def test_what_its_place_its_form_or_the_sources_show_is_a_name(sentence, language, names):
    assert names_in(sentence, language, Usage(frozenset({"Lindqvist", "Quell"}))) == names


def test_a_word_that_a_text_writes_small_is_no_name():
    known = usage_of(["The river Wolf is long.", "A wolf was seen near Bern."], ("Ada Wolf",))
    assert "Wolf" not in known.names
    assert {"Ada", "Bern"} <= known.names


@pytest.mark.parametrize(
    ("name", "about", "stands"),
    [
        ("WHO", "the World Health Organization", True),
        ("CDC", "the Centers for Disease Control", True),
        ("EFSA", "the authority of food", False),
        ("Quell", "mara quell", True),
    ],
)
def test_an_acronym_stands_where_it_is_spelled_out(name, about, stands):
    assert stands_in(name, about) is stands


def test_a_source_credited_with_what_another_one_says_is_partly_supported(make_shelf):
    """The commonest slip of a German report on English sources: the right sentence under the wrong name."""
    texts = {"paper:a": ("Ines Arboleda", "Boiled water was safe in most homes."), "paper:b": ("Mara Quell", "Lead stays in it.")}
    shelf = make_shelf([Document(i, "A trial", text, authors=(who,)) for i, (who, text) in texts.items()])
    seen = Evidence()
    for fetched in shelf.fetch(list(texts)):
        seen.admit(fetched)
        seen.span(fetched, 0, len(fetched.document.text))
    told = {"Laut Arboleda war abgekochtes Wasser meist sicher [[s1]].": UNKNOWN, "Das fand auch Quell so [[s1]].": PARTIAL}
    for sentence, expected in told.items():
        [claim] = claims_of(sentence)
        assert by_rules(claim, seen, "de").verdict == expected


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("The authors used spaCy and an iPhone.", ["spaCy", "iPhone"]),
        ("It was shown by Şahin, by Řehůřek and by Đặng.", ["Şahin", "Řehůřek", "Đặng"]),
        ("It was Ｋａｌｄｅｒａ of 𝐑𝐮𝐢𝐳.", ["Kaldera", "Ruiz"]),
        ("The tool 'Zorvath' is d'Alembert's, non-French and pre-Brexit.", ["Zorvath", "Alembert", "French", "Brexit"]),
        ("It was seen in 北京 first.", ["北京"]),
        ("State-of-the-art systems and follow-up work.", []),
        ("They're safe, and that's why.", []),
        ("It was at the Second Workshop in Bern.", ["Workshop", "Bern"]),
    ],
)
def test_names_are_seen_in_every_spelling_and_hyphens_make_none(sentence, names):
    assert names_in(sentence, "en") == names


@pytest.mark.parametrize(
    "sentence", ["Peut-être est-elle sûre.", "Celui-ci est sûr.", "Aujourd’hui il pleut.", "Quelqu’un a bu.", "Au-delà il pleut."]
)
def test_french_words_in_parts_are_no_names(sentence):
    assert names_in(sentence, "fr") == []


@pytest.mark.parametrize(
    ("name", "about", "stands"),
    [
        ("GPT-4", "GPT-3 did 4 tasks", False),
        ("GPT-4", "GPT 4 did it", True),
        ("CoNLL-2005", "CoNLL-2003 in 2005", False),
        ("Zurich", "in Zürich", True),
        ("Côté", "by Cote", True),
        ("M\u00fcller", "by Mu\u0308ller", True),
        ("AMA", "Annual Meeting of the Association for Computational Linguistics", False),
        ("CDC", "The Centers for Disease Control said so", True),
        ("UK", "Ulrich Klein", False),
    ],
)
def test_a_name_stands_in_another_spelling_of_the_same_and_not_by_its_parts_or_by_chance(name, about, stands):
    assert stands_in(name, about) is stands


def test_the_initials_of_authors_in_a_row_are_no_acronym():
    assert verdict("It was funded by the WHO in full.", "The work was funded.", authors=("Wei Huang", "Olaf Quist")) == PARTIAL
