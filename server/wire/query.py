"""How does a query cross the wire?"""

from __future__ import annotations

from protos.stepwell.v1 import search_pb2 as pb
from ranker.errors import QueryError
from ranker.overlay import NO_OVERLAY, Overlay
from ranker.query import NO_FILTERS, Filters, Query

_AUTHORITY = {pb.AUTHORITY_MODE_UNSPECIFIED: True, pb.AUTHORITY_MODE_ON: True, pb.AUTHORITY_MODE_OFF: False}


def query_to_proto(query: Query) -> pb.Query:
    """Every field is sent, defaults too, so that a server with other defaults answers the same question."""
    filters = query.filters
    return pb.Query(
        text=query.text,
        k=query.k,
        filters=pb.Filters(
            kinds=filters.kinds,
            collections=filters.collections,
            sites=filters.sites,
            exclude_sites=filters.exclude_sites,
            after=filters.after,
            before=filters.before,
            undated=filters.undated,
            hosts=filters.hosts,
            languages=filters.languages,
            retracted=filters.retracted,
            clusters=filters.clusters,
        ),
        authority=pb.AUTHORITY_MODE_ON if query.authority else pb.AUTHORITY_MODE_OFF,
        passages=query.passages,
        profile=query.profile,
        overlay=pb.Overlay(boost=query.overlay.boost, block=query.overlay.block, only=query.overlay.only),
        max_tokens=query.max_tokens,
        max_per_domain=query.max_per_domain,
        max_per_paper=query.max_per_paper,
        diversity=query.diversity,
        rerank=query.rerank,
        impact=query.impact,
        feedback=query.feedback,
        recency=query.recency,
        rerank_ms=query.rerank_ms,
        fuse=query.fuse,
    )


def query_from_proto(message: pb.Query) -> Query:
    """Inverse of query_to_proto; absent fields take the defaults of Query. Raises QueryError on what Query refuses."""
    if message.authority not in _AUTHORITY:
        raise QueryError(f"authority mode {message.authority} is unknown; send 1 (on) or 2 (off)")
    optional = {name: getattr(message, name) for name in ("k", "passages", "rerank_ms") if message.HasField(name)}
    return Query(
        text=message.text,
        filters=_filters(message.filters) if message.filters.ByteSize() else NO_FILTERS,
        authority=_AUTHORITY[message.authority],
        max_tokens=message.max_tokens,
        max_per_domain=message.max_per_domain,
        max_per_paper=message.max_per_paper,
        diversity=message.diversity,
        rerank=message.rerank,
        impact=message.impact,
        feedback=message.feedback,
        recency=message.recency,
        fuse=message.fuse,
        profile=message.profile,
        overlay=_overlay(message.overlay) if message.overlay.ByteSize() else NO_OVERLAY,
        **optional,
    )


def _filters(message: pb.Filters) -> Filters:
    return Filters(
        kinds=tuple(message.kinds),
        collections=tuple(message.collections),
        sites=tuple(message.sites),
        exclude_sites=tuple(message.exclude_sites),
        after=message.after,
        before=message.before,
        undated=message.undated,
        hosts=tuple(message.hosts),
        languages=tuple(message.languages),
        retracted=tuple(message.retracted),
        clusters=tuple(message.clusters),
    )


def _overlay(message: pb.Overlay) -> Overlay:
    return Overlay(tuple(message.boost), tuple(message.block), tuple(message.only))


def weight(query: Query) -> int:
    """Passages that the answer may hold, at least one per hit: what the size of a reply goes by."""
    return query.k * max(1, query.passages)
