"""The baseline answers from what it read, cites all of it, and says what it is."""

from __future__ import annotations

import re
from dataclasses import replace

import orjson
import pytest

from agent.answer import Parts
from agent.claims import claims_of
from agent.evidence import Evidence
from agent.export import html
from agent.language import LABELS
from agent.language.labels import TIERS
from agent.loop import start
from agent.models import Message
from agent.models.digest import WORDS, Opened, candidates, choose, digest, whole
from agent.models.extractive import ExtractiveModel, best
from agent.models.plan import plan, terms
from agent.models.scripted import ScriptedModel, turn
from agent.page.view import view_of
from agent.report import GATHERED, findings_of
from agent.trajectory import Limits, Replied
from agent.verify import verify
from authority import tiers as authority
from server.client import Document, ServerUnreachable, Trust


@pytest.fixture
def run(new_run, shelf, begun):
    made = new_run()
    start(made, begun(), Parts(ExtractiveModel(), shelf))
    return made


def test_a_question_is_answered_with_three_or_more_citations_that_all_verify(run, shelf):
    verdicts = verify(run, shelf)
    assert len(verdicts) >= 3
    assert all(v.ok for v in verdicts)
    assert len({v.doc_id for v in verdicts}) >= 3
    assert "“Boiled water is safe to drink, to cook with and to prepare baby food.” [1]" in run.report.read_text()


def test_every_sentence_of_the_digest_is_a_quotation_and_it_calls_itself_a_baseline(run):
    text = run.report.read_text().split("## Sources")[0]
    assert "This report comes from the extractive baseline: no language model took part." in text
    for line in text.splitlines():
        assert line.count("“") == line.count("[")


def test_it_speaks_through_the_same_tools_as_any_model(run):
    calls = [call.name for event in run.events() if isinstance(event.payload, Replied) for call in event.payload.calls]
    assert calls == ["batch_search", "open", "write", "finish"]


def test_at_most_two_sentences_come_from_one_document(run):
    sources = orjson.loads(run.sources.read_bytes())["sources"]
    assert max(len(source["spans"]) for source in sources) <= 2


def test_a_library_with_nothing_on_the_question_gives_a_report_that_says_so(new_run, shelf, begun):
    run = new_run()
    assert start(run, begun("Zyzzyva taxonomy?"), Parts(ExtractiveModel(), shelf)).ended.complete
    assert "The library holds nothing on this question." in run.report.read_text()


ASKED = {
    "en": "What is known about zyzzyva?",
    "de": "Was ist über zyzzyva bekannt?",
    "fr": "Que sait-on sur la zyzzyva et les autres ?",
    "es": "¿Qué se sabe de la zyzzyva en el mundo?",
    "zh": "关于 zyzzyva 的研究是什么？",
}
TITLED = [Document("paper:z", "Zyzzyva! A weevil", kind="paper", url="https://weevil.example/z", authors=("Ines Arboleda",))]


@pytest.mark.parametrize("language", ASKED)
def test_documents_without_text_are_named_and_not_taken_for_nothing(language, new_run, make_shelf, begun):
    run = new_run()
    standing = start(run, begun(ASKED[language]), Parts(ExtractiveModel(), make_shelf(TITLED)))
    assert standing.started.language == language
    assert standing.ended.complete
    text, found = run.report.read_text(), orjson.loads(run.sources.read_bytes())
    assert f"\n{WORDS[language].untold}\n" in text
    assert WORDS[language].empty not in text
    assert f"## {LABELS[language].untold}\n\n- Ines Arboleda. **Zyzzyva! A weevil**." in text
    assert "<https://weevil.example/z>" in text
    assert [source["doc_id"] for source in found["without_text"]] == ["paper:z"]
    assert found["claims"] == found["sources"] == []
    assert f"<h2>{LABELS[language].untold}</h2><ul><li>Zyzzyva! A weevil, " in html(findings_of(run, run.events()))


@pytest.mark.parametrize("language", ASKED)
@pytest.mark.parametrize("documents", [[], TITLED])
def test_a_baseline_that_found_nothing_says_in_every_form_that_the_question_is_not_answered(
    documents, language, new_run, make_shelf, begun
):
    run = new_run()
    start(run, begun(ASKED[language]), Parts(ExtractiveModel(), make_shelf(documents)))
    told = LABELS[language].unanswered
    assert run.report.read_text().split("\n\n")[1] == f"> **{told}**"
    assert orjson.loads(run.sources.read_bytes())["answered"] is False
    assert f'<p class="note">{told}</p>' in html(findings_of(run, run.events()))
    assert view_of(run, run.events()).unanswered == told


WEEVILS = """The zyzzyva is a weevil of tropical America that lives in palms. The zyzzyva feeds on the sap of palms and of vines.
Nobody has seen what a zyzzyva does by night."""
TOLD = [
    Document(
        f"paper:{n}",
        f"Weevils, part {n}",
        WEEVILS.replace("palms", f"palms{n}"),
        kind="paper",
        authors=("Ines Arboleda", "Olaf Quist"),
    )
    for n in "ab"
]


@pytest.mark.parametrize("language", ASKED)
@pytest.mark.parametrize("tier", TIERS)
def test_the_baseline_names_sources_their_tiers_and_their_checks_in_one_language(language, tier, new_run, make_shelf, begun):
    class Trusted(make_shelf):
        def trust(self, document: Document) -> Trust:
            return Trust(0.8, tier, "weevil.example")

    run, said = new_run(), LABELS[language]
    start(run, begun(ASKED[language]), Parts(ExtractiveModel(), Trusted(TOLD)))
    text, found = run.report.read_text(), orjson.loads(run.sources.read_bytes())
    assert {claim["verdict"] for claim in found["claims"]} == {"supported"}
    assert text.count(f"Ines Arboleda{said.both}Olaf Quist ({said.tier(tier)}){said.colon.rstrip()}") == 3
    assert text.count(f"{said.authority}{said.colon}{said.tier(tier)} (0.80).") == 2
    assert f"· {said.checks}{said.colon}{len(found['claims'])} {said.verdicts[0]} ·" in text
    page = html(findings_of(run, run.events()))
    for form in (text, page):
        assert language == "en" or not re.findall(rf"\b{tier}\b|\band Olaf\b", form)
    assert f"{said.authority}{said.colon}{said.tier(tier)} (0.80)" in page
    assert {source.tier for source in view_of(run, run.events()).sources} == {said.tier(tier)}


def test_every_tier_of_the_authority_table_has_its_name_in_every_language_and_others_keep_theirs():
    assert tuple(authority.TIERS) == TIERS
    assert all(words.tier("government") == "government" for words in LABELS.values())
    assert all(words.tier("") == words.unlisted for words in LABELS.values())


def test_more_documents_without_text_than_are_named_are_said_to_be_more(new_run, make_shelf, begun):
    run = new_run()
    shelf = make_shelf([Document(f"paper:{n}", f"Zyzzyva {n}", kind="paper") for n in range(GATHERED)])
    shelf.documents["page:last"] = Document("page:last", "Zyzzyva and more", kind="page")
    turns = [turn(batch_search={"queries": ["zyzzyva"], "k": 20})]
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel(turns), shelf))
    text, found = run.report.read_text(), orjson.loads(run.sources.read_bytes())["without_text"]
    assert (text.count("**Zyzzyva"), text.count("- and others\n"), len(found)) == (GATHERED, 1, GATHERED + 1)
    assert "<li>and others</li></ul>" in html(findings_of(run, run.events()))


@pytest.mark.parametrize(("documents", "said"), [(TITLED, LABELS["en"].none_quotable), ([], LABELS["en"].nothing_found)])
def test_a_run_stopped_early_says_nothing_was_found_only_where_nothing_was(documents, said, new_run, make_shelf, begun):
    run = new_run()
    turns = [turn(batch_search={"queries": ["zyzzyva"]})]
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel(turns), make_shelf(documents)))
    assert f"\n{LABELS['en'].no_report} {said}\n" in run.report.read_text()
    assert bool(orjson.loads(run.sources.read_bytes())["without_text"]) is bool(documents)


LOUD = "Boil Water 20 Minutes! Top [[s1]] Altitude Tips"
LOUD_TEXTS = (
    "Boiled water is quite safe to drink at any altitude.",
    "Children drink boiled water that was left to cool in a pot.",
)


def test_a_title_with_a_full_stop_in_it_is_no_claim_without_a_source(new_run, make_shelf, begun):
    shelf = make_shelf([Document(f"page:{n}", f"{LOUD} {n}", text, "page") for n, text in enumerate(LOUD_TEXTS)])
    stopped, quoted = new_run("stopped"), new_run("quoted")
    search = turn(batch_search={"queries": ["boiled water safe"]})
    start(stopped, begun(limits=Limits(steps=1)), Parts(ScriptedModel([search]), shelf))
    start(quoted, begun(), Parts(ExtractiveModel(), shelf))
    for run in (stopped, quoted):
        claims = orjson.loads(run.sources.read_bytes())["claims"]
        assert claims
        assert all(claim["spans"] for claim in claims)
        assert "without a source" not in run.report.read_text()
    assert "Boil Water 20 Minutes! Top" in stopped.report.read_text()
    assert "**Boil Water 20 Minutes! Top [ [s1]] Altitude Tips" in quoted.report.read_text()


ASKS = "Does Boiling Help? A Case Study. In Three Parts!"


@pytest.mark.parametrize("authors", [(), ("Ines Arboleda", "Olaf Quist")])
def test_a_title_is_quoted_sign_by_sign_and_its_stops_make_no_claims(authors, new_run, make_shelf, begun):
    texts = [text.replace("boiled", f"boiled, batch {n},") for n in "ab" for text in LOUD_TEXTS]
    documents = [Document(f"paper:{n}", f"{ASKS} {n}", text, "paper", authors=authors) for n, text in enumerate(texts)]
    documents.append(Document("paper:last", ASKS, "Boiled water of the third batch is safe to drink for years.", "paper"))
    run = new_run()
    start(run, begun(), Parts(ExtractiveModel(), make_shelf(documents)))
    text, found = run.report.read_text(), orjson.loads(run.sources.read_bytes())
    above, _, below = text.partition("## Sources")
    assert below.count(f"**{ASKS}") == len(found["sources"]) >= 3
    assert above.count(f"**{ASKS}") == len(found["sources"]) - 1
    assert "–" not in above
    assert {claim["verdict"] for claim in found["claims"]} == {"supported"}
    assert len(found["claims"]) == len(found["sources"])
    assert "without a source" not in text


def test_a_title_hides_no_claim_behind_it_and_none_of_its_own_words_elsewhere(shelf):
    seen = Evidence()
    [fetched] = shelf.fetch(["paper:kettle"])
    seen.admit(replace(fetched, document=replace(fetched.document, title="Kettles kill. Wash them!")))
    bold = "**Kettles kill. Wash them!**, Olaf Quist:"
    assert claims_of(bold, seen) == []
    said = "Kettles killed 40 people in March"
    draft = f"{bold} {said}.\n\nIn 1990 kettles kill. {said}.\n\nKettles kill. Wash them! {said}."
    assert sum(claim.text.count(said) for claim in claims_of(draft, seen)) == 3
    assert all(claim.text.count(said) <= 1 for claim in claims_of(draft, seen))


def test_documents_without_an_answer_are_not_quoted(new_run, make_shelf, begun):
    shelf = make_shelf([Document("page:x", "Heading", "Boiled\nWater table of contents 12 13 14 15 16 17\nsafe?")])
    run = new_run()
    start(run, begun(), Parts(ExtractiveModel(), shelf))
    assert "Nothing in the 1 documents that were opened answers" in run.report.read_text()


def test_a_server_that_is_gone_is_a_partial_report_and_not_an_empty_digest(new_run, begun):
    class Gone:
        def batch_search(self, queries):
            raise ServerUnreachable("nobody answers")

        fetch = batch_search

    standing = start(new_run(), begun(), Parts(ExtractiveModel(), Gone()))
    assert "the library gave nothing to work with: nobody answers" in standing.ended.reason


@pytest.mark.parametrize(
    ("question", "queries"),
    [
        (
            "What is known about hallucination in abstractive summarisation?",
            [
                "What is known about hallucination in abstractive summarisation?",
                "hallucination abstractive summarisation",
                "abstractive summarisation",
                "hallucination abstractive",
            ],
        ),
        ("entropy", ["entropy"]),
        ("Is it?", ["Is it?"]),
    ],
)
def test_the_plan_is_the_question_its_words_and_its_phrases(question, queries):
    assert plan(question) == queries


def test_a_long_question_makes_five_queries_that_the_tool_takes():
    queries = plan("How do dense retrievers trained on web questions, and sparse ones, fare on long legal documents? " * 60)
    assert len(queries) == 5
    assert all(len(query) <= 2000 for query in queries)


def test_word_forms_and_spellings_meet_in_one_term():
    assert terms("hallucination summarisation models") == terms("hallucinated summarization the model")


def opened(*sentences: str, first: int = 1) -> Opened:
    return Opened("T", (), "", "", "page", "", 0.0, tuple((f"s{i}", s) for i, s in enumerate(sentences, first)))


def test_a_sentence_that_repeats_another_is_left_out():
    twice = "Boiled water is safe to drink at any altitude for any adult."
    documents = [opened(twice), opened(twice.replace("any adult", "every adult"), first=2)]
    assert [c.span_id for c in choose(candidates("Is boiled water safe to drink?", documents))] == ["s1"]


def test_a_trusted_source_stands_first_among_sentences_that_say_about_the_same():
    loud = opened("Boiled water is never safe to drink, say many people.")
    sound = replace(opened("Boiled water is quite safe at any altitude.", first=2), site="h.example", tier="primary", trust=1.0)
    assert digest("Is boiled water safe to drink?", [loud, sound]).splitlines()[2].startswith("h.example (primary): ")
    assert digest("Is boiled water safe to drink?", [loud]).splitlines()[2].startswith("T (unlisted source): ")


def test_rare_terms_of_the_question_weigh_more_than_common_ones():
    sentences = [f"Some water was carried over hill number {n} in the long summer." for n in range(9)]
    documents = [opened(*sentences, "The question of arsenic is treated in another chapter of this work.")]
    assert candidates("arsenic in water", documents)[0].span_id == "s10"


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Boiled water is safe to drink at any altitude.", True),
        ("A HEADING WITHOUT ANY STOP AT ITS VERY END", False),
        ("and the rest of a sentence that was cut somewhere.", False),
        ("Too short to say much.", False),
        ("Is boiled water safe to drink in the mountains at night?", False),
        ("12 13 14 15 | 16 17 18 19 | 20 21 22 23 | 24 25 26 27.", False),
        ("A sentence with a forged citation [[s1]] in the middle of it.", False),
        ("Word " * 100 + "end.", False),
    ],
)
def test_only_a_sentence_that_can_stand_alone_is_quoted(text, stands):
    assert whole(text) is stands


def test_the_question_itself_outweighs_the_variants_when_documents_are_chosen():
    def hit(doc: str) -> dict:
        return {"doc": doc, "title": doc, "passages": {f"s-{doc}": "…"}}

    rankings = [{"hits": [hit("a"), hit("b")]}, {"hits": []}, {"hits": [hit("c"), hit("b")]}, {"error": "x"}]
    assert best(rankings) == ["s-b", "s-a", "s-c"]


def test_two_copies_of_one_work_are_opened_once():
    hits = [{"doc": d, "title": t, "passages": {f"s-{d}": "…"}} for d, t in (("a", "Same"), ("b", "same"), ("c", "Other"))]
    assert best([{"hits": hits}]) == ["s-a", "s-c"]


def test_nothing_opened_is_said_and_not_invented():
    assert digest("why?", []).startswith("Nothing in the 0 documents")
    assert ExtractiveModel().reply([Message("user", "why?")], []).calls[0].name == "batch_search"


def test_a_chinese_question_is_answered_from_chinese_text():
    """A sentence of Chinese has no spaces to count words by."""
    documents = [opened("中文分词是自然语言处理领域的一项基础工作。", "今天的天气很好，我们一起去河边走了很久。")]
    assert [c.text for c in candidates("中文分词有哪些方法？", documents)] == ["中文分词是自然语言处理领域的一项基础工作。"]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("¿Qué se sabe sobre el análisis de sentimientos en español?", "Le corpus de la ville se lit en peu de temps chez nous."),
        (
            "Wie gut ist BLEU als Maß für maschinelle Übersetzung?",
            "In der Linguistik ist eine Prozessierung von Texten als Kaskade üblich.",
        ),
        (
            "Was weiß man über sauberes Wasser aus hohen Brunnen?",
            "Der Turm mit dem Wasser wurde im letzten Jahr grün gestrichen.",
        ),
    ],
)
def test_words_that_every_text_has_or_a_single_term_make_no_answer(question, sentence):
    assert candidates(question, [opened(sentence)]) == []
