"""Whatever a reader is told of a run is in the asker's language."""

from __future__ import annotations

import re
from dataclasses import fields
from string import Formatter

import orjson
import pytest

from agent.answer import Parts
from agent.export import html
from agent.language import LABELS, NAMES, REASONS
from agent.loop import start
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
    assert not [word for word in ("Run ", "model ", "steps", "snapshot ", "check with") if word in last.replace(labels.model, "")]


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
    shown = " ".join(p.text + p.hover for block in view_of(run, run.events()).report for p in block.pieces)
    assert not [word for word in foreign if word in shown]


def test_no_heading_of_the_report_is_written_into_the_page_itself():
    page = (STATIC / "page.js").read_text() + (STATIC / "index.html").read_text()
    english = LABELS["en"]
    heads = english.missing, '"Missing"', "Partial", english.disagree, english.unwritten, '"unlisted"', "Sources", "supported:"
    assert not [head for head in heads if head in page]
