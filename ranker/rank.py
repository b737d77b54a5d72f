"""In which order does one question get its documents, and with which hits?

score -> collapse to documents -> fuse wordings -> settle near ties -> stages that the question asks for -> hits
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ranker.answer import hits_of
from ranker.fuse import fuse
from ranker.likeness import likeness
from ranker.pinned import Pinned
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.retrieve import Candidates
from ranker.settle import collapse
from ranker.stages import Stage
from ranker.stages.caps import PerDomain, PerPaper
from ranker.stages.diversity import Diversity
from ranker.stages.feedback import Feedback
from ranker.stages.impact import Impact
from ranker.stages.reading import Reading
from ranker.stages.recency import Recency
from ranker.stages.standing import Standing
from ranker.stopwatch import Stopwatch

NO_TERMS = "the query has no searchable word"


def rank(
    queries: Sequence[Query],
    views: Sequence[Candidates],
    pinned: Pinned,
    watch: Stopwatch,
    notes: Sequence[str] = (),
    until: float = float("inf"),
) -> Ranking:
    """The wordings of one question, mostly one, and their candidates into a ranking, cut to k.

    Stages that take long end early where time.monotonic() reaches `until`.
    """
    query = queries[0]
    documents = fuse([collapse(view, pinned.calibration.log_odds(view)) for view in views], likeness(views))
    standing = Standing.of(queries, views, documents, pinned)
    watch.lap("rank")
    for name, stage in stages_of(query, until):
        standing = stage(standing)
        watch.lap(name)
    hits = hits_of(standing)
    watch.lap("hits")
    return Ranking(
        query="\n".join(q.text for q in queries),
        hits=hits,
        snapshot=pinned.index.manifest.snapshot,
        authority_version=pinned.trusted.version_for(query.profile, query.overlay, query.authority),
        encoder=pinned.encoder.name if pinned.encoder else "",
        calibration="+".join(_models(standing)),
        coverage=tuple(_coverage(standing, notes)),
        took_ms=watch.total,
        stages=watch.stages,
        delta=pinned.delta,
    )


def stages_of(query: Query, until: float) -> Iterator[tuple[str, Stage]]:
    """What the question wants done beyond the default, in the order in which it is done, and whose time it is."""
    if query.feedback:
        yield "rank", Feedback(query.feedback)
    if query.rerank:
        yield "rerank", Reading(query.rerank, min(until, time.monotonic() + query.rerank_ms / 1000))
    if query.impact:
        yield "rank", Impact(query.impact)
    if query.recency:
        yield "rank", Recency(query.recency)
    if query.diversity:
        yield "rank", Diversity(query.diversity)
    if query.max_per_domain:
        yield "rank", PerDomain(query.max_per_domain)
    if query.max_per_paper:
        yield "rank", PerPaper(query.max_per_paper)


def _models(standing: Standing) -> Iterator[str]:
    """The calibrations that made the scores."""
    yield standing.pinned.calibration.version
    if "cross" in standing.added and standing.pinned.reader:
        yield standing.pinned.reader.calibration.version


def _coverage(standing: Standing, notes: Sequence[str]) -> Iterator[str]:
    """What the answer must say of itself."""
    yield from standing.pinned.coverage
    worded = any(query.words for query in standing.queries)
    if worded and not any(view.query.terms for view in standing.views):
        yield NO_TERMS
    if unread := list(dict.fromkeys(site for query in standing.queries for site in query.asked.unread)):
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        named = ", ".join(repr(site[:60]) for site in unread[:3])
        yield f"{named}{more} is no filter and was searched as words; write site:alder.example"
    yield from notes
    yield from standing.notes
    top, order = standing.shown[: standing.queries[0].k], standing.settled
    if len(standing.shown) < len(order):
        above = order[: _deepest(order, top)] if len(top) else order
        if passed := int(np.isin(above, standing.shown, invert=True).sum()):
            yield f"{passed} documents above the last hit were passed over by caps per domain or paper"
    unmet = dict.fromkeys(" and ".join(f'"{phrase}"' for phrase in view.unmet) for view in standing.views if view.unmet)
    document = "no document that passes the other filters" if standing.queries[0].narrowed else "no document"
    yield from (f"{document} has {phrases} word for word; searched for the words" for phrases in unmet)
    if not len(order) and standing.queries[0].narrowed:
        yield (
            "no document passes the filters"
            if standing.pinned.encoder or not worded
            else "no document passes the filters and has a word of the query"
        )


def _deepest(order: NDArray[np.intp], shown: NDArray[np.intp]) -> int:
    """How many rows of the settled order reach down to the lowest of those shown."""
    return int(np.flatnonzero(np.isin(order, shown))[-1]) + 1
