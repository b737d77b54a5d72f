"""Whatever a command leaves in the workspace, the run goes on to its report, as root and as a user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from agent.answer import Parts
from agent.errors import ToolError
from agent.loop import resume, start, stop
from agent.models.scripted import ScriptedModel, turn
from agent.sandbox.bubblewrap import Bubblewrap, with_allowance
from agent.sandbox.tree import take_back
from agent.trajectory import Returned
from agent.workspace import Workspace
from tests.agent.attacks.world import NOBODY

ROOT = Path(__file__).parents[2]
UIDS = sorted({os.geteuid(), NOBODY}) if os.geteuid() == 0 else [os.geteuid()]

absent = Bubblewrap().absent()
needs_sandbox = pytest.mark.skipif(bool(absent), reason=f"no sandbox here: {absent}")
CLOSING = (
    "chmod 555 .",
    "chmod 000 .",
    "mkdir n2; chmod 555 n2",
    "mkdir n3; touch n3/f; chmod 444 n3",
    "mkdir -p n4/b; touch n4/b/f; chmod 000 n4/b/f n4/b n4",
    "echo x > n5; chmod 000 n5; mv n5 x; mkdir n5; chmod 0 n5",
)


def note(folder: str) -> dict:
    return {"write": {"path": f"{folder}/a.md", "content": "noted"}}


def shell(command: str) -> dict:
    return {"shell": {"cmd": command}}


STORIES = {
    "closing": [turn for n, command in enumerate(CLOSING) for turn in (shell(command), note(f"n{n}"), shell(f"cat n{n}/a.md"))],
    "report": [shell("echo 'Water is safe when it is boiled [[s1]].' > report.md; chmod 000 report.md; mkdir d; chmod 0 d; ls")],
    "outside": [shell("mkdir notes"), note("notes")],
    "names": [
        shell(r"""touch "$(printf 'a\377b')" c"""),
        {"read": {"path": "nope"}},
        {"read": {"path": "a\ufffdb"}},
        shell("rm a?b"),
    ],
}


@pytest.fixture(scope="module", params=UIDS, ids=lambda uid: f"uid{uid}")
def came(request) -> Iterator[dict]:
    """What came of every story, as that user; any uid may enter its folder."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    stories = {name: {"turns": turns, "closed": "notes" if name == "outside" else ""} for name, turns in STORIES.items()}
    command = [sys.executable, str(ROOT / "tests" / "agent" / "commanded_runs.py"), str(folder), str(request.param)]
    done = subprocess.run(
        [*command, json.dumps(stories)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)
    take_back(folder)
    shutil.rmtree(folder)


@needs_sandbox
def test_folders_that_a_command_closes_are_open_to_the_next_call(came):
    story = came["closing"]
    assert all(story["ok"]), story["answers"]
    assert [orjson.loads(answer)["output"] for answer in story["answers"][2:-2:3]] == ["noted"] * len(CLOSING)
    assert {f"n{n}/a.md" for n in range(len(CLOSING))} <= set(story["files"])
    assert "Boiled water is safe" in story["report"]
    assert story["complete"]


@needs_sandbox
def test_a_report_that_a_command_closes_is_read_kept_and_handed_in(came):
    [_, written, _] = came["report"]["ok"]
    assert not written  # it has no base_sha256: what the command wrote was kept, and is known
    assert came["report"]["complete"]
    assert "Water is safe when it is boiled" in came["report"]["report"]


@needs_sandbox
@pytest.mark.parametrize("came", [uid for uid in UIDS if uid], indirect=True)  # no folder is closed to root
def test_a_folder_that_somebody_outside_closes_is_an_answer_and_the_report_is_written(came):
    assert "notes/a.md cannot be written: notes is closed" in came["outside"]["answers"][1]
    assert came["outside"]["complete"]


@needs_sandbox
def test_names_that_are_no_text_reach_the_model_as_text_and_it_is_told_what_to_do(came):
    listed, nope, unread, *_ = came["names"]["answers"]
    assert orjson.loads(listed)["files"] == ["a\ufffdb", "c"]
    assert "there is no file nope; there are a\ufffdb, c" in nope
    assert "a name with \ufffd is no UTF-8: only shell reaches it, so rename it there" in unread
    assert came["names"]["files"] == ["c", "report.md"]
    assert came["names"]["complete"]


@needs_sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work in the run of another user")
def test_a_workspace_that_root_takes_up_stays_with_the_user_whose_run_it_is(new_run, shelf, begun):
    run = new_run()
    run.workspace.root.mkdir()
    for path in (run.path, run.workspace.root):
        os.chown(path, NOBODY, NOBODY)
    start(run, begun(), Parts(ScriptedModel([turn(shell={"cmd": "mkdir d; touch d/f; chmod 0 d"})]), shelf, Bubblewrap()))
    left = [run.workspace.root, *run.workspace.root.rglob("*")]
    assert [path.name for path in left] == ["workspace", "d", "f"]
    assert {path.stat().st_uid for path in left} == {NOBODY}


@needs_sandbox
def test_files_that_were_cut_back_are_named_as_text_whatever_their_names(tmp_path):
    (tmp_path / os.fsdecode(b"a\377b")).write_text("x")
    sandbox = with_allowance(disk=8 * 2**20)
    done = sandbox.run('for i in 1 2 3 4; do head -c 4000000 /dev/zero >> "$(echo a*)"; sleep .1; done; sleep 2', tmp_path, 20)
    assert done.stopped.endswith("cut to its former size: a\ufffdb")


def test_a_workspace_that_nothing_can_write_keeps_neither_stop_nor_resume_from_the_report(new_run, shelf, begun, script):
    class Killed(BaseException):
        pass

    def watch(event):
        if isinstance(event.payload, Returned) and event.payload.files:
            raise Killed  # before the file is written

    run = new_run()
    with pytest.raises(Killed):
        start(run, begun(), Parts(ScriptedModel(script), shelf), watch)
    run.workspace.root.write_text("no folder")
    assert stop(run, "stopped", left=True).ended.reason == "it was stopped by hand"
    assert "Boiled water is safe" in run.report.read_text()
    assert resume(run, Parts(ScriptedModel(script), shelf)).ended


def test_a_workspace_that_cannot_be_entered_is_an_answer(tmp_path):
    (tmp_path / "workspace").write_text("no folder")
    workspace = Workspace(tmp_path / "workspace")
    for act in (workspace.read, workspace.sha256, workspace.kind, workspace.admits):
        with pytest.raises(ToolError, match="cannot be opened: Not a directory"):
            act("a.md")
    assert workspace.files() == []
