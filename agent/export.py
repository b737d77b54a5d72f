"""What can be handed to someone who has no Stepwell?

The report as one HTML file: each citation in the colour of its verdict, its quote shown where the pointer or the keyboard's focus
is on it, sources with tier and date below. No script, nothing loaded from anywhere; what the model and the sources wrote is
escaped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from itertools import count
from pathlib import Path

from agent.blobs import replace
from agent.body import Place, called, fill, mark_of, placed
from agent.errors import AskError
from agent.report import GATHERED, VERDICTS, Findings, findings_of, grouped, missing, shorten, spent, trust, unanswered
from agent.runs import Run
from agent.terminal import shown
from agent.verdicts import UNKNOWN, UNSUPPORTED
from agent.verify import check_handed_out, check_written

FORMATS = ("md", "html", "json")
STYLE = Path(__file__).parent / "page" / "static" / "report.css"


def export(run: Run, wanted: str, into: Path | None) -> Path:
    """Write one form of the report and give its path. Raises AskError on an unknown form or a path that belongs to a run.

    RunError where there is no report, TrajectoryError where the file to be handed out was changed.
    """
    if wanted not in FORMATS:
        raise AskError(f"no format {wanted!r}; there are {', '.join(FORMATS)}")
    events = run.events()
    check_written(run)
    made = {"md": run.report, "json": run.sources}
    path = into or run.path / f"report.{wanted}"
    where, folder = Path(os.path.realpath(path)), run.path.resolve()
    kept = wanted in made and where == folder / made[wanted].name
    if not kept and where != folder / f"report.{wanted}":
        _check_free(where, path)
    if wanted in made:  # the page is made from the log
        check_handed_out(run, events)
    if not kept:
        replace(where, made[wanted].read_bytes() if wanted in made else html(findings_of(run, events)).encode())
    return path


def _check_free(where: Path, named: Path) -> None:
    """Raises AskError where a run lives in that folder or above it, or nothing can be put there."""
    if belongs := next((folder for folder in where.parents if (folder / "events.jsonl").exists()), None):
        raise AskError(f"{named} belongs to the run {belongs.name}; name a file outside its folder")
    if named.exists() and not named.is_file():
        raise AskError(f"{named} is no plain file; name one that may be written or replaced")
    if not where.parent.is_dir():
        raise AskError(f"there is no folder {where.parent}; make it, or name a file elsewhere")


def html(f: Findings) -> str:
    """The whole page."""
    from markdown_it import MarkdownIt

    numbers = {c.span_id: c.number for c in f.citations}
    text, places = placed(f.draft, f.verdicts, f.evidence, f.labels)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    tokens = reader.parse(text.replace("&lt;", "<"))  # the renderer escapes for itself
    for token in tokens:
        token.info = ""  # of a fence: it would stand in an attribute
    rendered = reader.renderer.render(tokens, reader.options, {})
    ids = count(1)
    body = fill((rendered, places), lambda place: _place(place, f, numbers, ids))
    title = escape(f.standing.started.question)
    ended = f.standing.ended
    note = (
        f'<p class="note">{f.labels.partial}{f.labels.colon}{escape(ended.reason)}.</p>' if ended and not ended.complete else ""
    )
    note += f'<p class="note">{unanswered(f)}</p>' if unanswered(f) else ""
    made = (f"{f.labels.run} {f.run.id}", str(f.standing.started.model), spent(f.standing, f.labels))
    key = "".join(f'<span class="{verdict}">■ {name}</span>' for verdict, name in zip(VERDICTS, f.labels.verdicts, strict=True))
    return shown(
        f'<!doctype html><html lang="{f.standing.started.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
        f'<h1 dir="auto">{title}</h1>{note}<p class="key">{key}</p><article dir="auto">{body}</article>'
        f"{_sections(f, numbers)}</main>"
        f"<footer>{escape(' · '.join(part for part in made if part))}</footer></body></html>\n"
    )


def _place(place: Place, f: Findings, numbers: dict[str, int], ids: Iterator[int]) -> str:
    """A citation as a number that shows its quote, or the mark behind a sentence."""
    verdict = place.claim.verdict if place.claim else UNKNOWN
    if not place.names:
        assert place.claim, "a place without names is a mark"
        sign, said = mark_of(place.claim, f.labels)
        return f'<span class="mark {verdict}"> {sign}({escape(said)})</span>'
    links: list[str] = []
    doubt = place.claim.doubt if place.claim else ""
    for name in place.names:
        span = f.evidence.spans.get(name)
        if span is None:
            links.append(
                f'<span class="{UNSUPPORTED}">({f.labels.unresolved}{f.labels.colon}{escape(called(name, f.labels))})</span>'
            )
            continue
        source = f.evidence.sources[span.doc_id]
        said = f"“{shorten(span.quote)}” — {source.title}, {trust(source, f.labels)}"
        held = f.labels.colon.join(part for part in (f.labels.verdicts[VERDICTS.index(verdict)], doubt) if part)
        tip = f"q{next(ids)}"
        links.append(
            f'<span class="cite {verdict}"><sup><a class="{verdict}" href="#{escape(name)}" aria-describedby="{tip}">'
            f'[{numbers[name]}]</a></sup><span class="quote" role="tooltip" id="{tip}"><b class="{verdict}">{escape(held)}</b> '
            f"{escape(said)}</span></span>"
        )
    return "".join(links)


def _held(name: str, f: Findings, numbers: dict[str, int]) -> str:
    """What one source says, with who it is, its tier and its date."""
    span = f.evidence.spans[name]
    source = f.evidence.sources[span.doc_id]
    who = f"[{numbers[name]}]" if numbers.get(name) else source.title
    return escape(f"{who} ({trust(source, f.labels)}){f.labels.colon}“{shorten(span.quote)}”")


def _sections(f: Findings, numbers: dict[str, int]) -> str:
    parts: list[str] = []
    if f.conflicts:
        parts.append(f"<h2>{f.labels.disagree}</h2><ul>")
        for about, spans in f.conflicts:
            sides = "".join(f"<li>{_held(name, f, numbers)}</li>" for name in spans)
            parts.append(f"<li>{escape(about)}<ul>{sides}</ul></li>")
        parts.append("</ul>")
    if lost := missing(f):
        parts.append(f"<h2>{f.labels.missing}</h2><ul>" + "".join(f"<li>{escape(text)}</li>" for text in lost) + "</ul>")
    if f.untold:
        named = [f"{source.title}, {source.published or f.labels.undated}" for source in f.untold[:GATHERED]]
        named += [f.labels.others] * (len(f.untold) > GATHERED)
        parts.append(f"<h2>{f.labels.untold}</h2><ul>" + "".join(f"<li>{escape(name)}</li>" for name in named) + "</ul>")
    parts.append(f"<h2>{f.labels.sources}</h2><ol>" if numbers else "")
    for source, cited in grouped(f.citations, f.evidence):
        safe = source.url.startswith(("https://", "http://"))
        name = f'<a href="{escape(source.url)}" rel="noreferrer">{escape(source.title)}</a>' if safe else escape(source.title)
        tier = f.labels.tier(source.tier) + (f" ({source.authority:.2f})" if source.tier else "")
        said = [
            ", ".join(source.authors[:6]),
            source.venue,
            source.published or f.labels.undated,
            f"{f.labels.authority}{f.labels.colon}{tier}",
        ]
        line = escape(" · ".join(part for part in said if part))
        quotes = "".join(f'<blockquote id="{s.id}">“{escape(s.quote)}” ({s.id})</blockquote>' for s in cited)
        parts.append(f'<li>{name}<br><span class="tier">{line}</span>{quotes}</li>')
    parts.append("</ol>" if numbers else "")
    return "".join(parts)
