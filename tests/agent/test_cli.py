"""The command line says what there is, and fails in one line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from agent import cli
from agent.answer import Parts
from agent.errors import AgentError, AskError, RunError, RunNotFound, TrajectoryError
from agent.events import EventLog
from agent.loop import start
from agent.models import ModelSpec
from agent.models.scripted import ScriptedModel
from agent.runs import create, find, moved
from agent.trajectory import Limits, Paused, Resumed
from agent.watch import line_of, shorten

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runs(new_run, shelf, begun, script) -> Path:
    """A folder with a complete run, one that was killed at once, and one that is damaged."""
    done, killed, damaged = new_run("20250101-done-1"), new_run("20250102-killed-2"), new_run("20250103-damaged-3")
    start(done, begun(), Parts(ScriptedModel(script), shelf))
    with EventLog(killed.log) as log:
        log.append(begun("What was\nit?"))
    damaged.log.write_bytes(b"{}\n{}\n")
    return done.path.parent


def test_runs_lists_every_run_with_how_it_stands(runs, capsys):
    assert cli.main(["runs", "--runs", str(runs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["20250103-damaged-3", "20250102-killed-2", "20250101-done-1", "3"]
    assert "damaged" in lines[0]
    assert "open" in lines[1]
    assert "What was it?" in lines[1]
    assert "complete    3 cited" in lines[2]
    cli.main(["runs", "--runs", str(runs), "--json"])
    assert [s["status"] for s in orjson.loads(capsys.readouterr().out)] == ["damaged", "open", "complete"]


def test_show_prints_the_report_of_a_run_named_by_its_beginning(runs, capsys):
    assert cli.main(["show", "20250101", "--runs", str(runs)]) == 0
    assert capsys.readouterr().out == (runs / "20250101-done-1" / "report.md").read_text()
    assert cli.main(["show", str(runs / "20250101-done-1"), "--json"]) == 0
    shown = orjson.loads(capsys.readouterr().out)
    assert shown["complete"]
    assert shown["report"].startswith("# Is boiled water")


def test_show_prints_no_character_that_a_terminal_obeys(runs, capsys):
    report = runs / "20250101-done-1" / "report.md"
    report.write_text("# A\n\n\tIt is\x1b]0;x\x07 1\u202f000 \x9b31m so.\n")
    with pytest.raises(TrajectoryError, match="was changed after it was written"):
        cli.main(["show", "20250101", "--runs", str(runs)])
    assert capsys.readouterr().out == "# A\n\n\tIt is ]0;x  1\u202f000  31m so.\n"


def test_a_model_that_moved_takes_the_judge_of_its_endpoint_with_it(begun):
    here, there = ModelSpec("openai", "m", "http://a.example/v1"), "http://b.example/v1"
    started = replace(begun(), model=here, judge=replace(here, name="j"))
    after = moved(started, there)
    assert (after.model, after.judge) == (replace(here, url=there), replace(here, name="j", url=there))
    elsewhere = replace(here, url="http://c.example/v1")
    assert moved(replace(started, judge=elsewhere), there).judge == elsewhere


def test_verify_prints_a_verdict_per_citation_and_fails_where_one_does_not_resolve(runs, capsys):
    run = find("20250101", runs)
    assert cli.main(["verify", str(run.path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("3 of 3 citations resolve")
    for blob in (run.path / "blobs").iterdir():
        if b"Chlorine tablets" in blob.read_bytes():
            blob.write_bytes(b"spoilt")
    assert cli.main(["verify", str(run.path), "--json"]) == 1
    report = orjson.loads(capsys.readouterr().out)
    assert report["checked"] > report["ok"]


@pytest.mark.parametrize(
    ("argv", "error", "said"),
    [
        (["show", "2024"], RunNotFound, "no run called '2024'"),
        (["show", "2025"], RunNotFound, "3 runs begin with '2025'"),
        (["show", "20250102"], RunError, "has no report yet"),
        (["verify", "20250102"], RunError, "has no report yet"),
        (["verify", "20250103"], TrajectoryError, "is damaged|not an event"),
        (["resume", "20250103"], TrajectoryError, "not an event"),
        (["resume", "20250102", "--max-steps", "0"], AskError, "0 steps is out of range"),
        (["resume", "20250102", "--model-url", "http://h/v1"], AskError, "--model-url is for a model behind an endpoint"),
        (["ask", "  "], AskError, "the question is empty"),
        (["ask", "why?", "--model", "gpt"], AskError, "no model called 'gpt'"),
    ],
)
def test_wrong_use_is_one_line_and_creates_nothing(runs, argv, error, said):
    before = sorted(runs.rglob("*"))
    with pytest.raises(error, match=said) as raised:
        cli.main([*argv, "--runs", str(runs)])
    assert raised.value.exit_code == (2 if error is AskError else 1)
    assert "\n" not in str(raised.value)
    assert sorted(runs.rglob("*")) == before


def test_a_run_that_stopped_before_its_first_event_is_to_be_asked_again(runs, new_run):
    new_run("20250104-empty").log.touch()
    for verb in ("show", "export", "verify", "resume", "stop", "watch"):
        with pytest.raises(RunNotFound, match="stopped before its first event; ask again"):
            cli.main([verb, "20250104", "--runs", str(runs)])


def test_a_report_that_is_gone_is_said_to_be_missing(runs):
    (runs / "20250101-done-1" / "report.md").unlink()
    for verb in ("show", "export", "verify"):
        with pytest.raises(TrajectoryError, match=r"report.md is missing; .* writes it again"):
            cli.main([verb, "20250101", "--runs", str(runs)])


def test_a_hint_of_what_to_do_can_be_typed_as_it_stands(runs, monkeypatch):
    monkeypatch.chdir(runs.parent)
    (runs / "20250101-done-1" / "report.md").unlink()
    runs = runs.rename("my runs")
    for name in ("20250101-done-1", "20250102-killed-2"):
        for verb in ("show", "export", "verify"):
            with pytest.raises(AgentError) as refused:
                cli.main([verb, name, "--runs", runs.name])
            hint = str(refused.value).partition("`")[2].partition("`")[0]
            assert shlex.split(hint) == ["stepwell", "agent", "resume", f"{runs.name}/{name}"]
    with pytest.raises(RunNotFound, match="; `stepwell agent runs --runs 'my runs'` lists them"):
        cli.main(["show", "2024", "--runs", runs.name])


def test_a_run_under_way_is_to_be_followed_and_not_to_be_taken_up(runs):
    run = find("20250102", runs)
    with EventLog(run.log):
        for verb in ("show", "export", "verify"):
            with pytest.raises(RunError) as refused:
                cli.main([verb, str(run.path)])
            assert (
                str(refused.value) == f"{run.id} is under way and has no report yet; `stepwell agent watch {run.path}` follows it"
            )


def test_a_run_that_cannot_be_read_hides_no_other(runs, capsys):
    for name in ("20250105-link", "20250106-folder", "20250107-pipe", "20250108-loop"):
        (runs / name).mkdir()
    (runs / "20250105-link" / "events.jsonl").symlink_to("nowhere")
    (runs / "20250106-folder" / "events.jsonl").mkdir()
    os.mkfifo(runs / "20250107-pipe" / "events.jsonl")
    (runs / "20250108-loop" / "events.jsonl").symlink_to("events.jsonl")
    (runs / "a-file").touch()
    (runs / "no-run").mkdir()
    assert cli.main(["runs", "--runs", str(runs), "--json"]) == 0
    assert [s["status"] for s in orjson.loads(capsys.readouterr().out)] == [*["damaged"] * 5, "open", "complete"]
    for day in range(5, 9):
        for verb in ("show", "watch", "pause", "stop", "export", "verify", "resume"):
            with pytest.raises(RunNotFound, match=r"events.jsonl is no file"):
                cli.main([verb, f"2025010{day}", "--runs", str(runs)])


def test_a_name_longer_than_a_name_can_be_is_no_run(runs):
    with pytest.raises(RunNotFound, match=r"no run called 'x{100}' in"):
        cli.main(["show", "x" * 300, "--runs", str(runs)])


def test_a_folder_of_runs_that_is_none_is_an_error_and_one_that_is_not_there_is_said_to_be(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(AskError, match=r"no run can be made in .*file: not a directory; name a folder with --runs"):
        create(tmp_path / "file", "Why?")
    with pytest.raises(NotADirectoryError):
        cli.main(["runs", "--runs", str(tmp_path / "file")])
    assert cli.main(["runs", "--runs", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out.endswith("none, which is not there\n")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from agent.cli import parser; parser().format_help(); print({'grpc', 'httpx', 'orjson'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_fresh_run_has_a_folder_that_can_be_read_and_sorted(tmp_path):
    run = create(tmp_path / "runs", "What is known about über-long ÑAMES, really and truly?")
    assert (run.path / "blobs").is_dir()
    assert "-what-is-known-about-ber-" in run.id
    assert create(tmp_path / "runs", "水は？").id.split("-")[2] == "question"


def test_what_is_one_is_counted_in_the_singular(asked, tmp_path, capsys):
    script = tmp_path / "script.json"
    searching = {"name": "batch_search", "arguments": {"queries": ["boiled water altitude"], "k": 1}}
    writing = {"name": "write", "arguments": {"path": "report.md", "content": "Water boils [[s1]]."}}
    script.write_bytes(orjson.dumps([{"calls": [searching, writing, {"name": "finish", "arguments": {}}]}]))
    assert asked("", "--model", f"scripted:{script}") == 0
    told = capsys.readouterr()
    assert "1 query, 1 hit in 1 document, " in told.err
    assert "complete; 1 span of 1 source cited, 1 step, " in told.out
    [run] = (tmp_path / "runs").iterdir()
    assert cli.main(["verify", str(run)]) == 0
    assert "1 of 1 citation resolves; " in capsys.readouterr().out
    assert cli.main(["runs", "--runs", str(run.parent)]) == 0
    assert f"\n1 run in {run.parent}\n" in capsys.readouterr().out


def test_a_run_is_said_to_be_resumed_only_where_it_had_begun(new_run, begun):
    run = new_run()
    with EventLog(run.log) as log:
        for payload in (begun(), Resumed(Limits()), Paused(), Resumed(Limits())):
            log.append(payload)
    assert [line_of(event) for event in run.events()][1:] == ["", "paused", "resumed"]


@pytest.mark.parametrize("verb", ["resume", "verify"])
def test_the_examples_of_help_name_a_run_as_runs_are_named(tmp_path, capsys, verb):
    with pytest.raises(SystemExit):
        cli.main([verb, "--help"])
    words = create(tmp_path, "Is boiled water safe to drink?").id.split("-", 2)[2].rpartition("-")[0]
    assert f"20250131-142501-{words}-3fa9 " in capsys.readouterr().out


def test_a_line_on_the_terminal_holds_no_control_character(runs):
    lines = [line_of(event) for event in find("20250101", runs).events()]
    assert lines[0].startswith("question   Is boiled water safe")
    assert any(line.startswith("finish     failed: not finished: no span is called s99") for line in lines)
    assert shorten("a\x1b[31mb\nc" + "d" * 300).isprintable()
    assert len(shorten("d" * 300)) == 160
