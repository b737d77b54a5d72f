"""What can go wrong between a question and a report, and what to do about it.

AgentError
├── AskError             the call itself is wrong: an empty question, an unknown model, a limit out of range
├── RunError             a run folder cannot be used
│   ├── RunNotFound      no run of that name, or the folder holds no event log
│   ├── RunLocked        another process works on this run
│   └── TrajectoryError  the event log or a blob is damaged, or of a newer format
│       └── LogDamaged   a line of the log is no event, or not the one that was written; those before it can be read
├── ModelError           the model cannot be reached, refuses, or answers with nothing that can be used
│   └── ContextTooLong   the conversation does not fit into its window
└── ToolError            a tool cannot do what was asked; goes back to the model as a message, never further

Messages are one line, name the offending value and end with the way out. The command line prints them as they are and
exits with ``exit_code``: 2 where the call was wrong, 1 where the work failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.models import Usage
    from agent.trajectory import Event


class AgentError(Exception):
    """Root of this room's errors."""

    exit_code = 1


class AskError(AgentError):
    """Raised before a run exists; nothing was written."""

    exit_code = 2


class RunError(AgentError):
    """Raised by agent.runs, agent.events and agent.blobs; see the subclasses."""


class RunNotFound(RunError):
    """Raised when a run is looked up; `agent runs` lists those that exist."""


class RunLocked(RunError):
    """Raised when a run is opened for writing; wait for the other process or stop it."""


class TrajectoryError(RunError):
    """Raised when a log or blob is read; restore the file, or ask again."""


class LogDamaged(TrajectoryError):
    """Raised when a log is read; restore the file, or keep the lines before the damaged one and resume from there."""

    def __init__(self, message: str, before: Sequence[Event]) -> None:
        super().__init__(message)
        self.before = before
        """The events of the sound lines before it."""


class ModelError(AgentError):
    """Raised by a model; the loop turns it into a partial report that `agent resume` can continue.

    What an endpoint says in it becomes the reason that a person reads, so it holds nothing that a terminal obeys.
    """

    def __init__(self, message: str, spent: Usage | None = None) -> None:
        super().__init__(printable(message))
        self.spent = spent
        """Tokens that answers of no use took all the same; None where there were none."""


class ContextTooLong(ModelError):
    """Raised by a model; the loop narrows the window and asks again with a shorter conversation."""


class ToolError(AgentError):
    """Raised by a tool, caught by the loop; its message is what the model reads."""


def told(error: Exception) -> str:
    """An expected error or the system's, in one line for a person."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror.lower()}: {error.filename}" if error.filename else error.strerror.lower()
    return str(error)
