"""Does the workspace hold what the log says it holds?

A file is written after the event that says so; what a killed process did not come to is written by the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from agent.errors import ToolError
from agent.runs import Run
from agent.sandbox.tree import take_back
from agent.trajectory import Event, Resumed, Returned


def last_answer(events: Sequence[Event]) -> Returned | None:
    """The last thing that happened, if it was an answer whose files a killed process may not have written."""
    last = next(event.payload for event in reversed(events) if not isinstance(event.payload, Resumed))
    return last if isinstance(last, Returned) else None


def settle(run: Run, events: Sequence[Event]) -> None:
    """Do what a killed process did not come to: the workspace is its owner's again, the files of the last answer are there."""
    with suppress(OSError):
        take_back(run.workspace.root)
    put_files(run, last_answer(events))


def put_files(run: Run, answer: Returned | None) -> None:
    """Write the files of an answer that are not there as it says.

    One that nothing can write, as on a disk that became read-only, is left out: the log has it, and so has the report.
    """
    for file in answer.files if answer else ():
        with suppress(ToolError, OSError):
            if run.workspace.sha256(file.path) != file.sha256:
                run.workspace.write(file.path, run.blobs.get(file.sha256).encode())
