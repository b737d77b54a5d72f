"""What does a tool work with, and what does it hand back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.blobs import Blobs
from agent.claims import Claim
from agent.errors import ToolError
from agent.evidence import Evidence, Source
from agent.library import Library
from agent.models import NO_USAGE, ToolSchema, Usage
from agent.sandbox import Sandbox
from agent.standing import Standing
from agent.trajectory import REPORT, FileVersion, Item, Replied, Returned
from agent.verdicts import Checked
from agent.workspace import Workspace
from server.client import Fetched

Judgement = Callable[[Sequence[Claim], int | None], tuple[list[Checked], Usage]]
"""A verdict on every claim, and the tokens that it took; of so many claims at most a judge is asked, None is all."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The run as a tool sees it."""

    library: Library
    evidence: Evidence
    """What was seen so far; a tool adds to it."""
    blobs: Blobs
    workspace: Workspace
    sandbox: Sandbox
    standing: Standing
    answers: Mapping[str, Returned]
    """What came of every call, refusals among them, by its id."""
    replies: Sequence[Replied]
    """Those of the model, in order."""
    judge: Judgement

    @property
    def draft(self) -> str:
        """The report as the log has it, empty where none was written."""
        sha256 = self.standing.files.get(REPORT, "")
        return self.blobs.get(sha256) if sha256 else ""

    def keep(self, path: str, content: str) -> FileVersion:
        """Put what a file shall hold among the blobs; the loop writes the file once the log has the version."""
        return FileVersion(path, self.blobs.put(content).sha256)

    def take_in(self, fetched: Fetched) -> Source:
        """Keep the document's text and remember it as a source. Raises ToolError where text and hash do not belong together."""
        if self.blobs.put(fetched.document.text).sha256 != fetched.text_sha256:
            raise ToolError(f"the server's hash of {fetched.document.id} is not that of the text it sent; nothing was kept")
        return self.evidence.admit(fetched)


@dataclass(frozen=True, slots=True)
class Observation:
    """A tool's result."""

    output: Mapping[str, object]
    """What the model reads, as JSON: texts of sources are strings in it and cannot pose as anything else."""
    note: str
    """One line for a person who watches."""
    files: tuple[FileVersion, ...] = ()
    """Files that this call gives a new content."""
    todo: tuple[Item, ...] = ()
    """The whole plan where this call changed it."""
    checked: tuple[Checked, ...] = ()
    usage: Usage = NO_USAGE
    """Tokens that models took within the call."""
    bounded: bool = False
    """Whether it keeps to the room of the turn by itself, so that it is shown whole."""
    pages: bool = False
    """Whether it holds text of opened pages, to be read apart."""
    foreign: bool = False
    """Whether the output holds text of other people."""
    refused: bool = False
    """Whether the call was understood and turned down."""
    finished: bool = False
    """Whether the run is over."""
    answered: bool | None = None
    """Whether the report that is handed in answers the question, by the model's word; None where it said nothing of it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A schema and what is done with arguments that satisfy it. `run` raises ToolError on what cannot be done."""

    schema: ToolSchema
    run: Callable[[Mapping[str, object], Desk], Observation]
    research: bool = False
    """Withdrawn when the share of a budget that is meant for research is used up."""
    effects: bool = False
    """Whether it changes something that the log cannot undo, and so must never run twice unnoticed."""
    goal: Callable[[Mapping[str, object]], str] = lambda _: ""
    """What the caller wants of it, in words; a long result is summarised towards that."""
