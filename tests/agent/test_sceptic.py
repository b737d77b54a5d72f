"""Do the sentences of the README hold that once did not?"""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import orjson
import pytest

from agent import commands, detached
from agent.answer import Parts
from agent.claims import claims_of
from agent.control import Control
from agent.errors import ModelError, RunError
from agent.events import EventLog
from agent.evidence import Evidence, Source, Span
from agent.export import html
from agent.judge import judged
from agent.loop import resume, start, stop
from agent.models import Reply
from agent.models.extractive import ExtractiveModel
from agent.models.scripted import ScriptedModel, turn
from agent.report import findings_of
from agent.rules import by_rules
from agent.sandbox import Finished
from agent.standing import Search
from agent.storage import escaped
from agent.tools.search import fresh
from agent.trajectory import Limits, Returned
from agent.verdicts import PARTIAL, SUPPORTED, UNCITED, UNKNOWN, UNSUPPORTED

SEARCH = turn(batch_search={"queries": ["boiled water safe"], "k": 3})


def returned(run) -> list[Returned]:
    return [event.payload for event in run.events() if isinstance(event.payload, Returned)]


def held(quote: str) -> Evidence:
    evidence = Evidence()
    source = Source("d", "T", (), "", "", "", "paper", "", 0.0, "x", "g")
    evidence.learn([source], [Span("s1", "d", "x", 0, len(quote), quote)])
    return evidence


@pytest.mark.parametrize(
    ("sentence", "quote", "expected"),
    [
        ("Effective in all patients [[s1]].", "The treatment was ineffective in all patients.", UNKNOWN),
        ("Boiled water is safe to drink [[s1]].", "It is a myth that boiled water is safe to drink.", UNKNOWN),
        ("Boiled water is safe to drink [[s1]].", "We looked. Boiled water is safe to drink.", SUPPORTED),
        ("“effective in all patients” [[s1]].", "The treatment was ineffective in all patients.", UNSUPPORTED),
        ("“toxic to all human beings” [[s1]].", "It is non-toxic to all human beings.", UNSUPPORTED),
        ("“effective in all patients” [[s1]].", "It was (effective in all patients), we found.", UNKNOWN),
        ("“煮沸的水可以安全饮用这是事实” [[s1]]", "大家说煮沸的水可以安全饮用这是事实吗。", UNKNOWN),
        ("A dose of 500mg cures it [[s1]].", "A dose of 50mg cures it at once.", UNSUPPORTED),
        ("A dose of 50 mg cures it [[s1]].", "A dose of 50mg cures it at once.", UNKNOWN),
    ],
)
def test_a_part_of_a_sentence_is_not_the_sentence(sentence, quote, expected):
    [claim] = claims_of(sentence)
    assert by_rules(claim, held(quote), "en").verdict == expected


@pytest.mark.parametrize(
    ("sentence", "flagged"),
    [
        ("High levels of lead were found in the water of Flint in 2014.", True),
        ("Aspirin was found to cut mortality by 30 percent in men.", True),
        ("Doctors say that we lose three litres of water a day.", True),
        ("The sources of the Nile lie in the highlands of Burundi.", True),
        ("We found a gain of four points over all of the baselines.", True),
        ("I know that aspirin helps most people with a headache.", True),
        ("- Boiled water kills all bacteria within a single minute", True),
        ("- Boil it. Then all of the bacteria in it are dead", True),
        ("2. Lead stays in the water however long it boils", True),
        ("- What happens to lead in water that is boiled?", False),
        ("- On this topic no source was found at all", False),
        ("I searched the library and could not find a trial of it.", False),
        ("We could not confirm that it holds in other countries.", False),
        ("Zu diesem Thema wurde in der Bibliothek keine Quelle gefunden.", False),
        ("On this topic no source was found by any of the searches.", False),
        ("Of this topic nothing certain was found in the library.", False),
        ("The sources do not say how long the water was boiled.", False),
    ],
)
def test_a_sentence_that_states_a_fact_without_a_source_is_flagged(sentence, flagged):
    assert [by_rules(c, Evidence(), "en").verdict for c in claims_of(sentence)] == [UNCITED] * flagged


@pytest.mark.parametrize(
    ("before", "now", "asked"),
    [
        ("vitamin C deficiency symptoms", "vitamin D deficiency symptoms", True),
        ("deaths in Germany by age group, sex, region in 2020", "deaths in Germany by age group, sex, region in 2021", True),
        ("R", "C++", True),
        ("internal migration of workers in Asia since then", "international migration of workers in Asia since then", True),
        ("symptoms of vitamin C deficiency", "vitamin C deficiency symptoms", False),
    ],
)
def test_a_query_that_differs_in_a_letter_or_a_number_is_another_query(before, now, asked):
    assert bool(fresh({"queries": [now]}, [Search("c1.1", before, "{}")])[0]) == asked


def test_finish_with_wrong_arguments_is_no_round_of_repair(new_run, shelf, begun):
    bad = turn(write={"path": "report.md", "content": "Boiled water was safe in 12 % of the samples taken [[s1]]."})
    wrong = turn(finish={"summary": "done"})
    run = new_run()
    turns = [SEARCH, bad, wrong, wrong, turn(finish={}), turn(finish={}), turn(finish={})]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    assert [r.finished for r in returned(run) if r.tool == "finish"] == [False, False, False, False, True]


def test_finish_without_a_report_is_no_round_of_repair(new_run, shelf, begun):
    bad = turn(write={"path": "report.md", "content": "Boiled water was safe in 12 % of the samples taken [[s1]]."})
    run = new_run()
    turns = [turn(finish={}), turn(finish={}), turn(finish={}), SEARCH, bad, *[turn(finish={})] * 3]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    finishes = [r for r in returned(run) if r.tool == "finish"]
    assert [r.finished for r in finishes] == [False, False, False, False, False, True]
    assert ["there is no report" in r.note for r in finishes] == [True, True, True, False, False, False]


def test_two_finishes_of_one_reply_are_one_round_of_repair(new_run, shelf, begun):
    bad = turn(write={"path": "report.md", "content": "Boiled water was safe in 12 % of the samples taken [[s1]]."})
    twice = Reply("", turn(finish={}).calls * 2)
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([SEARCH, bad, twice, twice, turn(finish={})]), shelf))
    assert [r.finished for r in returned(run) if r.tool == "finish"] == [False, False, False, False, True]


def test_a_run_that_came_to_nothing_goes_on_when_somebody_wants_it(new_run, shelf, begun, script):
    run = new_run()
    same = turn(batch_search={"queries": ["boiled water safe"], "k": 3})
    standing = start(run, begun(), Parts(ScriptedModel([same] * 30), shelf))
    assert "did nothing new" in standing.ended.reason
    before = standing.steps
    write = turn(write={"path": "report.md", "content": "Boiled water is safe [[s1]]."})
    look = turn(batch_search={"queries": ["altitude and boiling point"], "k": 3})
    again = ScriptedModel([same] * before + [same, look, write, turn(finish={})])
    standing = resume(run, Parts(again, shelf))
    assert standing.ended.complete
    assert [r.ok for r in returned(run)][-4:] == [False, True, True, True]


def test_what_finish_refused_can_be_read_again(new_run, shelf, begun):
    run = new_run()
    start(run, begun(), Parts(ScriptedModel([SEARCH, turn(finish={}), turn(read={"path": "outputs/c2.1"})]), shelf))
    assert returned(run)[-1].ok
    assert "there is no report" in run.blobs.read(returned(run)[-1].output)


def test_the_report_is_the_report_however_its_path_is_written(new_run, shelf, begun):
    run = new_run()
    write = turn(write={"path": "./report.md", "content": "Boiled water is safe [[s1]]."})
    assert start(run, begun(), Parts(ScriptedModel([SEARCH, write, turn(finish={})]), shelf)).ended.complete
    assert "Boiled water is safe [1]" in run.report.read_text()


def test_a_file_of_a_killed_run_is_there_after_stop_and_resume(new_run, shelf, begun):
    run, write = new_run(), turn(write={"path": "notes.md", "content": "Kept."})
    start(run, begun(), Parts(ScriptedModel([write]), shelf))
    (run.workspace.root / "notes.md").unlink()
    run.log.write_bytes(b"".join(run.log.read_bytes().splitlines(keepends=True)[:3]))  # killed before the file was written
    stop(run, "stopped", left=True)
    resume(run, Parts(ScriptedModel([write]), shelf))
    assert run.workspace.read("notes.md") == b"Kept."


def test_a_stop_that_comes_before_the_process_of_start_holds(new_run, shelf, begun, script, monkeypatch):
    commands_seen: list[list[str]] = []

    def popen(command, **_):
        commands_seen.append(command)
        return SimpleNamespace(wait=lambda: 0)

    monkeypatch.setattr(subprocess, "Popen", popen)
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
    detached.take_up(run, "127.0.0.1:1")
    since = int(commands_seen[0][-1])
    commands.stop(SimpleNamespace(name=str(run.path), runs=run.path.parent))
    with pytest.raises(RunError, match="was stopped before it was taken up"):
        resume(run, Parts(ScriptedModel(script), shelf), since=since)
    assert resume(run, Parts(ScriptedModel(script), shelf)).ended.complete


def test_a_stop_that_is_wished_while_the_process_of_start_begins_is_seen(new_run, shelf, begun, script):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
    Control(run.path).ask("stop")
    assert resume(run, Parts(ScriptedModel(script), shelf), since=1).ended.reason == "it was stopped by hand"


def test_sources_that_disagree_stand_in_the_html_with_tier_and_date(new_run, shelf, begun):
    run = new_run()
    conflict = {"about": "how long", "spans": ["s1", "s2"]}
    thought = turn(reflect={"known": "k", "missing": "m", "next": "n", "conflicts": [conflict]})
    start(run, begun(), Parts(ScriptedModel([SEARCH, thought]), shelf))
    section = html(findings_of(run, run.events())).split("how long<ul>")[1].split("</ul>")[0]
    sources = findings_of(run, run.events()).evidence
    for name in conflict["spans"]:
        source = sources.sources[sources.spans[name].doc_id]
        assert f"({source.tier or 'unlisted'}, {source.published or 'undated'})" in section


def test_a_partial_report_without_a_plan_says_what_is_missing(new_run, shelf, begun):
    run = new_run()
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel([SEARCH]), shelf))
    assert "## What is missing" in run.report.read_text()
    assert orjson.loads(run.sources.read_bytes())["missing"]


def test_a_command_leaves_the_quarter_that_is_for_writing(new_run, shelf, begun):
    class Timed:
        given = 0.0

        def absent(self):
            return ""

        def run(self, command, workspace, timeout):
            self.given = timeout
            (workspace / "report.md").write_text("By hand.")
            return Finished(0, "", cut=False, seconds=0.0)

    sandbox, run = Timed(), new_run()
    model = ScriptedModel([turn(shell={"cmd": "sleep 600", "timeout": 600})])
    standing = start(run, begun(limits=Limits(seconds=400)), Parts(model, shelf, sandbox))
    assert 290 <= sandbox.given <= 300
    assert run.blobs.get(standing.draft) == "By hand."  # a report that a command wrote is the report


@pytest.mark.parametrize("tag", ["[TOOL_CALLS]", "[/INST]", "<｜tool▁calls▁begin｜>", "<|im_end|>", "[AVAILABLE_TOOLS]"])
def test_control_tags_of_other_families_are_escaped_too(tag):
    text = orjson.dumps(["see " + tag]).decode()
    assert tag not in escaped(text)
    assert orjson.loads(escaped(text)) == orjson.loads(text)


def test_the_report_without_a_model_is_in_the_askers_language(new_run, shelf, begun):
    run = new_run()
    start(run, begun("Was ist über boiled water safe und das drinking water bekannt?"), Parts(ExtractiveModel(), shelf))
    text = run.report.read_text()
    assert "## In Kürze" in text
    assert "Dieser Bericht" in text
    assert "This report" not in text


def test_what_was_gathered_is_not_said_to_be_without_a_source(new_run, shelf, begun):
    run = new_run()
    start(run, begun(limits=Limits(steps=1)), Parts(ScriptedModel([SEARCH]), shelf))
    verdicts = [claim["verdict"] for claim in orjson.loads(run.sources.read_bytes())["claims"]]
    assert set(verdicts) == {SUPPORTED}, verdicts
    assert "without a source" not in run.report.read_text()


def test_a_judge_that_failed_is_asked_again():
    class Judge:
        def __init__(self) -> None:
            self.asked = 0

        def reply(self, messages, tools):
            self.asked += 1
            raise ModelError("429")

    judge, claims = Judge(), claims_of("The stuff is cheap [[s1]].")
    [checked], _ = judged(claims, held("It is cheap and safe."), "en", judge, "j", {})
    judged(claims, held("It is cheap and safe."), "en", judge, "j", {(checked.text, checked.spans): checked})
    assert judge.asked == 2


@pytest.mark.parametrize(
    ("sentence", "flagged"),
    [
        ("- 90 % died.", True),
        ("- 90 % died", True),
        ("Kosten stiegen 5 %.", True),
        ("90 % died.", True),
        ("It killed 90.", True),
        ("Dose: 5 mg.", True),
        ("Founded in 1998.", True),
        ("Fifteen died.", True),
        ("Es waren fünfzehn der Kranken.", True),
        ("死亡率90%。", True),
        ("The WHO agrees.", True),
        ("Later Arboleda disagreed.", True),
        ("Die WHO widerspricht dem.", True),
        ("| a | b |\n|---|---|\n| Aspirin | 90 % |", True),
        ("| a | b |\n|---|---|\n| 12 | 13 |", True),
        ("| Drug | 1999 |\n|---|---|", False),
        ("## 90 % died", False),
        ("**Deaths in 2019**", False),
        ("- Phase 3", False),
        ("- March 2019:", False),
        ("March 2019.", False),
        ("- GPT-4", False),
        ("- Table 2", False),
        ("See part 3.", False),
        ("Let us look at Germany.", False),
        ("Siehe Tabelle 2.", False),
        ("第3章", False),
        ("- World Health Organization", False),
        ("- Ines Arboleda", False),
        ("In short.", False),
        ("It depends.", False),
        ("Das Wasser kocht.", False),
        ("Did 90 die?", False),
    ],
)
def test_a_figure_a_date_or_a_name_makes_a_short_sentence_a_statement(sentence, flagged):
    assert [by_rules(c, Evidence(), "en").verdict for c in claims_of(sentence)] == [UNCITED] * flagged


@pytest.mark.parametrize(
    ("sentence", "quote", "language", "expected"),
    [
        ("The change was -5 points [[s1]].", "The rise was 5 points.", "en", UNSUPPORTED),
        ("The change was -5 points [[s1]].", "It fell by 5 points.", "en", UNKNOWN),
        ("GPT-4 was tried [[s1]].", "We tried GPT-4 on all of it.", "en", UNKNOWN),
        ("The ratio was 3/1 [[s1]].", "The ratio was 1/3 in all groups.", "en", UNSUPPORTED),
        ("Three patients died [[s1]].", "Five patients died.", "en", UNSUPPORTED),
        ("Three patients died [[s1]].", "Some patients died.", "en", PARTIAL),
        ("Fünfzehn Menschen starben [[s1]].", "50 people died.", "de", UNSUPPORTED),
        ("Quinze personnes sont mortes [[s1]].", "15 people died.", "fr", UNKNOWN),
        ("Once personas murieron [[s1]].", "12 people died.", "es", UNSUPPORTED),
    ],
)
def test_what_contradicts_is_unsupported_and_what_is_merely_not_found_is_for_the_judge(sentence, quote, language, expected):
    [claim] = claims_of(sentence)
    assert by_rules(claim, held(quote), language).verdict == expected
