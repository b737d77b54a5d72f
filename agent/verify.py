"""Does every citation say what its source says?

Checks what a machine can know for certain: the span exists in the run's evidence, the document's text lies in the run's
blobs under its own SHA-256, and the quote is that text from start to end. With a server also whether the live document is
still the same text. Whether the quote supports the sentence is not judged here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.blobs import Blobs
from agent.body import Citation, citations_of
from agent.errors import RunError, TrajectoryError
from agent.events import locked
from agent.evidence import Span
from agent.language import LABELS
from agent.library import Library, fetch_all
from agent.report import gathered
from agent.runs import Run, draft_of
from agent.standing import standing_of
from agent.trajectory import Event, Reported, evidence_of
from server.client import Failure, Fetched

OK = "ok"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table."""

    number: int
    """As in the report; 0 where the span does not exist."""
    span_id: str
    doc_id: str
    """Empty where the span does not exist."""
    verdict: str
    """``ok``, or what is wrong, in words."""
    quote: str
    """Empty where the span does not exist."""

    @property
    def ok(self) -> bool:
        """Whether the citation resolves."""
        return self.verdict == OK


def verify(run: Run, library: Library | None = None) -> list[Verdict]:
    """A verdict for every span that the report cites, in the order of the report.

    Raises RunError where the run has no report yet, or where its files are not those that were written.
    """
    events = run.events()
    standing, evidence = standing_of(events), evidence_of(events)
    if not standing.ended or not standing.reported:
        raise _unwritten(run)
    check_files(run, standing.reported)
    citations = citations_of(draft_of(run, standing) or gathered(evidence, LABELS[standing.started.language]), evidence)
    live = fetch_all(library, [c.span.doc_id for c in citations if c.span]) if library else {}
    return [judge(citation, run.blobs, live) for citation in citations]


def check_written(run: Run) -> None:
    """Raises RunError where there is no report: none yet, or not any more; RunNotFound where the run never began."""
    if run.report.is_file():
        return
    if standing_of(run.events()).reported:
        raise TrajectoryError(f"{run.report} is missing; `stepwell agent resume {run.typed}` writes it again")
    raise _unwritten(run)


def _unwritten(run: Run) -> RunError:
    """Why there is no report, and what helps: a run that somebody works on cannot be taken up."""
    if locked(run.log):
        return RunError(f"{run.id} is under way and has no report yet; `stepwell agent watch {run.typed}` follows it")
    return RunError(f"{run.id} has no report yet; `stepwell agent resume {run.typed}` goes on with it")


def check_handed_out(run: Run, events: Sequence[Event]) -> None:
    """Raises TrajectoryError where report.md or sources.json, whole since the last time they were written, were changed."""
    standing = standing_of(events)
    last = next((event.payload for event in reversed(events) if isinstance(event.payload, Reported)), None)
    if last and (standing.reported or not standing.ended):  # else they are being written, or a process died over it
        check_files(run, last)


def check_files(run: Run, reported: Reported) -> None:
    """Raises TrajectoryError where report.md or sources.json is not what the log says was written."""
    for path, sha256 in ((run.report, reported.report_sha256), (run.sources, reported.sources_sha256)):
        if not path.is_file():
            raise TrajectoryError(f"{path} is missing; `stepwell agent resume {run.typed}` writes it again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise TrajectoryError(f"{path} was changed after it was written; `stepwell agent resume {run.typed}` writes it again")


def judge(citation: Citation, blobs: Blobs, live: Mapping[str, Fetched | Failure]) -> Verdict:
    """One citation against its source; `live` holds the cited documents as they are served now, or is empty."""
    span = citation.span
    if span is None:
        return Verdict(0, citation.span_id, "", "no such span", "")
    verdict = in_blob(span, blobs)
    if verdict == OK and span.doc_id in live:
        verdict = as_served(span, live[span.doc_id])
    return Verdict(citation.number, span.id, span.doc_id, verdict, span.quote)


def in_blob(span: Span, blobs: Blobs) -> str:
    """OK, or what is wrong with the span's text in the run folder."""
    try:
        text = blobs.get(span.text_sha256)
    except TrajectoryError as error:
        return str(error)
    return OK if text[span.start : span.end] == span.quote else "the quote is not what the text says there"


def as_served(span: Span, outcome: Fetched | Failure) -> str:
    """OK, or how the served document differs from the cited one."""
    if isinstance(outcome, Failure):
        return f"not served any more: {outcome.message}"
    served = hashlib.sha256(outcome.document.text.encode()).hexdigest()
    return OK if served == span.text_sha256 else "the served document is now another text"
