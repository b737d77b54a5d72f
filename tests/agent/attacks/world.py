"""What lies outside the sandbox, and what is an attack on it?"""

from __future__ import annotations

import contextlib
import copy
import os
import shlex
import socket
import subprocess
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.sandbox import Finished
from agent.sandbox.bubblewrap import Bubblewrap

MIB = 2**20
SECRET = "leaked-3f1c9a77"
NOBODY = 65_534
LIMITS = {"disk": 32 * MIB, "file": 12 * MIB, "entries": 2_000, "memory": 256 * MIB}
"""Smaller than the default, so that filling them takes no minute."""


class World:
    """What lies outside the sandbox: a secret file, a secret in the environment, listeners, a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder
        self.secret = folder / "secret.txt"
        self.secret.write_text(SECRET)
        os.environ["STEPWELL_MODEL_KEY"] = SECRET
        self.reached: list[str] = []
        self.tcp, self.udp, self.abstract, self.unix = (socket.socket(*kind) for kind in KINDS)
        self.tcp.bind(("0.0.0.0", 0))
        self.udp.bind(("127.0.0.1", 0))
        self.abstract.bind(f"\0stepwell-{os.getpid()}")
        self.unix.bind(str(folder / "door"))
        for door in (self.tcp, self.abstract, self.unix):
            door.listen()
            threading.Thread(target=self.accept, args=(door,), daemon=True).start()
        threading.Thread(target=self.receive, daemon=True).start()

    @contextlib.contextmanager
    def a_run(self, number: int) -> Iterator[World]:
        """The same world with a workspace of its own and a process to harm."""
        here = copy.copy(self)
        here.workspace = self.folder / f"run{number}" / "workspace"
        here.workspace.mkdir(parents=True)
        here.victim = subprocess.Popen(["sleep", "600"])
        try:
            yield here
        finally:
            here.victim.kill()
            here.victim.wait()
            for path in here.workspace.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)

    def accept(self, door: socket.socket) -> None:
        while True:
            door.accept()
            self.reached.append(str(door.getsockname()))

    def receive(self) -> None:
        while True:
            self.udp.recv(100)
            self.reached.append("udp")


KINDS = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX,), (socket.AF_UNIX,))


@dataclass(frozen=True)
class Attack:
    """One attack."""

    name: str
    command: Callable[[World], str]
    leak: Callable[[World, Finished, Bubblewrap], str]
    """What came of it, empty where nothing did."""
    timeout: float = 10.0


def python(code: str) -> str:
    """A command that runs this code with ctypes at hand."""
    head = "import ctypes, os, socket, sys, time\ncall = ctypes.CDLL(None, use_errno=True).syscall\n"
    return "python3 -c " + shlex.quote(head + textwrap.dedent(code))


def nothing_said(world: World, done: Finished, sandbox: Bubblewrap) -> str:
    """Commands that print LEAK where something worked."""
    return "; ".join(line for line in done.output.splitlines() if line.startswith("LEAK")) or (
        "" if "tried" in done.output else f"it did not get to its end: {done.output[-200:]}"
    )
