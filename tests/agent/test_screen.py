"""At a terminal a run is one screen, in a pipe one line an event; both come from the same events."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from agent import cli
from agent.answer import Parts
from agent.events import EventLog
from agent.loop import start
from agent.models import Reply
from agent.models.scripted import ScriptedModel, turn
from agent.screen import Screen

ROOT = Path(__file__).parents[2]
PLAN = [{"id": str(i), "text": f"point {i}", "status": "completed" if i < 4 else "in_progress"} for i in range(12)]


@pytest.fixture
def run(new_run, shelf, begun, script):
    made = new_run("20250101-seen")
    turns = [turn(todo={"mode": "replace", "items": PLAN}), *script[:-1], turn(verify={}), turn(finish={})]
    start(made, begun("Is boiled \x1b[31mwater\x07 safe?"), Parts(ScriptedModel(turns), shelf))
    return made


def drawn(run, events, width: int = 90, height: int = 30) -> list[str]:
    """The lines of the screen after these events."""
    out = Console(file=io.StringIO(), width=width, height=height)
    screen = Screen(run, out)
    for event in events:
        screen.take(event)
    out.print(screen.frame())
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_a_screen_shows_budgets_plan_steps_evidence_and_verdicts(run):
    text = "\n".join(drawn(run, run.events()))
    assert text.startswith("complete  Is boiled ")
    assert re.search(r"^steps +━+ .* of 30$", text, re.MULTILINE)
    assert re.search(r"^seconds .* of 900$", text, re.MULTILINE)
    assert "Plan 4 of 12 done" in text
    assert " ▸ point 4" in text
    assert "Evidence 5 sources (" in text
    assert "Verdicts 2 unknown" in text
    assert "finish     accepted" in text


def test_a_screen_fits_its_terminal_at_every_event(run):
    events = run.events()
    for height in (24, 40):
        for n in range(len(events) + 1):
            assert len(drawn(run, events[:n], height=height)) <= height


def test_no_byte_of_a_question_or_a_reply_moves_the_cursor(run):
    (run.path / "live.md").write_text("A reply \x1b[2J under\rway")
    text = "\n".join(drawn(run, run.events()))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
    assert "│ A reply  [2J under" in text


def in_a_terminal(*arguments: str) -> str:
    """What a command prints on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "LINES": "40", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-m", "stepwell", "agent", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    told = bytearray()
    try:
        while piece := os.read(ours, 65_536):
            told += piece
    except OSError:  # the other end of a terminal is closed so
        pass
    os.close(ours)
    assert process.wait(20) == 0
    return told.decode()


def test_watch_draws_on_a_terminal_and_prints_lines_in_a_pipe(run, capsys):
    screen = in_a_terminal("watch", str(run.path))
    assert "\x1b[" in screen
    assert "Evidence" in screen
    assert "━" in screen
    assert "━" not in in_a_terminal("watch", str(run.path), "--lines")
    assert cli.main(["watch", str(run.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("question   Is boiled ")
    assert lines[-1].startswith("finished")
    assert not any("\x1b" in line for line in lines)


def test_watch_follows_a_run_to_its_end_and_says_where_nobody_works(new_run, shelf, begun, script, capsys):
    run, go_on = new_run("20250102-live"), threading.Event()

    class Waits(ScriptedModel):
        def reply(self, messages, tools) -> Reply:
            go_on.wait(20)
            return super().reply(messages, tools)

    worker = threading.Thread(target=start, args=(run, begun(), Parts(Waits(script), shelf)))
    worker.start()
    while not run.log.exists() or not run.log.stat().st_size:
        pass
    watcher = threading.Thread(target=cli.main, args=(["watch", str(run.path)],))
    watcher.start()
    go_on.set()
    watcher.join(20)
    worker.join(20)
    assert capsys.readouterr().out.splitlines()[-1].startswith("finished")
    left = new_run("20250103-left")
    with EventLog(left.log) as log:
        log.append(begun())
    assert cli.main(["watch", str(left.path)]) == 0
    assert "nobody works on this run" in capsys.readouterr().err
