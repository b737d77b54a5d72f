"""Where may a command of the model run?

In a sandbox that sees the run's workspace and nothing else, or nowhere: without one the shell is refused. This is the seam.

    bubblewrap.py   the implementation: namespaces by bubblewrap, an unprivileged uid, limits
    allowance.py    how much a command may use
    filter.py       which system calls it may make
    meter.py        how much disk it has taken so far
    tree.py         how what it left is undone, and who owns it then
    stage.py        where it keeps what is not the run's
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left behind."""

    code: int
    """Exit status; negative for a signal."""
    output: str
    """Standard output and error together, cut where a limit was reached."""
    cut: bool
    """Whether output was lost."""
    seconds: float
    stopped: str = ""
    """Which limit ended it, in words; empty where it ended by itself."""
    cut_back: tuple[str, ...] = ()
    """Paths of files that were there before and were cut to their former size, where it took too much disk."""


class Sandbox(Protocol):
    """The seam."""

    def absent(self) -> str:
        """Why no command can be run here, with the way out; empty where one can."""
        ...

    def run(self, command: str, workspace: Path, timeout: float) -> Finished:
        """Run a shell command that sees `workspace` as its folder, for at most `timeout` seconds. Raises ToolError."""
        ...


@runtime_checkable
class Ending(Sandbox, Protocol):
    """A sandbox whose commands can be ended before their time."""

    def until(self, given_up: threading.Event) -> Sandbox:
        """The same, in which a command ends soon after that is set."""
        ...


@dataclass(frozen=True, slots=True)
class NoSandbox:
    """Refuses every command."""

    reason: str = "no sandbox is set up for this run"

    def absent(self) -> str:
        """The reason."""
        return self.reason

    def run(self, command: str, workspace: Path, timeout: float) -> Finished:
        """Never called: `absent` comes first."""
        raise AssertionError(f"{command!r} must not run in {workspace} for {timeout} s: {self.reason}")


NO_SANDBOX = NoSandbox()
