"""What does a person want of a run that is under way?

One word in the file ``control`` of its folder, ``pause`` or ``stop``, which any process may write. The loop looks at it between
events, and ten times a second while a model or a tool is at work, so that a stop is obeyed within two seconds whatever hangs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agent.blobs import replace
from agent.errors import AgentError
from agent.language import REASONS, Why

WORDS = ("pause", "stop")
LOOK = 0.1
"""Seconds between two looks."""
Result = TypeVar("Result")


class Stopped(AgentError):
    """Raised inside the loop when a stop was asked for or time is up; what was being waited for is given up."""

    def __init__(self, why: Why) -> None:
        super().__init__(REASONS["en"].of(why))
        self.why = why


class Live:
    """The reply under way, in the file ``live.md`` of the run's folder, for a person who watches; gone when it is whole."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "live.md"
        self._next = 0.0
        self._due: list[str] = []

    def show(self, words: str) -> None:
        """Write the next words, five times a second at most; without any the text begins anew."""
        if not words:
            return self.clear()
        self._due.append(words)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.2
            with self.path.open("a", encoding="utf-8", errors="replace") as file:
                file.write("".join(self._due))
            self._due = []
        return None

    def clear(self) -> None:
        """The reply is whole, or given up."""
        self._due = []
        self.path.unlink(missing_ok=True)


class Control:
    """The wish, in a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "control"

    @property
    def wanted(self) -> str:
        """``pause``, ``stop``, or empty."""
        try:
            word = self.path.read_text(encoding="utf-8", errors="replace")[:20].strip()
        except FileNotFoundError:
            return ""
        return word if word in WORDS else ""

    def ask(self, word: str) -> None:
        """Wish for something; empty takes the wish back."""
        if word:
            assert word in WORDS, f"{word!r} is no wish"
            replace(self.path, word.encode())
        else:
            self.path.unlink(missing_ok=True)

    def wait(self) -> None:
        """Return when no pause is wanted any more. Raises Stopped."""
        while wanted := self.wanted:
            if wanted == "stop":
                raise Stopped("stopped")
            time.sleep(LOOK)

    def attend(self, work: Callable[[], Result], seconds: float) -> Result:
        """Do the work in a thread, for at most so many seconds, and look for a stop meanwhile.

        Raises Stopped, or what the work raises. Work that is given up goes on in its thread until it or the process ends;
        what it returns is nobody's.
        """
        until = time.monotonic() + seconds
        done: list[Result] = []
        failed: list[BaseException] = []

        def body() -> None:
            try:
                done.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
                failed.append(error)

        thread = threading.Thread(target=body, name="step", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(LOOK)
            if thread.is_alive() and self.wanted == "stop":
                raise Stopped("stopped")
            if thread.is_alive() and time.monotonic() > until:
                raise Stopped("busy")
        if failed:
            raise failed[0]
        return done[0]
