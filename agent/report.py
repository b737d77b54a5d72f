"""What does the reader get?

report.md and sources.json, made from the event log. The model's text names spans; the numbers, the list of sources and every
link are written here, so a reference that leads nowhere cannot be made up, and what its sources do not support is marked.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson

from agent.addresses import without
from agent.blobs import replace
from agent.body import Citation, called, citations_of, markdown, placed, plain
from agent.claims import Claim, claims_of
from agent.conflicts import conflicts_of
from agent.evidence import Evidence, Source, Span
from agent.language import LABELS, Labels
from agent.rules import by_rules
from agent.runs import Run, draft_of
from agent.standing import Standing, standing_of
from agent.terminal import shown
from agent.trajectory import Event, Reported, evidence_of
from agent.verdicts import PARTIAL, SUPPORTED, UNCITED, UNKNOWN, UNSUPPORTED, Checked, capped

GATHERED = 10
"""Sources named in a report that was never written, or that could quote none of them."""

THIN = "\u202f"
"""Between thousands, as ISO 80000 has it: in some languages a comma is a point."""
MAX_QUOTE = 500
"""Characters of a quote shown in the report."""
VERDICTS = (SUPPORTED, PARTIAL, UNSUPPORTED, UNKNOWN, UNCITED)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a renderer needs of a run, whatever it makes of it."""

    run: Run
    events: list[Event]
    standing: Standing
    evidence: Evidence
    labels: Labels
    draft: str
    citations: list[Citation]
    verdicts: list[tuple[Claim, Checked]]
    conflicts: list[tuple[str, tuple[str, ...]]]
    """What sources disagree about, and the spans on it."""

    @property
    def untold(self) -> list[Source]:
        """What was found, where no text of any of it was."""
        return [] if self.evidence.spans else list(self.evidence.sources.values())


def findings_of(run: Run, events: list[Event]) -> Findings:
    """Everything the report says, from the events. The draft of a run under way is taken as it stands."""
    standing, evidence = standing_of(events), evidence_of(events, run.blobs.text)
    labels = LABELS[standing.started.language]
    written = draft_of(run, standing)
    draft = (written or gathered(evidence, labels)).replace("\ue000", " ").replace("\ue001", " ")
    gone = f"({labels.link_removed})"
    verdicts = [
        (claim, dataclasses.replace(checked, reason=without(checked.reason, gone)))
        for claim, checked in verdicts_of(draft, standing, evidence)
        if written or claim.spans  # titles and the words around them are no claims of anyone's
    ]
    citations = citations_of(draft, evidence)
    found = conflicts_of(events, verdicts, evidence)
    conflicts = [(without(about, gone), spans) for about, spans in found]
    return Findings(run, events, standing, evidence, labels, draft, citations, verdicts, conflicts)


def verdicts_of(draft: str, standing: Standing, evidence: Evidence) -> list[tuple[Claim, Checked]]:
    """Every claim of the draft with the latest verdict, no better than the rules have it; unjudged, what is certain."""
    known, language = standing.checked, standing.started.language
    return [
        (claim, capped(known.get((claim.text, claim.spans)), by_rules(claim, evidence, language)))
        for claim in claims_of(draft, evidence)
    ]


def write_report(run: Run, events: list[Event]) -> Reported:
    """Write both files whole; the same events give the same bytes."""
    report, sources = render(run, events)
    for path, data in ((run.report, report), (run.sources, sources)):
        replace(path, data)
    return Reported(hashlib.sha256(report).hexdigest(), hashlib.sha256(sources).hexdigest())


def render(run: Run, events: list[Event]) -> tuple[bytes, bytes]:
    """The bytes of report.md and sources.json."""
    f = findings_of(run, events)
    assert f.standing.ended, "a report is rendered when the loop has stopped"
    invented = [called(c.span_id, f.labels) for c in f.citations if not c.span]
    parts = [f"# {plain(f.standing.started.question)}"]
    colon = f.labels.colon.rstrip()
    if not f.standing.ended.complete:
        parts.append(f"> **{f.labels.partial}{colon}** {plain(f.standing.ended.reason)}.")
    if unanswered(f):
        parts.append(f"> **{unanswered(f)}**")
    if invented:
        parts.append(f"> **{f.labels.unresolved_head}{colon}** {f.labels.removed_by_hand} {', '.join(map(plain, invented))}.")
    parts.append(markdown(placed(f.draft, f.verdicts, f.evidence, f.labels), f.citations, f.labels))
    parts += [section for section in (_conflicts(f), _missing(f)) if section]
    if f.untold:
        named = [described(source, f.labels) for source in f.untold[:GATHERED]] + [f.labels.others] * (len(f.untold) > GATHERED)
        parts.append(f"## {f.labels.untold}\n\n" + "\n".join(f"- {source}" for source in named))
    if listed := source_list(f):
        parts.append(f"## {f.labels.sources}\n\n" + "\n".join(listed))
    parts.append("---\n\n" + colophon(f))
    record = {
        "run": run.id,
        "question": f.standing.started.question,
        "language": f.standing.started.language,
        "complete": f.standing.ended.complete,
        "reason": f.standing.ended.reason,
        "answered": f.standing.answers,
        "sources": source_records(f.citations, f.evidence),
        "without_text": [asdict(source) for source in f.untold],
        "unresolved": invented,
        "claims": [asdict(checked) for _, checked in f.verdicts],
        "conflicts": [{"about": about, "spans": list(spans)} for about, spans in f.conflicts],
        "missing": missing(f),
    }
    return (shown("\n\n".join(parts)) + "\n").encode(), orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"


def unanswered(f: Findings) -> str:
    """That nothing which was found answers the question, where the model said so; else empty."""
    return f.labels.unanswered if f.standing.answers is False else ""


def missing(f: Findings) -> list[str]:
    """What a partial report lacks: the open points of the plan; where none is open, that it was not finished."""
    if not f.standing.ended or f.standing.ended.complete:
        return _open(f)
    return _open(f) or [f.labels.not_finished]


def _open(f: Findings) -> list[str]:
    done = f.standing.ended and f.standing.ended.complete
    left = [item.text for item in f.standing.todo if item.status != "completed"]
    return [] if done else [without(text, f"({f.labels.link_removed})") for text in left]


def source_list(f: Findings) -> list[str]:
    """One entry a source: who, what, where, when, how far it is trusted, and the quoted spans."""
    lines: list[str] = []
    for number, (source, spans) in enumerate(grouped(f.citations, f.evidence), 1):
        lines.append(f"{number}. {described(source, f.labels)}")
        lines.extend(f"   - “{plain(shorten(span.quote))}” ({span.id})" for span in spans)
    return lines


def grouped(citations: Sequence[Citation], evidence: Evidence) -> list[tuple[Source, list[Span]]]:
    """The cited sources in the order of their numbers, each with its cited spans."""
    spans: dict[int, list[Span]] = {}
    for citation in citations:
        if citation.span:
            spans.setdefault(citation.number, []).append(citation.span)
    return [(evidence.sources[found[0].doc_id], found) for found in spans.values()]


def source_records(citations: Sequence[Citation], evidence: Evidence) -> list[dict[str, object]]:
    """The same as source_list, for sources.json."""
    return [
        {"number": number, **asdict(source), "spans": [asdict(span) for span in spans]}
        for number, (source, spans) in enumerate(grouped(citations, evidence), 1)
    ]


def described(source: Source, labels: Labels) -> str:
    """A source in one line of Markdown."""
    authors = ", ".join(source.authors[:6]) + (f" {labels.others}" if len(source.authors) > 6 else "")
    title = plain(source.title)
    tier = plain(labels.tier(source.tier)) + (f" ({source.authority:.2f})" if source.tier else "")
    where = f"<{source.url}>" if re.fullmatch(r"https?://[^\s<>]+", source.url) else plain(source.doc_id)
    trusted = f"{labels.authority}{labels.colon}{tier}"
    said = [plain(authors), f"**{title}**", plain(source.venue), source.published or labels.undated, where, trusted]
    return ". ".join(part.rstrip(".") for part in said if part) + "."


def trust(source: Source, labels: Labels) -> str:
    """How far a source is trusted, and of when it is."""
    return f"{labels.tier(source.tier)}{labels.comma}{source.published or labels.undated}"


def colophon(f: Findings) -> str:
    """How the report came about, in one line."""
    day = datetime.fromtimestamp(f.events[0].time, UTC).date().isoformat()
    snapshots = sorted({source.snapshot for source, _ in grouped(f.citations, f.evidence)})
    count = Counter(checked.verdict for _, checked in f.verdicts)
    tally = f.labels.comma.join(f"{count[v]} {name}" for v, name in zip(VERDICTS, f.labels.verdicts, strict=True) if count[v])
    said = [
        f"{f.labels.run} {f.run.id}",
        day,
        f"{f.labels.model} {plain(str(f.standing.started.model))}",
        f.labels.steps.format(f.standing.steps),
        spent(f.standing, f.labels),
        f"{f.labels.checks}{f.labels.colon}{tally}" if tally else "",
        f"{f.labels.snapshot} {', '.join(snapshots)}" if snapshots else f.labels.no_source,
        f.labels.check.format("`stepwell agent verify`"),
    ]
    return "*" + " · ".join(part for part in said if part) + "*"


def spent(standing: Standing, labels: Labels) -> str:
    """Tokens and what they cost, and whether that is estimated; empty where no model took part."""
    usage = standing.usage
    if not (usage.read or usage.written):
        return ""
    tokens = labels.spent.format(*(f"{n:,}".replace(",", THIN) for n in (usage.read, usage.written)))
    cost = f"{labels.comma}{labels.cost.format(f'{standing.cost:.4f}')}" if standing.cost else ""
    return tokens + cost + (f" ({labels.estimated})" if usage.estimated else "")


def gathered(evidence: Evidence, labels: Labels) -> str:
    """What stands in for a report that was never written: the first thing each source said, or that none said any."""
    first = {span.doc_id: span for span in reversed(evidence.spans.values())}
    lines = [
        f"- {plain(evidence.sources[doc_id].title)}:\n  - “{plain(shorten(span.quote))}” [[{span.id}]]"
        for doc_id, span in list(reversed(first.items()))[:GATHERED]
    ]
    found = f"{labels.had_found}\n\n" + "\n".join(lines)
    nothing = labels.none_quotable if evidence.sources else labels.nothing_found
    return f"{labels.no_report} " + (found if lines else nothing)


def shorten(quote: str) -> str:
    """The quote, cut at a word where it is over MAX_QUOTE characters; sources.json has all of it."""
    return quote if len(quote) <= MAX_QUOTE else quote[:MAX_QUOTE].rpartition(" ")[0] + " …"


def _conflicts(f: Findings) -> str:
    numbers = {c.span_id: c.number for c in f.citations}
    lines: list[str] = []
    for about, spans in f.conflicts:
        lines.append(f"- {plain(about)}")
        for span in (f.evidence.spans[name] for name in spans):
            source = f.evidence.sources[span.doc_id]
            number = f"[{numbers[span.id]}]" if numbers.get(span.id) else plain(source.title)
            lines.append(f"  - {number} ({plain(trust(source, f.labels))}){f.labels.colon}“{plain(shorten(span.quote))}”")
    return f"## {f.labels.disagree}\n\n" + "\n".join(lines) if lines else ""


def _missing(f: Findings) -> str:
    lines = [f"- {plain(text)}" for text in missing(f)]
    of_plan = f"{f.labels.not_checked}{f.labels.colon.rstrip()}\n\n" if _open(f) else ""
    return f"## {f.labels.missing}\n\n{of_plan}" + "\n".join(lines) if lines else ""
