"""Whatever a reader is told of a run is in the asker's language."""

from __future__ import annotations

import re
from dataclasses import fields
from string import Formatter

import orjson
import pytest

from agent.answer import Parts
from agent.export import html
from agent.known import Known
from agent.language import LABELS, NAMES, REASONS, asked_in, language_of
from agent.language.detect import told
from agent.loop import start
from agent.messages import conversation
from agent.models.scripted import ScriptedModel, turn
from agent.page.app import STATIC
from agent.page.view import view_of
from agent.report import findings_of
from agent.trajectory import Limits

ASKED = {
    "en": "Is boiled water safe to drink?",
    "de": "Ist abgekochtes Wasser sicher, und wie lange muss man es kochen?",
    "fr": "L’eau bouillie est-elle potable pour les enfants ?",
    "es": "¿Es segura el agua hervida para los niños?",
    "zh": "煮沸的水可以安全饮用吗？",
}
BARE = "Cooked water is good for all of the people in the whole world."


@pytest.mark.parametrize("table", [LABELS, REASONS], ids=["labels", "reasons"])
def test_every_language_has_every_word_and_takes_the_same_values(table):
    assert table.keys() == NAMES.keys()
    for field in fields(table["en"]):
        said = {language: getattr(words, field.name) for language, words in table.items()}
        taken = {
            language: [name for _, name, _, _ in Formatter().parse(str(text)) if name is not None]
            for language, text in said.items()
        }
        assert all(said.values())
        assert len(set(map(tuple, taken.values()))) == 1, field.name


@pytest.mark.parametrize("language", ["de", "fr", "es", "zh"])
def test_why_a_run_ended_why_a_sentence_is_marked_and_the_last_line_are_in_the_askers_language(new_run, shelf, begun, language):
    run = new_run()
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
    wrong = turn(write={"path": "report.md", "content": f"{BARE} It is safe in 11 % of homes [[s1]]."})
    started = begun(ASKED[language], limits=Limits(steps=3))
    standing = start(run, started, Parts(ScriptedModel([search, wrong, turn(verify={})]), shelf))
    said, labels = REASONS[language], LABELS[language]
    assert standing.ended.reason == said.limit.format(3, said.units[0])
    claims = orjson.loads(run.sources.read_bytes())["claims"]
    assert [claim["reason"] for claim in claims] == [said.uncited, said.absent.format("11")]
    last = run.report.read_text().rpartition("---")[2]
    assert last.startswith(f"\n\n*{labels.run} {run.id}")
    tally = labels.comma.join((f"1 {labels.verdicts[2]}", f"1 {labels.verdicts[4]}"))
    assert f" · {labels.checks}{labels.colon}{tally} · " in last
    assert not [word for word in ("Run ", "model ", "steps", "snapshot ", "to check") if word in last.replace(labels.model, "")]


@pytest.mark.parametrize("language", ["de", "fr", "es", "zh"])
def test_the_reports_headings_are_in_the_askers_language_wherever_the_report_is(new_run, shelf, begun, language):
    run = new_run()
    search = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
    plan = turn(todo={"mode": "replace", "items": [{"id": "1", "text": "…", "status": "pending"}]})
    thought = turn(reflect={"known": "k", "missing": "m", "next": "n", "conflicts": [{"about": "…", "spans": ["s1", "s2"]}]})
    draft = turn(write={"path": "report.md", "content": f"{BARE} It is safe in 11 % of homes [[s1, s9]]."})
    started = begun(ASKED[language], limits=Limits(steps=4))
    start(run, started, Parts(ScriptedModel([search, plan, thought, draft]), shelf))
    said, english = LABELS[language], LABELS["en"]
    found = findings_of(run, run.events())
    words = view_of(run, run.events()).words
    for name in ("report", "evidence", "partial", "missing", "disagree", "unlisted", "unwritten"):
        assert getattr(words, name) == getattr(said, name)
    assert list(words.verdicts.values()) == list(said.verdicts)
    heads = said.sources, said.partial, said.missing, said.disagree, said.verdicts[2], said.verdicts[4], said.unresolved
    foreign = english.partial, english.missing, english.disagree, *english.verdicts, english.unresolved
    for text in (run.report.read_text(), re.sub(r"(?s)<style.*?</style>|<[^>]*>", " ", html(found))):
        assert not [head for head in heads if head not in text]
        assert not [word for word in foreign if word in text]
    shown = " ".join(p.text + p.hover + p.reason for block in view_of(run, run.events()).report for p in block.pieces)
    assert not [word for word in foreign if word in shown]


def test_no_heading_of_the_report_is_written_into_the_page_itself():
    page = "".join(path.read_text() for path in STATIC.iterdir() if path.suffix in (".js", ".html"))
    english = LABELS["en"]
    heads = english.missing, '"Missing"', "Partial", english.disagree, english.unwritten, '"unlisted"', "Sources", "supported:"
    assert not [head for head in heads if head in page]


QUESTIONS = {
    "en": [
        "Who wrote Les Misérables and Les Fleurs du mal?",
        "Is boiled water safe to drink?",
        "What does 人工智能 mean?",
        "Who wrote 红楼梦?",
        "What is the difference between der, die and das?",
        "state of the art in neural machine translation",
        "How do I translate 'il faut que' into English?",
        "effects of aspirin on the heart",
        "Why is the sky blue",
        "what is Sturm und Drang",
        "Explain the plot of La vita è bella and Il postino",
        "HOW DO VACCINES WORK?",
        "When did Die Zeit and Der Spiegel report on the case of El País?",
        "compare BM25 and ColBERT",
        "How does the de facto standard in vitro work",
        "low-resource machine translation with back-translation: what works?",
        "Which papers of El Kholy and De la Cruz are about Arabic?",
        'What is "la dolce vita e il bel paese"?',
    ],
    "de": [
        "Ist abgekochtes Wasser sicher, und wie lange muss man es kochen?",
        "Wer schrieb Les Misérables?",
        "Wie funktioniert maschinelle Übersetzung?",
        "Was ist Retrieval-Augmented Generation?",
        "Wirkung von Aspirin auf das Herz",
        "Welche Sprachen spricht man in der Schweiz?",
        "Ursachen des Klimawandels",
        "Wie hoch ist der Eiffelturm?",
        "warum ist der himmel blau",
        "Hilft Vitamin C gegen Erkältung?",
        "Wie wirkt Ibuprofen?",
    ],
    "fr": [
        "L’eau bouillie est-elle potable pour les enfants ?",
        "Comment fonctionne la traduction automatique ?",
        "Qui a écrit Faust ?",
        "efficacité du paracétamol",
        "Quels sont les effets du café sur la santé ?",
        "pourquoi le ciel est bleu",
        "Quelle est la capitale du Brésil ?",
        "Qu’est-ce que la photosynthèse ?",
        "Combien d'habitants à Paris ?",
    ],
    "es": [
        "¿Es segura el agua hervida para los niños?",
        "como funciona la traduccion automatica",
        "Qué es la fotosíntesis",
        "que es la fotosintesis",
        "¿Quién escribió Fausto?",
        "Efectos del café en la salud",
        "cuál es la capital de Brasil",
        "causas de la guerra civil y sus consecuencias",
        "por qué el cielo es azul",
    ],
    "zh": [
        "煮沸的水可以安全饮用吗？",
        "Transformer attention 是什么",
        "BERT和GPT的区别",
        "人工智能发展史",
        "the Pile 数据集是什么？",
        "如何训练一个large language model",
    ],
    "": [
        "Come funziona la traduzione automatica per le lingue con poche risorse?",
        "Как работает машинный перевод для малоресурсных языков?",
        "Hoe werkt het dat de vertaling van de taal in de computer gaat?",
        "日本語の文法はどうですか",
        "機械翻訳とは何ですか？",
        "Como funciona a tradução automática para línguas com poucos recursos?",
        "Com funciona la traducció automàtica per a les llengües amb pocs recursos?",
        "Hur fungerar maskinöversättning för språk med få resurser?",
        "Är kokt vatten säkert att dricka för barn?",
        "Hvordan virker maskinoversættelse?",
        "Hvordan fungerer maskinoversettelse for språk med få ressurser?",
        "Jak działa tłumaczenie maszynowe?",
        "Is gekookt water veilig om te drinken?",
        "Wat is de hoofdstad van Brazilië?",
        "Wie is de president van Frankrijk?",
        "Qual é a capital do Brasil?",
        "O que é fotossíntese?",
        "Qual è la capitale della Francia?",
        "Chi ha scritto I promessi sposi?",
        "Quina és la capital de França?",
        "Què és la fotosíntesi?",
        "Vad är huvudstaden i Brasilien?",
        "Care este capitala României?",
        "L'acqua bollita è sicura per i bambini?",
        "A água fervida é segura para crianças?",
        "L'aigua bullida és segura per als nens?",
        "Yapay zeka ve makine öğrenmesi arasındaki fark nedir?",
        "기계 번역은 어떻게 작동합니까?",
        "日本語",
        "機械翻訳",
        "経済産業省",
        "Quali sono le cause della guerra?",
        "Quais são os efeitos do café na saúde?",
        "Quins són els efectes del cafè en la salut?",
        "Welke talen spreekt men in Zwitserland?",
        "Vilka språk talar man i Schweiz?",
        "Che cos'è la fotosintesi?",
        "Perché il cielo è blu?",
        "Por que o céu é azul?",
        "Per què el cel és blau?",
        "Waarom is de lucht blauw?",
        "Varför är himlen blå?",
        "Er kaffe sundt?",
        "Miksi taivas on sininen?",
        "Proč je obloha modrá?",
        "is coffee healthy",
    ],
}
"""Questions by language; under the empty one those that are in none of the five, or in no language that can be told."""


@pytest.mark.parametrize(("language", "question"), [(language, q) for language, asked in QUESTIONS.items() for q in asked])
def test_a_question_is_in_the_language_that_it_leads_in_and_its_neighbours_are_none_of_the_five(language, question):
    assert told(question) == language
    assert asked_in(question) == (language or "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [("Das Wasser kocht.", "de"), ("Le café réduit le risque.", "fr"), ("El café es bueno.", "es"), ("Lead stays.", "en")],
)
def test_a_sentence_has_the_rules_of_the_language_that_fits_it_though_a_neighbour_may_fit_as_well(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (ASKED["fr"], "French"),
        (ASKED["en"], "English"),
        (QUESTIONS[""][0], "the language of the question"),
        ("日本語の文法はどうですか", "the language of the question"),
        ("BM25 ColBERT", "the language of the question"),
    ],
)
def test_a_model_is_told_to_write_in_the_language_of_the_question_where_it_is_none_of_the_five(
    new_run, shelf, begun, question, asked
):
    run = new_run()
    start(run, begun(question), Parts(ScriptedModel([turn("So.")]), shelf))
    prompt = conversation(Known(run.events(), run.blobs)).messages[0].text
    assert f"Write the report in {asked}." in prompt
    head = LABELS[asked_in(question)].partial
    assert head in run.report.read_text()


@pytest.mark.parametrize(
    "question",
    ["Que sait-on de la traduction automatique ?", "Que sait-on de BERT ?", "Combien de paramètres possède BERT ?"],
)
def test_the_commonest_questions_in_french_are_known_as_such(question):
    assert asked_in(question) == "fr"
