"""A command sees its workspace and nothing else, uses what it may use, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import ToolError
from agent.models import Call
from agent.sandbox.allowance import Allowance, fitting
from agent.sandbox.bubblewrap import Bubblewrap, with_allowance
from agent.sandbox.filter import ARCHITECTURES, known, program
from agent.tools import use
from tests.agent.attacks.every import ATTACKS, OTHERS
from tests.agent.attacks.use import processes
from tests.agent.attacks.world import NOBODY

ROOT = Path(__file__).parents[2]
ATTACK = [sys.executable, "-m", "tests.agent.attacks", "--json"]

absent = Bubblewrap().absent()
needs_sandbox = pytest.mark.skipif(bool(absent), reason=f"no sandbox here: {absent}")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what root and another user would")


def tried(*options: str) -> dict[str, str]:
    done = subprocess.run([*ATTACK, *options], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return {attack["name"]: attack["leak"] for attack in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def as_i_am() -> dict[str, str]:
    return tried()


@needs_sandbox
@pytest.mark.parametrize("attack", [attack.name for attack in ATTACKS])
def test_nothing_comes_of_an_attack(as_i_am, attack):
    assert as_i_am[attack] == ""


@needs_sandbox
@needs_root
@pytest.mark.long
def test_nothing_comes_of_an_attack_as_an_ordinary_user_either():
    leaks = tried("--uid", str(NOBODY))
    assert len(leaks) == len(ATTACKS) + len(OTHERS)
    assert not any(leaks.values()), leaks


@needs_sandbox
@pytest.mark.long
def test_the_judges_see_what_a_weaker_sandbox_lets_through():
    """Without the filter of system calls, though still in its namespaces."""
    leaks = tried("--without-filter")
    assert "LEAK way 0" in leaks["disk filler, reserved blocks"]
    assert "LEAK" in leaks["memory, shared memory, io_uring"]
    assert "LEAK" in leaks["ptrace, memory of other processes"]
    assert "socket family" in leaks["network: tcp, udp, unix, netlink, vsock, raw"]


def test_the_readme_lists_every_attack():
    told = (ROOT / "agent" / "README.md").read_text()
    assert [attack.name for attack in ATTACKS if f"| {attack.name} |" not in told] == []
    assert [name for name in OTHERS if f"| {name} |" not in told] == []


@needs_sandbox
def test_a_command_works_in_the_workspace_and_its_exit_status_comes_back(tmp_path):
    (tmp_path / "in.txt").write_text("3\n1\n2\n")
    done = Bubblewrap().run("sort in.txt > out.txt; cat out.txt; echo to stderr >&2; exit 3", tmp_path, 10)
    assert (done.code, done.output, done.cut, done.stopped) == (3, "1\n2\n3\nto stderr\n", False, "")
    assert (tmp_path / "out.txt").read_text() == "1\n2\n3\n"
    assert (tmp_path / "out.txt").stat().st_uid == os.geteuid()


@needs_sandbox
def test_each_command_finds_an_empty_tmp_and_an_environment_of_four_names(tmp_path):
    Bubblewrap().run("echo x > /tmp/left", tmp_path, 10)
    done = Bubblewrap().run("ls /tmp; env | cut -d= -f1 | sort | tr '\\n' ' '", tmp_path, 10)
    assert done.output == "HOME LANG PATH PWD TMPDIR "


@needs_sandbox
def test_of_etc_a_command_sees_what_the_readme_names(tmp_path):
    [sentence] = re.findall(r"and of `/etc`\s+only ([^,]+),", (ROOT / "agent" / "README.md").read_text())
    seen = Bubblewrap().run("ls -A /etc", tmp_path, 10).output.split()
    assert set(seen) <= set(re.findall(r"`([^`]+)`", sentence))


@needs_sandbox
def test_a_folder_that_only_its_owner_may_enter_is_no_hindrance(tmp_path):
    workspace = tmp_path / "closed" / "workspace"
    workspace.mkdir(parents=True)
    workspace.parent.chmod(0o700)
    assert Bubblewrap().run("pwd; echo y > x", workspace, 10).output == "/workspace\n"
    assert (workspace / "x").read_text() == "y\n"


@needs_sandbox
def test_a_workspace_that_is_named_from_here_is_found(tmp_path, monkeypatch):
    (tmp_path / "runs" / "workspace").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert Bubblewrap().run("echo y > x; pwd", Path("runs/workspace"), 10).output == "/workspace\n"
    assert (tmp_path / "runs" / "workspace" / "x").read_text() == "y\n"


@needs_sandbox
def test_files_that_were_there_survive_a_command_that_filled_the_disk(tmp_path):
    (tmp_path / "report.md").write_text("kept")
    done = Bubblewrap(Allowance(entries=50)).run("for i in $(seq 500); do : > f$i; done; sleep 5", tmp_path, 10)
    assert done.stopped == "its files were over 50; those it made were removed"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


NESTED = "python3 -c \"\nimport os\nfor i in range(%d):\n os.mkdir('%s'); os.chdir('%s')\nopen('f', 'w').write('x')\n\""


@needs_sandbox
@pytest.mark.parametrize(("depth", "name"), [(1_500, "d"), (6_000, "d"), (60, "d" * 200)])
@pytest.mark.parametrize("where", ["", "cd /tmp; "])
def test_folders_nested_deeper_than_a_path_are_removed_and_the_next_command_runs(tmp_path, stages, depth, name, where):
    (tmp_path / "kept").write_text("kept")
    done = Bubblewrap().run(where + NESTED % (depth, name, name), tmp_path, 20)
    assert where or done.stopped == "its files lay deeper than a path of 1,000 bytes; those it made were removed"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert Bubblewrap().run("cat kept", tmp_path, 10).output == "kept"
    assert list(stages.iterdir()) == []


@needs_sandbox
def test_folders_nested_as_deep_as_they_may_be_are_listed_and_kept(make_desk, shelf, tmp_path):
    desk = make_desk(shelf, tmp_path, sandbox=Bubblewrap())
    for command in (NESTED % (490, "d", "d"), "echo again"):
        seen = use(Call("c1.1", "shell", json.dumps({"cmd": command})), desk)
        assert "stopped" not in seen.output
        assert seen.output["files"] == ["d/" * 490 + "f"]


@needs_sandbox
def test_nested_folders_that_a_killed_process_left_are_removed_by_the_next_command(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    Bubblewrap().run("true", tmp_path, 10)
    assert Bubblewrap().run("echo hello", tmp_path, 10).output == "hello\n"


@needs_sandbox
def test_what_a_killed_process_left_is_removed_by_the_next_command_and_what_one_at_work_holds_is_not(tmp_path, stages):
    script = (
        "import sys, pathlib; from agent.sandbox.bubblewrap import *; Bubblewrap().run('sleep 60', pathlib.Path(sys.argv[1]), 60)"
    )
    (tmp_path / "other").mkdir()
    asker = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "other")], env=os.environ | {"TMPDIR": str(stages)})
    try:
        until = time.monotonic() + 20
        while not (left := list(stages.glob("stepwell-sandbox-*/scratch/tmp"))):
            assert time.monotonic() < until
            time.sleep(0.02)
        folder = left[0].parents[1]
        for killed in (False, True):
            if killed:
                asker.kill()
                asker.wait()
            os.utime(folder, (1, 1))
            assert Bubblewrap().run("echo hello", tmp_path, 10).output == "hello\n"
            assert folder.exists() is not killed
    finally:
        asker.kill()
        asker.wait()


GROW = "for i in 1 2 3 4; do head -c 9000000 /dev/zero > f$i; done; sleep 2"


@needs_sandbox
def test_files_that_grew_over_the_limit_are_cut_back_and_the_shell_lives_on(tmp_path):
    for n in range(1, 5):
        (tmp_path / f"f{n}").write_text("x\n")
    sandbox = with_allowance(disk=32 * 2**20)
    done = sandbox.run(GROW, tmp_path, 20)
    assert done.stopped.startswith("its files took over 32 MiB; those it made were removed, and what grew was cut")
    assert set(done.cut_back) <= {"f1", "f2", "f3", "f4"}
    assert len(done.cut_back) > 2
    assert {path.stat().st_size for path in tmp_path.iterdir()} == {2}
    assert sandbox.run("echo hello", tmp_path, 10).output == "hello\n"


@needs_sandbox
def test_holes_that_were_filled_over_the_limit_are_emptied(tmp_path):
    sandbox = with_allowance(disk=32 * 2**20)
    assert sandbox.run("for i in 1 2 3 4; do truncate -s 9000000 f$i; done", tmp_path, 10).stopped == ""
    sandbox.run(GROW, tmp_path, 20)
    assert sum(path.stat().st_blocks * 512 for path in tmp_path.iterdir()) < 2**20


@needs_sandbox
def test_a_workspace_that_is_over_the_limit_already_can_be_looked_at_and_freed(tmp_path):
    for n in range(4):
        (tmp_path / f"f{n}").write_bytes(bytes(9_000_000))
    sandbox = with_allowance(disk=32 * 2**20)
    assert sandbox.run("ls | wc -l; sleep 1", tmp_path, 10).output == "4\n"
    assert "its files took over 34 MiB" in sandbox.run("head -c 9000000 /dev/zero > f9; sleep 2", tmp_path, 10).stopped
    assert sandbox.run("rm f0 f1; echo freed", tmp_path, 10).output == "freed\n"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["f2", "f3"]


@needs_sandbox
def test_a_report_that_a_command_blew_up_is_what_the_log_has_of_it_again(make_desk, shelf, tmp_path):
    sandbox = with_allowance(disk=32 * 2**20)
    desk = make_desk(shelf, tmp_path, sandbox=sandbox)
    known = use(Call("c1.1", "write", '{"path": "report.md", "content": "kept"}'), desk).files[0]
    desk.workspace.write("report.md", b"kept")
    desk = replace(desk, standing=replace(desk.standing, files={"report.md": known.sha256}))
    grow = "for i in 1 2 3 4 5; do head -c 9000000 /dev/zero >> report.md; sleep .1; done; sleep 2"
    assert use(Call("c1.2", "shell", json.dumps({"cmd": grow})), desk).files == (known,)


@needs_sandbox
def test_a_command_dies_with_the_process_that_asked_for_it(tmp_path):
    code = (
        "from pathlib import Path; from agent.sandbox.bubblewrap import Bubblewrap\n"
        f"Bubblewrap().run('sleep 98{os.getpid()}', Path({str(tmp_path)!r}), 100)"
    )
    command = f"sleep\098{os.getpid()}"
    until = time.monotonic() + 20
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as asker:
        while not (began := processes(command)) and time.monotonic() < until:
            time.sleep(0.02)
        asker.send_signal(signal.SIGKILL)
    assert began
    while processes(command) and time.monotonic() < until:
        time.sleep(0.02)
    assert not processes(command)


@needs_sandbox
def test_a_command_that_the_kernel_could_not_take_is_refused(tmp_path):
    with pytest.raises(ToolError, match="NUL"):
        Bubblewrap().run("echo a\0b", tmp_path, 1)


def test_without_bubblewrap_the_shell_is_refused_with_the_way_out(monkeypatch, make_desk, shelf, tmp_path):
    monkeypatch.setattr("agent.sandbox.bubblewrap.shutil.which", lambda name, path: None if name == "bwrap" else name)
    bare = Bubblewrap(Allowance(processes=17))
    assert bare.absent() == "bwrap is not there; install it (apt install bubblewrap, dnf install bubblewrap)"
    with pytest.raises(ToolError, match="the shell is not available: bwrap is not there; install it"):
        use(Call("c1.1", "shell", '{"cmd": "touch /tmp/ran"}'), make_desk(shelf, tmp_path, sandbox=bare))


@needs_sandbox
def test_a_bubblewrap_that_fails_is_no_sandbox():
    assert "bubblewrap does not work here" in Bubblewrap(Allowance(memory=1)).absent()


def test_all_processes_together_take_at_most_half_of_the_machine():
    assert fitting(8 * 2**30).total_memory == 4 * 2**30
    assert fitting(2**40).total_memory == Allowance().total_memory == 8 * 2**30


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_a_filter_is_a_program_that_the_kernel_may_take(machine):
    code = program(machine)
    assert len(code) % 8 == 0
    assert len(code) // 8 < 4096
    steps = [code[i : i + 8] for i in range(0, len(code), 8)]
    assert all(i + 1 + max(s[2], s[3]) < len(steps) for i, s in enumerate(steps) if s[0] & 7 == 5)
    assert steps[-1][0] == 6


def test_a_machine_without_a_table_has_no_filter():
    assert not known("riscv64")
