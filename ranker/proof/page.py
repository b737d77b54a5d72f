"""What does a page say of one run?

Quality first, then what trust did to it, to whom it gave the places, how both move with delta, and the queries that changed most
with the sum behind every document. Writes `index.html`, `index.md` and the pictures of the latter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.durable import write_durably
from ranker.proof import plots
from ranker.proof.blocks import Block, Folded, Heading, Paragraph, Picture, Table, to_html, to_markdown
from ranker.proof.effect import NON_INFERIOR, Effect
from ranker.proof.exposure import Exposure
from ranker.proof.report import LEAST, MEASURE, ChangedQuery, Place, Report, every
from ranker.runs import Interval

TITLE = "Relevance first, trust where relevance is silent"
COMPARED = ("bm25", "dense", "rrf", "hybrid", "hybrid+authority", "bm25+authority")
"""Systems told apart by class of query."""
CLIPPED = 160
"""Characters of a query or a title that are shown."""


ON_TABLES = f"""
Each table is compared with authority off, on the same candidates. Real is the table in force. Shuffled deals its values to other
sources (ten draws, averaged by query), inverted trusts what it does not, random lists three documents in ten (ten draws),
adversarial three in ten of those that are relevant to no query and no other (ten draws), clairvoyant every document that is not
relevant to the query at hand, which no table could know. A change counts as no harm where its interval lies above {NON_INFERIOR}.
A table that changes no list proves nothing."""
ON_EXPOSURE = """
Share of top-10 places on sources that the table lists; Gini coefficient of the places over all domains that the queries reached;
relevant candidates of unlisted sources that reach the top 10; rank-biased overlap (p = 0.9) with authority off. Each is given
without authority and with it; listed and unlisted are as the table says."""
ON_CHANGES = """
By rank-biased overlap with authority off. Every document that moved is shown with its place before and after, and with the sum
behind it: relevance is the sum of its terms, and authority adds at most delta. A star marks what was judged relevant."""


def write_page(folder: Path, reports: Sequence[Report]) -> Path:
    """Write the page into `folder`, over one that is there; the HTML file."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = list(page(reports))
    text, pictures = to_markdown(blocks)
    for name, svg in pictures.items():
        write_durably(folder / name, svg.encode())
    write_durably(folder / "index.md", text.encode())
    write_durably(folder / "index.html", to_html(blocks, TITLE).encode())
    return folder / "index.html"


def page(reports: Sequence[Report]) -> Iterator[Block]:
    """All blocks, in order."""
    first = reports[0].evaluation
    delta = reports[0].effects[0].delta
    queries = sum(r.evaluation.queries for r in reports)
    yield Heading(1, TITLE)
    many = f"{len(reports)} collection{'s' if len(reports) > 1 else ''}, {queries:,} judged queries"
    yield Paragraph(
        f"{many}, calibration {first.calibration}, authority table {first.authority_version}, delta {delta:g}. "
        "Square brackets hold 95 % intervals from 10,000 bootstrap samples of the queries."
    )
    yield from _quality(reports)
    yield from _trust(reports, delta)
    yield from _exposure(reports)
    yield from _frontier(reports)
    yield from _changed(reports)


def _quality(reports: Sequence[Report]) -> Iterator[Block]:
    yield Heading(2, "Quality")
    yield Paragraph("Every system ranks the same candidates, so the systems differ in ranking alone.")
    yield Picture("quality", f"{MEASURE} of every system, with 95 % intervals.", plots.quality(reports), plots.INK)
    for report in reports:
        e = report.evaluation
        names = list(next(iter(e.measures.values())))
        rows = [
            (s, *(_interval(per[n]) for n in names), _change(e.vs_bm25[s][names[0]]) if s in e.vs_bm25 else "")
            for s, per in e.measures.items()
        ]
        yield Heading(3, f"{e.collection}/{e.split}, {e.queries:,} queries")
        if e.caution:
            yield Paragraph(f"These figures flatter: {e.caution}.")
        yield Table(("system", *names, f"{names[0]} - bm25"), tuple(rows))
    if any(report.classes for report in reports):
        yield Heading(2, "Quality by class of query")
        yield Paragraph(f"Classes of at least {LEAST} queries: by length in words, by form, and by the prefix of the query's id.")
    for number, report in enumerate(reports):
        if report.classes:
            systems = _compared(report)
            name = report.evaluation.collection
            yield Heading(3, name)
            yield Picture(f"classes-{number}", f"{MEASURE} by class, {name}.", plots.by_class(report, systems), plots.INK)
            rows = [(g.kind, g.name, f"{g.queries:,}", *(_interval(g.systems[s]) for s in systems)) for g in report.classes]
            yield Table(("by", "class", "queries", *systems), tuple(rows), left=2)


def _compared(report: Report) -> list[str]:
    """The legs, their fusion and what ranks by default: enough to see where a class is lost."""
    return [system for system in report.evaluation.runs if system in COMPARED]


def _trust(reports: Sequence[Report], delta: float) -> Iterator[Block]:
    yield Heading(2, "What tables do to relevance")
    yield Paragraph(ON_TABLES)
    if made := [r.evaluation.collection for r in reports if r.synthetic]:
        yield Paragraph(
            f"In {', '.join(made)} there are too few domains, or none: shuffled and inverted are made from a random table there."
        )
    tables = every(reports)
    yield Picture("tables", f"Change of {MEASURE} against authority off.", plots.effects(reports, tables), plots.INK)
    bound = math.tanh(delta / 4)
    for report in reports:
        yield Heading(3, report.evaluation.collection)
        head = (
            "table",
            "lists changed",
            "documents entered",
            MEASURE,
            "change",
            "worst draw",
            "no harm",
            "worst gap in P(relevant)",
        )
        yield Table(head, tuple(_effect(e) for e in report.effects))
    yield Paragraph(f"No inverted pair may differ by more than tanh(delta / 4) = {bound:.4f} in P(relevant).")


def _effect(e: Effect) -> tuple[str, ...]:
    assert e.ndcg is not None
    assert e.change is not None
    worst = f"{e.worst_change:+.4f}" if e.draws > 1 else ""
    return (
        e.table,
        f"{e.changed:.4g} of {e.queries}",
        f"{e.entered:.4g}",
        _interval(e.ndcg),
        _change(e.change),
        worst,
        "yes" if e.non_inferior else "no",
        f"{e.worst_gap:.4f}",
    )


def _exposure(reports: Sequence[Report]) -> Iterator[Block]:
    yield Heading(2, "Whom the lists show")
    yield Paragraph(ON_EXPOSURE)
    for report in reports:
        yield Heading(3, f"{report.evaluation.collection}, {report.domains:,} domains")
        head = ("table", "places on listed", "Gini over domains", "unlisted relevant in top 10", "of", "overlap with off")
        yield Table(head, tuple((name, *_shown(*pair)) for name, pair in report.exposures.items()))


def _shown(before: Exposure, after: Exposure) -> tuple[str, ...]:
    hosts = before.gini is not None and after.gini is not None
    return (
        f"{before.listed:.1%} → {after.listed:.1%}",
        f"{before.gini:.3f} → {after.gini:.3f}" if hosts else "no hosts",
        f"{before.tail_found:.4g} → {after.tail_found:.4g}",
        f"{after.tail_relevant:.4g}",
        f"{after.overlap:.4f}",
    )


def _frontier(reports: Sequence[Report]) -> Iterator[Block]:
    yield Heading(2, "The frontier over delta")
    yield Paragraph("How relevance, lists and exposure move as trust weighs more. The dotted line is the delta in force.")
    for number, report in enumerate(reports):
        name = report.evaluation.collection
        yield Heading(3, name)
        yield Picture(f"frontier-{number}", f"From delta 0 to 1, {name}.", plots.frontier(report), plots.INK)
        deltas = [e.delta for e, _ in next(iter(report.frontier.values()))]
        head = ("delta", *(f"{table}: change, lists" for table in report.frontier))
        rows = [(f"{delta:g}", *(_point(points[i][0]) for points in report.frontier.values())) for i, delta in enumerate(deltas)]
        yield Folded("The figures", (Table(head, tuple(rows)),))


def _point(e: Effect) -> str:
    return f"{_change(e.change)}, {e.changed / e.queries:.0%}" if e.change else ""


def _changed(reports: Sequence[Report]) -> Iterator[Block]:
    yield Heading(2, "The queries that changed most")
    yield Paragraph(ON_CHANGES)
    for report in reports:
        by = "the table in force" if report.changed_by == "real" else f"a random table ({report.changed_by})"
        yield Heading(3, f"{report.evaluation.collection}, under {by}")
        if not report.changed:
            yield Paragraph("No list changed.")
        for query in report.changed:
            title = f"{query.query_id}: {_clip(query.text)} (overlap {query.overlap:.3f}, {MEASURE} {query.gain:+.3f})"
            yield Folded(title, (_places(query),))


def _places(query: ChangedQuery) -> Table:
    names = list(dict.fromkeys(name for place in query.places for name, _ in place.terms))
    head = ("document", "off", "on", *names, "relevance", "authority", "score")
    return Table(head, tuple(_place(place, names) for place in query.places))


def _place(place: Place, names: Sequence[str]) -> tuple[str, ...]:
    terms = dict(place.terms)
    what = f"{'★ ' if place.grade > 0 else ''}{_clip(place.title)} [{place.document}]" if place.title else place.document
    sums = (f"{terms[name]:+.3f}" if name in terms else "" for name in names)
    totals = (f"{place.relevance:+.3f}", f"{place.bonus:+.3f}", f"{place.relevance + place.bonus:+.3f}")
    return what, str(place.before), str(place.after), *sums, *totals


def _clip(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= CLIPPED else f"{text[:CLIPPED].rsplit(' ', 1)[0]} …"


def _interval(value: Interval) -> str:
    return f"{value.mean:.4f} [{value.low:.3f}, {value.high:.3f}]"


def _change(value: Interval) -> str:
    return f"{value.mean:+.4f} [{value.low:+.4f}, {value.high:+.4f}]"
