"""How does a run go on after the process that wants it has ended?

In a process of its own, in a session of its own, that takes the run up; what it prints is in ``console.log`` of the run's folder.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from agent.control import Control
from agent.runs import Run
from agent.terminal import printable

MAX_SAID = 4096
"""Bytes of what such a process printed that are looked at."""

OURS = Path(__file__).parents[1]
"""Where Stepwell's modules lie: a checkout, or the folder of installed packages."""
MAIN = """import sys
ours = sys.argv.pop(1)
if ours not in sys.path:
    sys.path.insert(0, ours)
import stepwell
sys.exit(stepwell.main())"""
"""The command line, whatever lies in the working folder: `python -m` would look for every module there first."""


def take_up(run: Run, server: str = "") -> subprocess.Popen[bytes]:
    """Start `agent resume` for the run, with its own server or another; returns at once."""
    Control(run.path).ask("")
    command = [sys.executable, "-P", "-c", MAIN, str(OURS), "agent", "resume", str(run.path.resolve())]
    command += ["--server", server] if server else []
    command += ["--since", str(len(run.events()))]
    with run.console.open("ab") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
    threading.Thread(target=process.wait, daemon=True).start()  # a page that lives on must not keep it as a zombie
    return process


def last_said(run: Run) -> str:
    """The last line that a process which took the run up printed, as text for a person."""
    with (run.path / "console.log").open("rb") as console:
        console.seek(-min(MAX_SAID, console.seek(0, 2)), 2)
        lines = console.read().decode(errors="replace").split("\n")
    return next((printable(line) for line in reversed(lines) if line.strip()), "it said nothing")
