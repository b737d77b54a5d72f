"""A person may stop, hold and take up a run at any time, and two processes never work on one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from agent import cli
from agent.answer import Parts
from agent.control import Control, Stopped
from agent.errors import AskError, RunError, RunLocked
from agent.events import EventLog, locked
from agent.loop import resume, start, stop
from agent.models import ModelSpec
from agent.models.scripted import ScriptedModel, turn
from agent.page.listing import Listing
from agent.runs import summaries
from agent.sandbox.bubblewrap import Bubblewrap
from agent.standing import standing_of
from agent.trajectory import Ended, Limits, Paused, Replied, Resumed
from tests.agent.attacks.use import processes

ROOT = Path(__file__).parents[2]

absent = Bubblewrap().absent()
needs_sandbox = pytest.mark.skipif(bool(absent), reason=f"no sandbox here: {absent}")


class Hanging:
    """A model that never answers, until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.asked = threading.Event()

    def reply(self, messages, tools):
        self.asked.set()
        self.free.wait(30)
        raise AssertionError("nobody waits for this")


def in_background(run, started, parts) -> threading.Thread:
    thread = threading.Thread(target=start, args=(run, started, parts))
    thread.start()
    return thread


def test_a_stop_is_obeyed_within_two_seconds_though_the_model_hangs(new_run, shelf, begun):
    run, model = new_run(), Hanging()
    thread = in_background(run, begun(), Parts(model, shelf))
    assert model.asked.wait(10)
    asked = time.monotonic()
    Control(run.path).ask("stop")
    thread.join(10)
    taken = time.monotonic() - asked
    model.free.set()
    assert not thread.is_alive()
    assert taken < 2  # the promise; LOOK is a twentieth of it
    ended = [e.payload for e in run.events() if isinstance(e.payload, Ended)]
    assert ended == [Ended(complete=False, reason="it was stopped by hand")]
    assert "it was stopped by hand" in run.report.read_text()
    assert not Control(run.path).wanted


def test_a_model_that_hangs_past_the_working_time_does_not_hold_the_report(new_run, shelf, begun, monkeypatch):
    monkeypatch.setattr("agent.loop.GRACE", 0.2)
    run, model = new_run(), Hanging()
    ended = start(run, begun(limits=Limits(seconds=1.0)), Parts(model, shelf)).ended
    model.free.set()
    assert ended.reason == "the limit of working time was reached while a model or a tool was at work"
    assert run.report.is_file()


def test_a_pause_holds_the_run_between_steps_and_its_time_is_nobodys(new_run, shelf, begun, script):
    run = new_run()
    Control(run.path).ask("pause")
    thread = in_background(run, begun(), Parts(ScriptedModel(script), shelf))
    while not any(isinstance(e.payload, Paused) for e in (run.events() if run.log.exists() else [])):
        time.sleep(0.02)
    time.sleep(0.3)
    assert not any(isinstance(e.payload, Replied) for e in run.events())
    Control(run.path).ask("")
    thread.join(30)
    kinds = [e.kind for e in run.events()]
    assert kinds[:4] == ["started", "paused", "resumed", "replied"]
    assert run.report.is_file()


def test_a_run_that_is_held_is_listed_as_paused_and_as_open_once_its_process_is_gone(new_run, begun, capsys):
    run = new_run()
    listing = ["runs", "--runs", str(run.path.parent)]
    with EventLog(run.log) as log:
        log.append(begun())
        for payload, status in ((Paused(), "paused"), (Resumed(Limits()), "running"), (Paused(), "paused")):
            log.append(payload)
            assert cli.main(listing) == 0
            assert capsys.readouterr().out.split()[2] == status
            cli.main([*listing, "--json"])
            assert [row["status"] for row in orjson.loads(capsys.readouterr().out)] == [status]
            assert [summary.status for summary in Listing(run.path.parent).now()] == [status]
    assert [summary.status for summary in summaries(run.path.parent)] == ["open"]


def test_a_run_that_is_held_can_be_stopped(new_run, shelf, begun, script):
    run = new_run()
    Control(run.path).ask("pause")
    thread = in_background(run, begun(), Parts(ScriptedModel(script), shelf))
    time.sleep(0.2)
    Control(run.path).ask("stop")
    thread.join(10)
    assert [e.kind for e in run.events()][-3:] == ["paused", "ended", "reported"]
    assert resume(run, Parts(ScriptedModel(script), shelf)).ended.complete


@pytest.mark.parametrize("given", ["--max-steps 3", "--max-money 0", "--server 127.0.0.1:1", "--model-url http://127.0.0.1:1/v1"])
def test_a_run_that_is_held_takes_no_other_limits_and_says_so(new_run, shelf, begun, script, given, capsys):
    run, model = new_run(), ModelSpec("openai", "m", "http://127.0.0.1:2/v1")
    Control(run.path).ask("pause")
    thread = in_background(run, replace(begun(), model=model), Parts(ScriptedModel(script), shelf))
    while not any(isinstance(e.payload, Paused) for e in (run.events() if run.log.exists() else [])):
        time.sleep(0.02)
    with pytest.raises(AskError, match=f"is held and goes on as it was begun, without {given.split()[0]}; .* stop .* first"):
        cli.main(["resume", str(run.path), *given.split()])
    assert Control(run.path).wanted == "pause"
    assert cli.main(["resume", str(run.path)]) == 0
    assert "goes on" in capsys.readouterr().out
    thread.join(30)
    assert standing_of(run.events()).ended.complete


def test_two_processes_never_work_on_one_run(new_run, begun):
    run = new_run()
    code = "import sys, time; from pathlib import Path; from agent.events import EventLog\n"
    code += "with EventLog(Path(sys.argv[1])): print('held', flush=True); time.sleep(30)"
    with EventLog(run.log) as log:
        log.append(begun())
    other = subprocess.Popen([sys.executable, "-c", code, run.log], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        assert locked(run.log)
        with pytest.raises(RunLocked, match="another process works on"):
            resume(run, Parts(ScriptedModel([]), None))
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        other.stdout.close()
    assert not locked(run.log)


def test_looking_whether_a_run_is_held_never_keeps_another_from_holding_it(new_run, begun):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            locked(run.log)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(50):
            with EventLog(run.log):
                pass
    finally:
        done.set()
        thread.join()


def test_stop_ends_a_run_whose_process_is_gone_and_pause_says_there_is_nothing_to_hold(new_run, begun, capsys):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
        log.append(Resumed(Limits()))
    with pytest.raises(RunError, match="nothing to pause"):
        cli.main(["pause", str(run.path)])
    assert cli.main(["stop", str(run.path)]) == 0
    assert "it was stopped by hand" in run.report.read_text()
    with pytest.raises(RunError, match="is over already"):
        cli.main(["stop", str(run.path)])
    assert cli.main(["watch", str(run.path)]) == 0
    assert "partial    it was stopped by hand" in capsys.readouterr().out


def test_the_time_in_which_a_run_lay_about_counts_against_no_limit(new_run, shelf, begun, script):
    run = new_run()
    hours_ago = time.time() - 7_200
    with EventLog(run.log, clock=lambda: hours_ago) as log:
        log.append(begun())
    stopped = stop(run, "stopped", left=True)
    assert stopped.ended.reason == "it was stopped by hand"
    assert stopped.seconds < 60
    assert resume(run, Parts(ScriptedModel(script), shelf)).ended.complete


class Speaking:
    """A model that speaks, and goes on when it is let go, though nobody waits for it any more."""

    def __init__(self) -> None:
        self.free, self.asked, self.said = threading.Event(), threading.Event(), threading.Event()

    def listen(self, tell):
        self.tell = tell

    def reply(self, messages, tools):
        self.tell("word0 word1 ")
        self.asked.set()
        self.free.wait(30)
        time.sleep(0.25)  # it is not written down more often
        self.tell("word2 ")
        self.said.set()
        raise AssertionError("nobody waits for this")


@contextlib.contextmanager
def pressed(when: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C, as soon as that is so."""

    def press() -> None:
        until = time.monotonic() + 20
        while not when() and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    presser = threading.Thread(target=press)
    presser.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        presser.join()
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("end", ["stop", "ctrl-c"])
def test_of_a_reply_that_was_given_up_nothing_is_shown_any_more(new_run, shelf, begun, end):
    run, model = new_run(), Speaking()
    live = run.path / "live.md"
    if end == "stop":
        thread = in_background(run, begun(), Parts(model, shelf))
        assert model.asked.wait(10)
        assert live.read_text() == "word0 word1 "
        Control(run.path).ask("stop")
        thread.join(10)
    else:
        with pressed(model.asked.is_set):
            start(run, begun(), Parts(model, shelf))
    assert not live.exists()
    model.free.set()
    assert model.said.wait(10)
    assert not live.exists()


def test_of_a_reply_whose_process_was_killed_nothing_is_shown_once_the_run_is_stopped(new_run, begun):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(begun())
    (run.path / "live.md").write_text("word0 word1")
    stop(run, "stopped", left=True)
    assert not (run.path / "live.md").exists()


@needs_sandbox
@pytest.mark.parametrize("end", ["stop", "ctrl-c"])
def test_a_command_that_is_given_up_is_over_within_two_seconds_and_leaves_nothing_behind(new_run, shelf, begun, stages, end):
    run, mark = new_run(), f"97{os.getpid()}"
    command = f"head -c 9000000 /dev/zero > /tmp/x; mkdir closed; chmod 0 closed; touch running; sleep {mark}"
    parts = Parts(ScriptedModel([turn(shell={"cmd": command})]), shelf, Bubblewrap())
    there = run.workspace.root / "running"
    if end == "stop":
        thread = in_background(run, begun(), parts)
        while not there.exists():
            time.sleep(0.02)
        asked = time.monotonic()
        Control(run.path).ask("stop")
        thread.join(10)
        assert time.monotonic() - asked < 2  # the promise
    else:
        with pressed(there.exists):
            start(run, begun(), parts)
    assert list(stages.iterdir()) == []
    assert not processes(f"sleep\0{mark}")
    assert {path.lstat().st_uid for path in (run.workspace.root, *run.workspace.root.iterdir())} == {os.geteuid()}
    assert (run.workspace.root / "closed").stat().st_mode & 0o700 == 0o700


@pytest.mark.parametrize("end", ["stop", "ctrl-c", "let go"])
def test_the_time_of_a_pause_counts_against_no_limit_however_the_pause_ends(new_run, shelf, begun, script, monkeypatch, end):
    run, hours = new_run(), [0]

    def wait(control):
        """What a person does: comes back after an hour."""
        hours[0] += 3_600
        if end == "ctrl-c":
            raise KeyboardInterrupt
        if end == "stop":
            raise Stopped("stopped")
        control.ask("")

    monkeypatch.setattr(Control, "wait", wait)
    Control(run.path).ask("pause")
    with contextlib.suppress(KeyboardInterrupt):
        start(run, begun(limits=Limits(seconds=60)), Parts(ScriptedModel(script), shelf), clock=lambda: time.time() + hours[0])
    again = standing_of(run.events())
    assert (again.ended.complete, again.seconds < 60) == (end == "let go", True)
    again = resume(run, Parts(ScriptedModel(script), shelf), clock=lambda: time.time() + hours[0] + 3_600)
    assert again.ended.complete
    assert again.seconds < 60
