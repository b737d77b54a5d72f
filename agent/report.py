"""What does the reader get?

report.md and sources.json, made from the event log. The model's text names spans; the numbers, the list of sources and every
link are written here, so a reference that leads nowhere cannot be made up: a span id that does not resolve is marked, a URL
that no source holds is taken out, and a bracketed number of the model's own loses its brackets.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import orjson

from agent.blobs import replace
from agent.evidence import CITATION, Evidence, Source, Span, cited, names
from agent.runs import Run, draft_of
from agent.standing import standing_of
from agent.trajectory import Event, Reported, evidence_of

GATHERED = 10
"""Sources named in a report that was never written."""

MAX_QUOTE = 500
"""Characters of a quote shown in the report."""

_URL = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>\[\]()\"'`]+[^\s<>\[\]()\"'`.,;:!?]", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(([^()\s]*)[^()\n]*\)")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\[\]\n]+\]:.*$", re.MULTILINE)
_OWN_NUMBER = re.compile(r"(?<!\[)\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\\?\](?!\])")


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited span, with the number its source has in the report."""

    number: int
    """From 1 in the order of first mention; 0 where the span does not exist."""
    span_id: str
    span: Span | None
    """None where the model made the id up."""


def citations_of(draft: str, evidence: Evidence) -> list[Citation]:
    """Every span the draft cites, once, in order; one source has one number."""
    numbers: dict[str, int] = {}
    found: list[Citation] = []
    for name in cited(draft):
        span = evidence.spans.get(name)
        number = numbers.setdefault(span.doc_id, len(numbers) + 1) if span else 0
        found.append(Citation(number, name, span))
    return found


def write_report(run: Run, events: list[Event]) -> Reported:
    """Write both files whole; the same events give the same bytes."""
    report, sources = render(run, events)
    for path, data in ((run.report, report), (run.sources, sources)):
        replace(path, data)
    return Reported(hashlib.sha256(report).hexdigest(), hashlib.sha256(sources).hexdigest())


def render(run: Run, events: list[Event]) -> tuple[bytes, bytes]:
    """The bytes of report.md and sources.json."""
    standing, evidence = standing_of(events), evidence_of(events)
    assert standing.ended, "a report is rendered when the loop has stopped"
    draft = draft_of(run, standing) or gathered(evidence)
    citations = citations_of(draft, evidence)
    parts = [f"# {plain(standing.started.question)}"]
    if not standing.ended.complete:
        parts.append(f"> **Partial report:** {plain(standing.ended.reason)}.")
    if invented := [c.span_id for c in citations if not c.span]:
        parts.append(f"> **Unresolved citations:** no evidence of this run carries {', '.join(map(plain, invented))}.")
    parts.append(body(draft, citations, evidence))
    if listed := source_list(citations, evidence):
        parts.append("## Sources\n\n" + "\n".join(listed))
    parts.append("---\n\n" + colophon(run, events, citations, evidence))
    record = {
        "run": run.id,
        "question": standing.started.question,
        "complete": standing.ended.complete,
        "reason": standing.ended.reason,
        "sources": source_records(citations, evidence),
        "unresolved": invented,
    }
    return ("\n\n".join(parts) + "\n").encode(), orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"


def body(draft: str, citations: list[Citation], evidence: Evidence) -> str:
    """The model's Markdown with numbers for span ids, and without HTML, foreign links or numbers that look like ours."""
    numbers = {c.span_id: c.number for c in citations}
    held = {url for s in evidence.spans.values() for url in _URL.findall(s.quote)} | {
        source.url for source in evidence.sources.values()
    }

    def link(match: re.Match[str]) -> str:
        return f"{match[1]} {match[2]}".strip()

    def url(match: re.Match[str]) -> str:
        return f"`{match[0]}`" if match[0] in held else "(link removed: no source holds it)"

    def number(match: re.Match[str]) -> str:
        known = dict.fromkeys(numbers[name] for name in names(match) if numbers[name])
        lost = [name for name in names(match) if not numbers[name]]
        resolved = "".join(f"[{n}]" for n in known)
        return " ".join([resolved] * bool(resolved) + [f"(unresolved citation: {plain(name)})" for name in lost])

    text = re.sub(r"\A\s*#\s[^\n]*\n", "", draft)  # the question is the title
    text = _LINK.sub(link, _DEFINITION.sub("", text)).replace("](", "] (")
    text = _OWN_NUMBER.sub(r"(\1)", _URL.sub(url, text))
    text = re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", text)
    return re.sub(r"(\[\d+\])(?:\s*\1)+", r"\1", CITATION.sub(number, text)).strip()


def source_list(citations: list[Citation], evidence: Evidence) -> list[str]:
    """One entry a source: who, what, where, when, how far it is trusted, and the quoted spans."""
    lines: list[str] = []
    for number, (source, spans) in enumerate(grouped(citations, evidence), 1):
        lines.append(f"{number}. {described(source)}")
        lines.extend(f"   - “{plain(shorten(span.quote))}” ({span.id})" for span in spans)
    return lines


def grouped(citations: list[Citation], evidence: Evidence) -> list[tuple[Source, list[Span]]]:
    """The cited sources in the order of their numbers, each with its cited spans."""
    spans: dict[str, list[Span]] = {}
    for citation in citations:
        if citation.span:
            spans.setdefault(citation.span.doc_id, []).append(citation.span)
    return [(evidence.sources[doc_id], found) for doc_id, found in spans.items()]


def source_records(citations: list[Citation], evidence: Evidence) -> list[dict[str, object]]:
    """The same as source_list, for sources.json."""
    return [
        {"number": number, **asdict(source), "spans": [asdict(span) for span in spans]}
        for number, (source, spans) in enumerate(grouped(citations, evidence), 1)
    ]


def described(source: Source) -> str:
    """A source in one line of Markdown."""
    authors = ", ".join(source.authors[:6]) + (" and others" if len(source.authors) > 6 else "")
    title = plain(source.title)
    trust = f"authority: {plain(source.tier)} ({source.authority:.2f})" if source.tier else "authority: unlisted"
    where = f"<{source.url}>" if re.fullmatch(r"https?://[^\s<>]+", source.url) else plain(source.doc_id)
    said = [plain(authors), f"**{title}**", plain(source.venue), source.published or "undated", where, trust]
    return ". ".join(part.rstrip(".") for part in said if part) + "."


def colophon(run: Run, events: list[Event], citations: list[Citation], evidence: Evidence) -> str:
    """How the report came about, in one line."""
    standing = standing_of(events)
    day = datetime.fromtimestamp(events[0].time, UTC).date().isoformat()
    snapshots = sorted({source.snapshot for source, _ in grouped(citations, evidence)})
    said = [
        f"Run {run.id}",
        day,
        f"model {plain(str(standing.started.model))}",
        f"{standing.steps} steps",
        f"snapshot {', '.join(snapshots)}" if snapshots else "no source cited",
        f"check with `stepwell agent verify {run.id}`",
    ]
    return "*" + " · ".join(said) + "*"


def gathered(evidence: Evidence) -> str:
    """What stands in for a report that was never written: the first thing each source said."""
    first = {span.doc_id: span for span in reversed(evidence.spans.values())}
    lines = [
        f"- {plain(evidence.sources[doc_id].title)}: “{plain(shorten(span.quote))}” [[{span.id}]]"
        for doc_id, span in list(reversed(first.items()))[:GATHERED]
    ]
    found = "These sources had been found, in the order of discovery:\n\n" + "\n".join(lines)
    return "No report was written. " + (found if lines else "Nothing had been found.")


def shorten(quote: str) -> str:
    """The quote, cut at a word where it is over MAX_QUOTE characters; sources.json has all of it."""
    return quote if len(quote) <= MAX_QUOTE else quote[:MAX_QUOTE].rpartition(" ")[0] + " …"


def plain(text: str) -> str:
    """Foreign text as one line of Markdown that stays text: no markup, no HTML, no links, no citations."""
    return re.sub(r"([\\`*_\[\]<>#|]|:(?=//)|(?<=www)\.)", r"\\\1", " ".join(text.split()))
