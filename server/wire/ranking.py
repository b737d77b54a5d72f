"""How does one query's answer cross the wire?"""

from __future__ import annotations

from protos.stepwell.v1 import search_pb2 as pb
from ranker.ranking import Failure, Hit, Outcome, PassageHit, Ranking, Terms, Trust
from server.wire.failure import ECHO, failure_from_proto, failure_to_proto


def outcome_to_proto(outcome: Outcome) -> pb.SearchOutcome:
    """A ranking with its query's whole text, or a failure with the first ECHO characters of it."""
    if isinstance(outcome, Failure):
        return pb.SearchOutcome(query=outcome.query[:ECHO], failure=failure_to_proto(outcome))
    message = pb.SearchOutcome(query=outcome.query)
    message.ranking.SetInParent()
    _fill(message.ranking, outcome)
    return message


def outcome_from_proto(message: pb.SearchOutcome, query: str) -> Outcome:
    """Inverse of outcome_to_proto; `query` is the text as the caller sent it, whole."""
    if message.WhichOneof("outcome") == "ranking":
        return _ranking_from_proto(message.ranking, query)
    return failure_from_proto(message, query)


def trust_to_proto(trust: Trust) -> pb.Trust:
    """What the authority table says of one source."""
    return pb.Trust(value=trust.value, tier=trust.tier, key=trust.key, rule=trust.rule, mark=trust.mark)


def trust_from_proto(message: pb.Trust) -> Trust:
    """Inverse of trust_to_proto."""
    return Trust(value=message.value, tier=message.tier, key=message.key, rule=message.rule, mark=message.mark)


def _fill(message: pb.Ranking, ranking: Ranking) -> None:
    """In place, every message where it belongs: one that is handed over is copied at each level above it."""
    message.snapshot = ranking.snapshot
    message.authority_version = ranking.authority_version
    message.encoder = ranking.encoder
    message.calibration = ranking.calibration
    message.coverage.extend(ranking.coverage)
    message.took_ms = ranking.took_ms
    message.delta = ranking.delta
    for stage, ms in ranking.stages:
        message.stages.add(stage=stage, ms=ms)
    for hit in ranking.hits:
        _add_hit(message, hit)


def _ranking_from_proto(message: pb.Ranking, query: str) -> Ranking:
    return Ranking(
        query=query,
        hits=tuple(_hit_from_proto(hit) for hit in message.hits),
        snapshot=message.snapshot,
        authority_version=message.authority_version,
        encoder=message.encoder,
        calibration=message.calibration,
        coverage=tuple(message.coverage),
        took_ms=message.took_ms,
        stages=tuple((time.stage, time.ms) for time in message.stages),
        delta=message.delta,
    )


def _add_hit(ranking: pb.Ranking, hit: Hit) -> None:
    message = ranking.hits.add(
        rank=hit.rank,
        doc_id=hit.doc_id,
        title=hit.title,
        url=hit.url,
        kind=hit.kind,
        authors=hit.authors,
        venue=hit.venue,
        published=hit.published,
        score=hit.score,
        relevance=hit.relevance,
        authority=trust_to_proto(hit.authority),
        terms=_terms_to_proto(hit.terms),
        moved=hit.moved,
        exact_match=hit.exact_match,
        text_sha256=hit.text_sha256,
        wording=hit.wording,
        diversified=hit.diversified,
    )
    for passage in hit.passages:
        shown = message.passages.add(text=passage.text, start=passage.start, end=passage.end, section=passage.section)
        for start, end in passage.highlights:
            shown.highlights.add(start=start, end=end)


def _hit_from_proto(message: pb.Hit) -> Hit:
    return Hit(
        rank=message.rank,
        doc_id=message.doc_id,
        title=message.title,
        url=message.url,
        kind=message.kind,
        authors=tuple(message.authors),
        venue=message.venue,
        published=message.published,
        score=message.score,
        relevance=message.relevance,
        authority=trust_from_proto(message.authority),
        terms=_terms_from_proto(message.terms),
        passages=tuple(_passage_from_proto(passage) for passage in message.passages),
        moved=message.moved,
        exact_match=message.exact_match,
        text_sha256=message.text_sha256,
        wording=message.wording,
        diversified=message.diversified,
    )


def _passage_from_proto(message: pb.Passage) -> PassageHit:
    return PassageHit(
        text=message.text,
        start=message.start,
        end=message.end,
        highlights=tuple((span.start, span.end) for span in message.highlights),
        section=message.section,
    )


def _terms_to_proto(terms: Terms) -> pb.Terms:
    return pb.Terms(
        bias=terms.bias,
        lexical=terms.lexical,
        dense=terms.dense,
        authority=terms.authority,
        bm25=terms.bm25,
        max_bm25=terms.max_bm25,
        cosine=terms.cosine,
        title=terms.title,
        title_bm25=terms.title_bm25,
        best_bm25=terms.best_bm25,
        fused=terms.fused,
        cross=terms.cross,
        impact=terms.impact,
    )


def _terms_from_proto(message: pb.Terms) -> Terms:
    return Terms(
        bias=message.bias,
        lexical=message.lexical,
        dense=message.dense,
        authority=message.authority,
        bm25=message.bm25,
        max_bm25=message.max_bm25,
        cosine=message.cosine,
        title=message.title,
        title_bm25=message.title_bm25,
        best_bm25=message.best_bm25,
        fused=message.fused,
    )
