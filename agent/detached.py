"""How does a run go on after the process that wants it has ended?

In a process of its own, in a session of its own, that takes the run up; what it prints is in ``console.log`` of the run's folder.
"""

from __future__ import annotations

import subprocess
import sys
import threading

from agent.control import Control
from agent.runs import Run


def take_up(run: Run, server: str = "") -> None:
    """Start `agent resume` for the run, with its own server or another; returns at once."""
    Control(run.path).ask("")
    command = [sys.executable, "-m", "stepwell", "agent", "resume", str(run.path.resolve())]
    command += ["--server", server] if server else []
    command += ["--since", str(len(run.events()))]
    with (run.path / "console.log").open("ab") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
    threading.Thread(target=process.wait, daemon=True).start()  # a page that lives on must not keep it as a zombie
