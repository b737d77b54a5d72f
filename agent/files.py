"""Does the workspace hold what the log says it holds?

A file is written after the event that says so; what a killed process did not come to is written by the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.runs import Run
from agent.trajectory import Event, Resumed, Returned


def last_answer(events: Sequence[Event]) -> Returned | None:
    """The last thing that happened, if it was an answer whose files a killed process may not have written."""
    last = next(event.payload for event in reversed(events) if not isinstance(event.payload, Resumed))
    return last if isinstance(last, Returned) else None


def put_files(run: Run, answer: Returned | None) -> None:
    """Write the files of an answer that are not there as it says."""
    for file in answer.files if answer else ():
        if run.workspace.sha256(file.path) != file.sha256:
            run.workspace.write(file.path, run.blobs.get(file.sha256).encode())
