"""How does a ranking look on a terminal, and as JSON?"""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

from ranker.ranking import Failure, Hit, Outcome, PassageHit, Ranking, Trust

WIDTH = 100
"""Columns of the rendering."""
EXCERPT = 280
"""Characters shown of a passage."""


_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")
"""A page may hold escape sequences that a terminal would obey; none reaches it."""


def render(ranking: Ranking, explain: bool = False) -> str:
    """A ranking for people: title, source, tier, the best passage; with `explain` each score as the sum it is."""
    lines = [ranking.query, ""]
    for hit in ranking.hits:
        lines += _hit(hit, _reasons(hit, ranking) if explain else [])
    if not ranking.hits:
        lines.append("no document matches")
    took = (
        f"{ranking.took_ms:.0f} ms, snapshot {ranking.snapshot}, authority {ranking.authority_version}, delta {ranking.delta:g}"
    )
    lines.append(
        f"{len(ranking.hits)} hit{'s' if len(ranking.hits) != 1 else ''} in {took}"
        + "".join(f"\nnote: {note}" for note in ranking.coverage)
    )
    return "\n".join(lines).translate(_CONTROL)


def render_failure(failure: Failure) -> str:
    """A failed query in one line."""
    return f"{failure.query[:60]!r} failed: {failure.code}: {failure.message}"


def to_record(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON-ready data; the field names are those of ranker.ranking."""
    if isinstance(outcome, Failure):
        return {"query": outcome.query, "failure": {"code": outcome.code, "message": outcome.message}}
    return asdict(outcome)


def _hit(hit: Hit, reasons: list[str]) -> list[str]:
    moved = f"  ({'up' if hit.moved > 0 else 'down'} {abs(hit.moved)} by authority)" if hit.moved else ""
    moved += f"  ({'up' if hit.diversified > 0 else 'down'} {abs(hit.diversified)} by diversity)" if hit.diversified else ""
    tier = f"  [{hit.authority.tier}]" if hit.authority.tier else ""
    tier += f"  [! {hit.authority.mark}]" if hit.authority.mark else ""
    byline = ", ".join(hit.authors[:3]) + (" et al." if len(hit.authors) > 3 else "")
    facts = " · ".join(part for part in (byline, hit.venue, hit.published) if part)
    lines = [f"{hit.rank:>2}. {hit.title}{tier}{moved}"]
    lines += [f"    {line}" for line in (facts, hit.url or hit.doc_id) if line]
    lines += [f"    {line}" for line in reasons]
    if hit.exact_match:
        lines.append(f"    exact match: asked for as {hit.exact_match}")
    if hit.passages:
        lines += textwrap.wrap(_excerpt(hit.passages[0]), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return [*lines, ""]


def _reasons(hit: Hit, ranking: Ranking) -> list[str]:
    """The score as a sum, and the near tie it settled if it did."""
    t = hit.terms
    dense = f" {t.dense:+.3f} dense (cosine {t.cosine:.3f})" if t.dense else ""
    trust = f" {t.authority:+.3f} authority ({_why(hit.authority)})" if t.authority else ""
    ratio = f"BM25 {t.bm25:.2f}, best {t.best_bm25:.2f}, at most {t.max_bm25:.2f}"
    title = f" {t.title:+.3f} title (BM25 {t.title_bm25:.2f})" if t.title else ""
    stages = {
        "other wordings": t.fused,
        "cross-encoder": t.cross,
        "citations": t.impact,
        "feedback": t.feedback,
        "date": t.recency,
    }
    other = "".join(f" {part:+.3f} {name}" for name, part in stages.items() if part)
    lines = [f"score {hit.score:+.3f} = {t.bias:+.3f} bias {t.lexical:+.3f} lexical ({ratio}){title}{dense}{other}{trust}"]
    overtaken = [other for other in ranking.hits[hit.rank :] if other.relevance > hit.relevance]
    if overtaken:
        lead = max(other.relevance for other in overtaken) - hit.relevance
        which = "rank " + ", ".join(str(other.rank) for other in overtaken)
        lines.append(f"near tie settled by authority: {which} more relevant by at most {lead:.3f}, within {ranking.delta:g}")
    return lines


def _why(trust: Trust) -> str:
    """Tier and key of a trusted source, and the rule of the request where one changed its value."""
    return ", ".join(part for part in (trust.tier, trust.key, trust.rule) if part)


def _excerpt(passage: PassageHit) -> str:
    """About EXCERPT characters of the passage, from a little before the first highlight, words whole, on one line."""
    first = passage.highlights[0][0] if passage.highlights else 0
    start = max(0, first - EXCERPT // 4)
    if start:
        start = passage.text.find(" ", start) + 1 or start
    end = start + EXCERPT
    if end < len(passage.text):
        end = max(passage.text.rfind(" ", start, end), start + EXCERPT // 2)
    cut = " ".join(passage.text[start:end].split())
    return ("… " if start else "") + cut + (" …" if end < len(passage.text) else "")
