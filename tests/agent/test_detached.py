"""A run in the background is Stepwell's own program, wherever it is started, and what it said is found."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent import cli, detached
from agent.events import EventLog
from agent.models import parse_spec

NAMES = ("stepwell", "agent", "server", "orjson", "json", "threading")


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """The working folder, with modules that go by the names of ours and of others."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})")
    monkeypatch.chdir(folder)
    return folder


def said(run) -> str:
    """What its process printed, once it is over."""
    until = time.monotonic() + 30
    while not run.console.read_text().endswith("\n") and time.monotonic() < until:
        time.sleep(0.02)
    return run.console.read_text()


@pytest.mark.usefixtures("project")
def test_a_run_in_the_background_runs_no_file_of_the_working_folder_and_watch_names_what_it_said(
    new_run, begun, tmp_path, capsys
):
    run = new_run()
    with EventLog(run.log) as log:
        log.append(replace(begun(), model=parse_spec("extractive"), server="127.0.0.1:1"))
    detached.take_up(run)
    assert "127.0.0.1:1" in said(run)  # it got as far as its server
    assert not (tmp_path / "ran").exists()
    assert cli.main(["watch", str(run.path)]) == 0
    said_by_watch = capsys.readouterr().err
    assert f"nobody works on this run; `stepwell agent resume {run.path}` goes on with it; " in said_by_watch
    assert f"what its last process said is in {run.console}" in said_by_watch


@pytest.mark.parametrize(("lies", "first"), [("/a/checkout", True), (sysconfig.get_path("purelib"), False)])
def test_modules_of_a_checkout_come_first_and_those_of_an_installation_never_before_the_standard_library(project, lies, first):
    code = detached.MAIN.replace("import stepwell\nsys.exit(stepwell.main())", "print(*sys.path, sep='\\n')")
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-P", "-c", code, lies], env=bare, capture_output=True, text=True, check=True)
    path = done.stdout.splitlines()
    assert (path.index(lies) == 0, path.count(lies)) == (first, 1)
    assert str(project) not in path
