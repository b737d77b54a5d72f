"""Where does a run live?

In a folder of its own under ``runs/``: events.jsonl and blobs/ are the run, report.md and sources.json are made from them.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shlex
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.blobs import Blobs, sync_directory
from agent.errors import AgentError, AskError, RunNotFound, told
from agent.events import locked, read_events
from agent.evidence import cited, unresolved
from agent.language import asked_in
from agent.messages import least_window
from agent.models import ModelSpec
from agent.models.text import without_thinking
from agent.standing import Standing, standing_of
from agent.trajectory import FORMAT, Event, Limits, Started, evidence_of
from agent.workspace import Workspace

MAX_QUESTION = 10_000
"""Characters; as long as the longest query the server takes."""

MAX_STEPS = 1_000
MAX_SECONDS = 86_400
MAX_TOKENS = MAX_MONEY = 10**12
MAX_CALLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One run's folder."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def typed(self) -> str:
        """The folder's path as a shell takes it, for commands that a person is told."""
        return shlex.quote(str(self.path))

    @property
    def log(self) -> Path:
        """The event log."""
        return self.path / "events.jsonl"

    @property
    def report(self) -> Path:
        """What a person reads."""
        return self.path / "report.md"

    @property
    def sources(self) -> Path:
        """The same citations for a program."""
        return self.path / "sources.json"

    @property
    def console(self) -> Path:
        """What a process of its own that took the run up has printed; there is none where a person's terminal had it."""
        return self.path / "console.log"

    @property
    def blobs(self) -> Blobs:
        """The texts."""
        return Blobs(self.path / "blobs")

    @property
    def workspace(self) -> Workspace:
        """The files that tools read and write."""
        return Workspace(self.path / "workspace")

    def events(self) -> list[Event]:
        """All events so far; the run may go on meanwhile. Raises RunNotFound where there are none."""
        events = read_events(self.log)
        if not events:
            raise RunNotFound(f"{self.path} stopped before its first event; ask again")
        return events


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of `agent runs`."""

    id: str
    when: str
    """Start, ISO 8601 to the second, UTC; empty where the log cannot be read."""
    question: str
    status: str
    """``complete``, ``partial``, ``running``, ``paused``, ``open`` (nobody works on it, and it can be resumed) or ``damaged``."""
    citations: int
    """Different spans that the report cites."""
    unresolved: int
    """Span ids that it cites and that do not exist."""


def begin(question: str, model: ModelSpec, limits: Limits, judge: ModelSpec | None = None) -> Started:
    """The first event of a run. Raises AskError on what cannot be asked."""
    text = question.strip()
    if not text:
        raise AskError("the question is empty")
    if len(text) > MAX_QUESTION:
        raise AskError(f"the question has {len(text):,} characters, the limit is {MAX_QUESTION:,}; shorten it")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise AskError("the question is not valid Unicode; use a UTF-8 terminal")
    started = Started(FORMAT, text, asked_in(text), model, judge, checked(limits, model, judge))
    if 0 < model.window < (least := least_window(started)):
        raise AskError(
            f"a window of {model.window:,} tokens is too small: beside question, prompt and tools there is room for results from "
            f"{least:,} on; shorten the question, or serve the model with a larger window"
        )
    return started


def moved(started: Started, url: str) -> Started:
    """The run with its model's endpoint, and its judge's if that is the same one, at another address. Raises AskError."""
    if not started.model.url:
        raise AskError(f"--model-url is for a model behind an endpoint, and the run's is {started.model}; leave it out")
    return started.moved(url)


def checked(limits: Limits, model: ModelSpec, judge: ModelSpec | None = None) -> Limits:
    """The limits themselves. Raises AskError where one is out of its range, or does not bind what these models cost."""
    for value, least, most, what in (
        (limits.steps, 1, MAX_STEPS, "steps"),
        (limits.seconds, 1, MAX_SECONDS, "seconds"),
        (limits.tokens, 0, MAX_TOKENS, "tokens"),
        (limits.money, 0, MAX_MONEY, "money"),
        *((limit.calls, 1, MAX_CALLS, f"calls of {limit.tool}") for limit in limits.calls),
    ):
        if not least <= value <= most:
            none = "" if least else "; 0 means no limit"
            raise AskError(f"{value:,} {what} is out of range; it must lie in {least}..{most:,}{none}")
    for spec in (model, judge) if limits.money else ():
        if spec and spec.takes_tokens and not (spec.price_read or spec.price_written):
            raise AskError(
                f"a limit of {limits.money:g} money does not bind {spec}, which has no price_read and no price_written; "
                "set its prices in stepwell.toml, or use --max-tokens and --max-money 0"
            )
    return limits


def create(directory: Path, question: str) -> Run:
    """A fresh folder for this question, ``20250131-142501-what-is-known-3fa9``. Raises AskError where none can be made."""
    words = "-".join(re.findall(r"[a-z0-9]+", question.lower())[:5])[:40].strip("-") or "question"
    stamp = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%d-%H%M%S")
    run = Run(directory / f"{stamp}-{words}-{secrets.token_hex(2)}")
    try:
        (run.path / "blobs").mkdir(parents=True)
    except (NotADirectoryError, FileExistsError, PermissionError) as error:
        raise AskError(f"no run can be made in {directory}: {str(error.strerror).lower()}; name a folder with --runs") from error
    sync_directory(run.path)
    sync_directory(directory)
    return run


def find(name: str, directory: Path) -> Run:
    """The run at a path, or of that id (or its unambiguous beginning) under `directory`. Raises RunNotFound."""
    if has_log(Path(name)):
        return Run(Path(name).resolve())
    matches = [path for path in folders(directory) if path.name.startswith(Path(name).name)]
    exact = [path for path in matches if path.name == Path(name).name]
    if len(exact or matches) != 1:
        many = f"{len(matches)} runs begin with" if matches else "no run called"
        raise RunNotFound(
            f"{many} {name[:100]!r} in {directory}; `stepwell agent runs --runs {shlex.quote(str(directory))}` lists them"
        )
    run = Run((exact or matches)[0])
    if not run.log.is_file():
        raise RunNotFound(f"{run.log} is no file; restore it, or ask again")
    return run


def has_log(folder: Path) -> bool:
    """Whether a run lives there; in no folder whose name is longer than a name can be."""
    try:
        return (folder / "events.jsonl").is_file()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return False


def summaries(directory: Path) -> list[Summary]:
    """Every run in a directory, the latest first."""
    return [summary_of(Run(path)) for path in reversed(folders(directory))]


def draft_of(run: Run, standing: Standing) -> str:
    """The report's draft; where none was written, the last thing the model said without calling a tool."""
    return without_thinking(run.blobs.get(standing.draft)) if standing.draft else standing.last_words


def folders(directory: Path) -> list[Path]:
    """Those below it that hold a log, or what should be one, by name."""
    if not directory.exists():
        return []
    return sorted(path for path in directory.iterdir() if os.path.lexists(path / "events.jsonl"))


def summary_of(run: Run) -> Summary:
    """One line of `agent runs`."""
    try:
        events = run.events()
        standing = standing_of(events)
        draft, evidence = draft_of(run, standing), evidence_of(events)
    except (AgentError, OSError) as error:  # one run that cannot be read hides no other
        return Summary(run.id, "", told(error), "damaged", 0, 0)
    when = datetime.fromtimestamp(events[0].time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if standing.ended and standing.reported:
        status = "complete" if standing.ended.complete else "partial"
    elif locked(run.log):
        status = "paused" if standing.paused else "running"
    else:
        status = "open"
    lost = len(unresolved(draft, evidence))
    return Summary(run.id, when, standing.started.question, status, len(cited(draft)) - lost, lost)
