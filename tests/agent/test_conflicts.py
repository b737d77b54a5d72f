"""Sources that disagree are shown as such, also where nobody but a comparison of numbers finds it."""

from __future__ import annotations

import orjson
import pytest

from agent.answer import Parts
from agent.differing import differ
from agent.export import export
from agent.loop import start
from agent.models.extractive import ExtractiveModel
from agent.models.scripted import ScriptedModel, turn
from server.client import Document

ONE = "Boiled water was safe to drink in 97 % of the samples taken."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ONE, "In 79 percent of samples the boiled water was safe to drink."),
        ("Boil water for 1 minute to inactivate bacteria.", "Boil water for 3 minutes to inactivate bacteria."),
        ("Boil the water for one minute to inactivate bacteria.", "Boil the water for three minutes to inactivate bacteria."),
        ("Boil the water for 1 minute to inactivate bacteria.", "Boil the water for three minutes to inactivate bacteria."),
        ("Kochen Sie das Wasser eine Minute lang gegen Keime ab.", "Kochen Sie das Wasser drei Minuten lang gegen Keime ab."),
        ("Faites bouillir l’eau une minute contre les germes.", "Faites bouillir l’eau trois minutes contre les germes."),
        ("Hierva el agua un minuto contra los gérmenes.", "Hierva el agua cinco minutos contra los gérmenes."),
        ("把水煮沸一分钟就可以杀死细菌。", "把水煮沸三分钟就可以杀死细菌。"),
        ("Of the treated patients, three patients died in winter.", "Of the treated patients, five patients died in winter."),
        ("In two trials 97 % of the treated patients lived.", "In 79 % of cases the treated patients lived."),
        ("Abgekochtes Wasser war in 97 % der Proben sicher.", "In 79 Prozent der Proben war abgekochtes Wasser sicher."),
        ("在97%的样本中，煮沸的水是安全的。", "煮沸的水在79%的样本中是安全的。"),
        (
            "It is cheap. The dose of chlorine for clear water is 2 mg.",
            "The dose of chlorine for clear water is 4 mg. It smells.",
        ),
    ],
)
def test_two_numbers_for_the_same_thing_are_a_disagreement(one, other):
    assert differ(one, other)
    assert differ(other, one)


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        "Boiled water was safe to drink in 97.0 % of the samples taken.",
        "Boiled water was safe to drink in 97 per cent of the samples taken in 2019.",
        "The kettle was in use in 5 % of the homes.",
        "Boiled water was safe to drink for 6 hours, as samples showed.",
        "Boiled water was safe to drink in between 90 and 99 % of the samples taken.",
        "Boiled water was safe to drink in most of the samples taken.",
        "Two of the authors say that boiled water was safe to drink in 97 % of the samples taken.",
    ],
)
def test_the_same_number_and_other_things_are_none(other):
    assert not differ(ONE, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Boil the water for one minute to inactivate bacteria.", "Boil the water for 1 minute to inactivate bacteria."),
        ("Boil the water for three minutes to inactivate bacteria.", "Wasser drei Minuten abkochen inaktiviert bacteria."),
        ("One of the trials found boiled water safe to drink.", "Two of the trials found boiled water safe to drink."),
        ("Kochen Sie das Wasser eine Minute lang gegen Keime ab.", "Kochen Sie das Wasser 1 Minute lang gegen Keime ab."),
        ("把水煮沸三分钟就可以杀死细菌。", "把水煮沸3分钟就可以杀死细菌。"),
    ],
)
def test_words_and_digits_of_one_value_are_no_disagreement(one, other):
    assert not differ(one, other)
    assert not differ(other, one)


def test_a_report_shows_both_numbers_with_their_sources_though_no_model_noticed(new_run, make_shelf, begun):
    shelf = make_shelf(
        [
            Document("paper:a", "A field trial", ONE, published="2019"),
            Document(
                "paper:b", "Another trial", "In 79 percent of samples the boiled water was safe to drink.", published="2021"
            ),
        ]
    )
    text = "Boiled water was safe in most of the samples [[s1, s2]]. It is cheap in each of them [[s1]]."
    script = [turn(open={"targets": ["paper:a", "paper:b"]}), turn(write={"path": "report.md", "content": text}), turn(finish={})]
    run = new_run()
    start(run, begun(), Parts(ScriptedModel(script), shelf))
    section = run.report.read_text().split("## Where sources disagree")[1].split("## Sources")[0]
    assert "97 %" in section
    assert "79 percent" in section
    assert "2019" in section
    assert orjson.loads(run.sources.read_bytes())["conflicts"] == [
        {"about": "Boiled water was safe in most of the samples.", "spans": ["s1", "s2"]}
    ]
    assert "Where sources disagree" in export(run, "html", None).read_text()


BRUNN = "The Brunn pump station moves {} litres of water per second in winter."


def test_sentences_that_cite_one_source_each_are_compared_too(new_run, make_shelf, begun):
    shelf = make_shelf([Document(f"file:{n}", f"Note {n}", BRUNN.format(n)) for n in (450, 620)])
    text = "The pump moves 450 litres in winter [[s1]]. Its flow is 620 litres by another note [[s2]]."
    script = [
        turn(open={"targets": ["file:450", "file:620"]}),
        turn(write={"path": "report.md", "content": text}),
        turn(finish={}),
    ]
    run = new_run()
    start(run, begun(), Parts(ScriptedModel(script), shelf))
    assert orjson.loads(run.sources.read_bytes())["conflicts"] == [
        {"about": "The pump moves 450 litres in winter.", "spans": ["s1", "s2"]}
    ]


def test_the_extractive_model_keeps_the_source_that_disagrees_and_says_so(new_run, make_shelf, begun):
    shelf = make_shelf([Document(f"file:{n}", f"Note {n}", BRUNN.format(n)) for n in (450, 620)])
    run = new_run()
    start(run, begun("How many litres does the Brunn pump station move in winter?"), Parts(ExtractiveModel(), shelf))
    record = orjson.loads(run.sources.read_bytes())
    assert len(record["sources"]) == 2
    assert [len(conflict["spans"]) for conflict in record["conflicts"]] == [2]


def test_different_numbers_of_different_years_are_none():
    one = "In 2019 the Brunn pump station moved 450 litres of water per second."
    assert not differ(one, one.replace("2019", "2021").replace("450", "620"))
    assert differ(one, one.replace("450", "620"))


def test_words_that_only_begin_alike_are_not_the_same_thing():
    one = "The internal review of commercial links by auditors lasted 12 weeks."
    other = "The international review of communal parameters by students lasted 30 weeks."
    assert not differ(one, other)
    assert differ(one, one.replace("12", "30"))
