"""What does a tool work with, and what does it hand back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.errors import ToolError
from agent.evidence import Evidence, Source
from agent.library import Library
from agent.models import ToolSchema
from server.client import Fetched


@dataclass(frozen=True, slots=True)
class Desk:
    """The run as a tool sees it."""

    library: Library
    evidence: Evidence
    """What was seen so far; a tool adds to it."""
    keep: Callable[[str], str]
    """Stores a text among the run's blobs and gives its SHA-256, hexadecimal."""
    draft: str
    """The report as it stands, empty where none was written."""
    refusals: int
    """Times that finish was refused so far."""

    def take_in(self, fetched: Fetched) -> Source:
        """Keep the document's text and remember it as a source. Raises ToolError where text and hash do not belong together."""
        if self.keep(fetched.document.text) != fetched.text_sha256:
            raise ToolError(f"the server's hash of {fetched.document.id} is not that of the text it sent; nothing was kept")
        return self.evidence.admit(fetched)


@dataclass(frozen=True, slots=True)
class Observation:
    """A tool's result."""

    output: Mapping[str, object]
    """What the model reads, as JSON: texts of sources are strings in it and cannot pose as anything else."""
    note: str
    """One line for a person who watches."""
    draft: str | None = None
    """The report as it now stands; None where the call left it alone."""
    finished: bool = False
    """Whether the run is over."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A schema and what is done with arguments that satisfy it. `run` raises ToolError on what cannot be done."""

    schema: ToolSchema
    run: Callable[[Mapping[str, object], Desk], Observation]
