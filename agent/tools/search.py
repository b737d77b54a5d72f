"""batch_search: which passages answer these queries?

Every document of the result is fetched in the same breath and its text kept among the run's blobs, so each passage found is
a span that can be cited and checked without the server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.errors import ToolError
from agent.evidence import Source
from agent.library import fetch_all
from agent.many import many
from agent.models import ToolSchema
from agent.models.plan import content
from agent.standing import Search, scope_of
from agent.tools.desk import Desk, Observation, Tool
from server.client import Failure, Fetched, Filters, Hit, Query, Ranking

DEFAULT_K = 8
TOO_ALIKE = 0.8
"""Overlap of its words with those of an earlier call's query from which a query is not asked again."""


def run(arguments: Mapping[str, Any], desk: Desk) -> Observation:
    """Search, fetch what was found, and give the passages their span ids."""
    filters = Filters(
        kinds=(arguments["kind"],) if "kind" in arguments else (),
        sites=tuple(arguments.get("sites", ())),
        exclude_sites=tuple(arguments.get("exclude", ())),
        after=arguments.get("after", ""),
        before=arguments.get("before", ""),
    )
    asked, repeated = fresh(arguments, desk.standing.searches)
    if not asked:
        raise ToolError(f"nothing new was asked: {'; '.join(repeated)}; ask for something else, or write")
    queries = [Query(text, k=arguments.get("k", DEFAULT_K), filters=filters) for text in asked]
    outcomes = desk.library.batch_search(queries)
    hits = [hit for outcome in outcomes if isinstance(outcome, Ranking) for hit in outcome.hits]
    if not hits and any(isinstance(outcome, Failure) for outcome in outcomes):
        raise ToolError("; ".join(f"{o.query!r}: {o.message}" for o in outcomes if isinstance(o, Failure)))
    documents = fetch_all(desk.library, [hit.doc_id for hit in hits])
    shown: set[str] = set()
    rankings = [_outcome(outcome, documents, desk, shown) for outcome in outcomes]
    found = f"{many(len(hits), 'hit')} in {many(len(documents), 'document')}"
    note = f"{many(len(queries), 'query', 'queries')}, {found}, {many(len(shown), 'passage')}"
    skipped: dict[str, object] = {"not_asked_again": repeated} if repeated else {}
    return Observation({"rankings": rankings, **skipped}, note, foreign=bool(hits))


def fresh(arguments: Mapping[str, Any], earlier: Sequence[Search]) -> tuple[list[str], list[str]]:
    """The queries worth asking, and why the others are not: an earlier call asked about the same of the same documents."""
    asked: list[str] = []
    repeated: list[str] = []
    scope = scope_of(arguments)
    for query in arguments["queries"]:
        wanted = content(query)
        like = [
            s
            for s in earlier
            if s.scope == scope and marks(s.query) == marks(query) and alike(wanted, content(s.query)) >= TOO_ALIKE
        ]
        if like:
            repeated.append(f"{query!r} is like {like[0].query!r} of {like[0].call_id}")
        elif query not in asked:
            asked.append(query)
    return asked, repeated


def marks(query: str) -> frozenset[str]:
    """Words that make another question of the same words: numbers, and single capitals as in vitamin C."""
    words = re.findall(r"[\w+#]+", query)
    single = {word for word in words if word[0].isupper() and len(word.rstrip("+#")) == 1}
    return frozenset(single | {word.casefold() for word in words if re.search(r"\d", word)})


def alike(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard overlap of two sets of terms, in [0, 1]; two empty sets are alike."""
    return len(a & b) / len(a | b) if a | b else 1.0


def _outcome(
    outcome: Ranking | Failure, documents: Mapping[str, Fetched | Failure], desk: Desk, shown: set[str]
) -> dict[str, object]:
    if isinstance(outcome, Failure):
        return {"query": outcome.query, "error": outcome.message}
    answer: dict[str, object] = {"query": outcome.query}
    if outcome.coverage:
        answer["degraded"] = list(outcome.coverage)
    return answer | {"hits": [_hit(hit, documents[hit.doc_id], desk, shown) for hit in outcome.hits]}


def _hit(hit: Hit, fetched: Fetched | Failure, desk: Desk, shown: set[str]) -> dict[str, object]:
    """One hit; a passage that this result already shows is named by its id alone."""
    if isinstance(fetched, Failure):
        return {"doc": hit.doc_id, "title": hit.title, "error": f"cannot be read: {fetched.message}"}
    source = desk.take_in(fetched)
    passages: dict[str, str] = {}
    for passage in hit.passages:
        if passage.end > passage.start and fetched.document.text[passage.start : passage.end] == passage.text:
            span = desk.evidence.span(fetched, passage.start, passage.end)
            passages[span.id] = "" if span.id in shown else span.quote
            shown.add(span.id)
    return describe(source) | {"relevance": round(hit.relevance, 2), "passages": passages}


def describe(source: Source) -> dict[str, object]:
    """A source as the model sees it; what is unknown is left out."""
    said = {
        "doc": source.doc_id,
        "title": source.title,
        "authors": list(source.authors[:8]),
        "venue": source.venue,
        "published": source.published,
        "site": source.site,
        "kind": source.kind,
        "authority": source.tier,
        "trust": source.authority,
    }
    return {name: value for name, value in said.items() if value}


_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 200}, "maxItems": 100}
TOOL = Tool(
    ToolSchema(
        "batch_search",
        "Search the library with several queries at once. Returns for each query the best documents with their best "
        "passages; passages is an object from span id to text, empty where the text was shown before.",
        {
            "type": "object",
            "properties": {
                "queries": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": 2000},
                    "minItems": 1,
                    "maxItems": 8,
                    "description": "Queries in natural language.",
                },
                "k": {"type": "integer", "minimum": 1, "maximum": 20, "description": "Documents per query, default 8."},
                "kind": {"type": "string", "enum": ["paper", "page", "file"], "description": "Keep this kind of document."},
                "sites": _NAMES | {"description": "Keep these hosts and what lies under them."},
                "exclude": _NAMES | {"description": "Drop these hosts and what lies under them."},
                "after": {"type": "string", "maxLength": 10, "description": "Published on or after this ISO date."},
                "before": {"type": "string", "maxLength": 10, "description": "Published before this ISO date."},
            },
            "required": ["queries"],
            "additionalProperties": False,
        },
    ),
    run,
    research=True,
    goal=lambda arguments: "; ".join(arguments["queries"]),  # type: ignore[arg-type]
)
