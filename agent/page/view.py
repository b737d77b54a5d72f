"""What is the page told of a run?

Everything is computed from the run's events, so a page that comes late, or again, sees what one sees that was there from the
beginning.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from agent.budget import shares
from agent.events import locked
from agent.page.text import Block, blocks_of
from agent.report import VERDICTS, Findings, findings_of, missing, shorten, trust, unanswered
from agent.runs import Run
from agent.terminal import printable
from agent.trajectory import Event, Item, Replied, Returned
from agent.watch import line_of

MAX_SOURCES = 200
"""Sources that are listed, cited ones first."""
MAX_SPANS = 12
"""Spans shown of one source, cited ones first."""
MAX_LINE = 400
"""Characters of a step's line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event in one line."""

    seq: int
    kind: str
    time: float
    """Seconds since 1970."""
    line: str
    ok: bool
    taint: str
    text: str
    """What the model said beside its calls."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One budget."""

    what: str
    used: float
    """Seconds count those since the last event, while a process is at work."""
    limit: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a source."""

    id: str
    text: str
    cited: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A source."""

    id: str
    """Of the document."""
    number: int
    """In the report, 0 where it is not cited."""
    title: str
    about: str
    """Authors, venue and date."""
    tier: str
    """Empty where it is unlisted."""
    authority: float
    url: str
    """Empty where it is neither http nor https."""
    spans: tuple[Quote, ...]
    held: str
    """How many those are, in words."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one source says of a matter in dispute."""

    who: str
    """Its number in the report, or its title where it is not cited."""
    trust: str
    """Tier and date."""
    quote: str
    span: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A matter on which sources disagree."""

    about: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Headings and marks of the report, in the asker's language."""

    report: str
    evidence: str
    partial: str
    missing: str
    disagree: str
    unlisted: str
    unwritten: str
    colon: str
    met: str
    """How many sources and spans were met, in words."""
    verdicts: dict[str, str]
    """``{verdict: its name}``."""


@dataclass(frozen=True, slots=True)
class View:
    """A run as the page shows it."""

    id: str
    question: str
    language: str
    model: str
    status: str
    """``running``, ``paused``, ``open`` (nobody works on it), ``complete`` or ``partial``."""
    reason: str
    """Why it is partial."""
    unanswered: str
    """That nothing which was found answers the question, where the model said so; else empty."""
    events: int
    steps: int
    read: int
    """Tokens."""
    written: int
    estimated: bool
    """Whether the endpoint did not count them."""
    cost: float
    bars: tuple[Bar, ...]
    plan: tuple[Item, ...]
    sources: tuple[Shown, ...]
    words: Words
    verdicts: dict[str, int]
    report: tuple[Block, ...]
    conflicts: tuple[Dispute, ...]
    missing: tuple[str, ...]


def steps_of(events: list[Event]) -> list[Step]:
    """The events that a person need know of."""
    return [
        Step(
            event.seq,
            event.kind,
            event.time,
            printable(line)[:MAX_LINE],
            not isinstance(event.payload, Returned) or event.payload.ok,
            event.payload.taint if isinstance(event.payload, Returned) else "",
            event.payload.text if isinstance(event.payload, Replied) else "",
        )
        for event in events
        if (line := line_of(event))
    ]


def view_of(run: Run, events: list[Event]) -> View:
    """The run after these events."""
    f = findings_of(run, events)
    s = f.standing
    status = status_of(run, f)
    waited = max(0.0, time.time() - events[-1].time) if status == "running" else 0.0
    return View(
        id=run.id,
        question=s.started.question,
        language=s.started.language,
        model=str(s.started.model),
        status=status,
        reason=s.ended.reason if s.ended else "",
        unanswered=unanswered(f),
        events=len(events),
        steps=s.steps,
        read=s.usage.read,
        written=s.usage.written,
        estimated=s.usage.estimated,
        cost=s.cost,
        bars=tuple(Bar(share.what, share.used + waited * (share.what == "seconds"), share.limit) for share in shares(s)),
        plan=s.todo,
        sources=_sources(f),
        words=_words(f),
        verdicts=Counter(checked.verdict for _, checked in f.verdicts),
        report=tuple(blocks_of(f)) if s.draft or s.ended else (),
        conflicts=tuple(Dispute(about, tuple(_side(name, f) for name in spans)) for about, spans in f.conflicts),
        missing=tuple(missing(f)),
    )


def _words(f: Findings) -> Words:
    said = f.labels
    return Words(
        report=said.report,
        evidence=said.evidence,
        partial=said.partial,
        missing=said.missing,
        disagree=said.disagree,
        unlisted=said.unlisted,
        unwritten=said.unwritten,
        colon=said.colon,
        met=said.met.format(len(f.evidence.sources), len(f.evidence.spans)),
        verdicts=dict(zip(VERDICTS, said.verdicts, strict=True)),
    )


def status_of(run: Run, f: Findings) -> str:
    """In one word."""
    if f.standing.ended and f.standing.reported:
        return "complete" if f.standing.ended.complete else "partial"
    if not locked(run.log):
        return "open"
    return "paused" if f.standing.paused else "running"


def _side(name: str, f: Findings) -> Side:
    span = f.evidence.spans[name]
    source = f.evidence.sources[span.doc_id]
    number = next((c.number for c in f.citations if c.span_id == name), 0)
    return Side(f"[{number}]" if number else source.title, trust(source, f.labels), shorten(span.quote), name)


def _sources(f: Findings) -> tuple[Shown, ...]:
    numbers = {c.span.doc_id: c.number for c in f.citations if c.span}
    cited = {c.span_id for c in f.citations}
    spans: dict[str, list[Quote]] = {}
    for span in f.evidence.spans.values():
        spans.setdefault(span.doc_id, []).append(Quote(span.id, shorten(span.quote), span.id in cited))
    found: list[Shown] = []
    for source in f.evidence.sources.values():
        about = ", ".join(source.authors[:4]), source.venue, source.published or f.labels.undated
        quotes = sorted(spans.get(source.doc_id, []), key=lambda quote: not quote.cited)
        url = source.url if source.url.startswith(("https://", "http://")) else ""
        line = " · ".join(part for part in about if part)
        number = numbers.get(source.doc_id, 0)
        shown = tuple(quotes[:MAX_SPANS])
        held = f.labels.spans.format(len(shown))
        tier = f.labels.tier(source.tier) if source.tier else ""
        found.append(Shown(source.doc_id, number, source.title, line, tier, source.authority, url, shown, held))
    return tuple(sorted(found, key=lambda shown: (shown.number == 0, shown.number))[:MAX_SOURCES])
