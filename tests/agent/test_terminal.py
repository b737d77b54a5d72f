"""What endpoints, models and sources write is shown by a terminal, and not obeyed."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.answer import Parts
from agent.cli import main
from agent.errors import ContextTooLong, ModelError
from agent.events import EventLog
from agent.export import html
from agent.loop import start
from agent.models.scripted import ScriptedModel, turn
from agent.report import findings_of, write_report
from agent.runs import find
from agent.trajectory import Ended
from tests.agent.endpoint import Answer, serving

ROOT = Path(__file__).parents[2]
EVIL = "bad \x1b]0;PWNED\x07\x1b[2J\x1b[31mkey\x9b5m\x7f"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_an_endpoint_says_in_a_refusal_is_shown_and_not_obeyed(asked, tmp_path, capsys, more):
    with serving(Answer({"error": {"message": EVIL}}, status=401)) as endpoint:
        assert asked(f'[agent.models.x]\nurl = "{endpoint.url}"\n', "--model", "x", *more) == 1
    printed = capsys.readouterr()
    [run] = [find(path.name, tmp_path / "runs") for path in (tmp_path / "runs").iterdir()]
    assert "PWNED" in printed.out
    for text in (printed.out, printed.err, run.report.read_text(), run.sources.read_text(), html(findings_of(run, run.events()))):
        assert not OBEYED.search(text)


@pytest.mark.parametrize("error", [ModelError, ContextTooLong])
def test_the_reason_of_a_model_that_failed_holds_nothing_that_a_terminal_obeys(error):
    assert str(error(EVIL)) == "bad  ]0;PWNED  [2J [31mkey 5m "


def test_reports_of_runs_of_before_hold_nothing_that_a_terminal_obeys(new_run, shelf, begun, capsys):
    run = new_run()
    shelf.documents["page:myth"] = replace(shelf.documents["page:myth"], title=EVIL, url=f"https://x.example/{EVIL[4:]}")
    draft = f"{EVIL} is what boiled water does [[s1]]. So [[s\x1b[2J]]."
    turns = [turn(open={"targets": ["page:myth"]}), turn(write={"path": "report.md", "content": draft})]
    start(run, begun(), Parts(ScriptedModel(turns), shelf))
    with EventLog(run.log) as log:
        log.append(Ended(complete=False, reason=f"the model failed: {EVIL}"))
        log.append(write_report(run, log.events))
    assert run.report.read_text().count("PWNED") >= 3
    assert not OBEYED.search(run.report.read_text() + html(findings_of(run, run.events())))
    for verb in ("verify", "runs", "show", "watch"):
        main([verb, "--runs", str(run.path.parent), *([str(run.path)] if verb != "runs" else [])])
        printed = capsys.readouterr()
        assert not OBEYED.search(printed.out + printed.err), verb


def test_an_error_of_any_room_is_printed_without_what_a_terminal_obeys():
    command = [sys.executable, "-m", "stepwell", "agent", "show", EVIL, "--runs", "nowhere\x1b[2J"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no run called" in done.stderr
    assert not OBEYED.search(done.stderr)
