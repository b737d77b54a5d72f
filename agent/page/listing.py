"""Which runs are there now?

A page that shows the list asks every few seconds; a log is read again only where it changed.
"""

from __future__ import annotations

from pathlib import Path

from agent.events import locked
from agent.runs import Run, Summary, folders, has_log, summary_of

Sign = tuple[int, int, int, bool]


class Listing:
    """The runs of one folder, with what was known of each the last time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._known: dict[Path, tuple[Sign, Summary]] = {}

    def now(self) -> list[Summary]:
        """Every run, the latest first."""
        before, self._known = self._known, {}
        return [self._summary(path, before) for path in reversed(folders(self.directory))]

    def _summary(self, path: Path, before: dict[Path, tuple[Sign, Summary]]) -> Summary:
        run = Run(path)
        try:
            sign = _sign(run) if has_log(path) else None
        except OSError:  # it may not be read; the summary says so
            sign = None
        if sign is None:
            return summary_of(run)
        known = before.get(path)
        if not known or known[0] != sign:
            known = sign, summary_of(run)
        self._known[path] = known
        return known[1]


def _sign(run: Run) -> Sign:
    """What changes when there is news of a run."""
    log = run.log.stat()
    return log.st_ino, log.st_size, log.st_mtime_ns, locked(run.log)
