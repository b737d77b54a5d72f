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
LEAVING = 1.0
"""Seconds that a command which is given up may take to be gone, with what it keeps outside the workspace."""
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
        self._over = False
        self._writing = threading.Lock()

    def show(self, words: str) -> None:
        """Write the next words, five times a second at most; without any the text begins anew."""
        if not words:
            return self.clear()
        self._due.append(words)
        with self._writing:
            if time.monotonic() >= self._next and not self._over:
                self._next = time.monotonic() + 0.2
                with self.path.open("a", encoding="utf-8", errors="replace") as file:
                    file.write("".join(self._due))
                self._due = []
        return None

    def clear(self) -> None:
        """The reply is whole."""
        self._due = []
        self.path.unlink(missing_ok=True)

    def end(self) -> None:
        """The reply is given up; what still comes of it is shown to nobody."""
        with self._writing:
            self._over = True
        self.clear()


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

    def attend(self, work: Callable[[], Result], seconds: float, give_up: Callable[[], object], leaving: float = 0.0) -> Result:
        """Do the work in a thread, for at most so many seconds, and look for a stop meanwhile.

        Raises Stopped, or what the work raises. Work that is given up is told by `give_up` and waited for `leaving` seconds.
        Then it goes on in its thread until it or the process ends; what it returns is nobody's.
        """
        until = time.monotonic() + seconds
        over = threading.Event()  # Ctrl-C in Thread.join makes a thread that goes on look as if it were over (Python 3.11)
        done: list[Result] = []
        failed: list[BaseException] = []

        def body() -> None:
            try:
                done.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
                failed.append(error)
            finally:
                over.set()

        threading.Thread(target=body, name="step", daemon=True).start()
        try:
            self._wait(over, until)
        except BaseException:  # a stop, or Ctrl-C
            give_up()
            over.wait(leaving)
            raise
        if failed:
            raise failed[0]
        return done[0]

    def _wait(self, over: threading.Event, until: float) -> None:
        while not over.wait(LOOK):
            if self.wanted == "stop":
                raise Stopped("stopped")
            if time.monotonic() > until:
                raise Stopped("busy")
