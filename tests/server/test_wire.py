"""Does everything that crosses the wire arrive as it was?"""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.document import Document, Section
from protos.stepwell.v1 import search_pb2 as pb
from ranker.errors import QueryError
from ranker.overlay import Overlay
from ranker.query import KINDS, MAX_K, Filters, Query
from ranker.ranking import Failure, Fetched, Hit, PassageHit, Ranking, Status, Terms, Trust
from server.wire.document import fetched_from_proto, fetched_to_proto, status_from_proto, status_to_proto
from server.wire.failure import ECHO, refusal
from server.wire.query import query_from_proto, query_to_proto
from server.wire.ranking import outcome_from_proto, outcome_to_proto
from server.wire.reply import joined, reply_of

text = st.text(max_size=20)
words = st.text(min_size=1, max_size=20).filter(str.strip)
texts = st.lists(text, max_size=3).map(tuple)
offset = st.integers(0, 2**32 - 1)
number = st.floats(allow_nan=False)
dates = st.sampled_from(["", "2019", "2019-06", "2019-06-03"])

trusts = st.builds(Trust, value=number, tier=text, key=text, rule=text, mark=text)
terms = st.builds(Terms, *[number] * 13)
passages = st.builds(
    PassageHit,
    text=text,
    start=offset,
    end=offset,
    highlights=st.lists(st.tuples(offset, offset), max_size=3).map(tuple),
)
hits = st.builds(
    Hit,
    rank=offset,
    doc_id=text,
    title=text,
    url=text,
    kind=text,
    authors=texts,
    venue=text,
    published=text,
    score=number,
    relevance=number,
    authority=trusts,
    terms=terms,
    passages=st.lists(passages, max_size=2).map(tuple),
    moved=st.integers(-(2**31), 2**31 - 1),
    diversified=st.integers(-(2**31), 2**31 - 1),
)
rankings = st.builds(
    Ranking,
    query=text,
    hits=st.lists(hits, max_size=3).map(tuple),
    snapshot=text,
    authority_version=text,
    encoder=text,
    calibration=text,
    coverage=texts,
    took_ms=number,
    delta=number,
)
failures = st.builds(Failure, query=text, code=text, message=text)
hosts = st.lists(st.from_regex(r"[a-z0-9-]{1,8}(\.[a-z0-9-]{1,8}){0,2}", fullmatch=True), max_size=3).map(tuple)
rules = st.lists(st.sampled_from(["who.int", "host:www.who.int", ".gov", "[::1]"]), max_size=3).map(tuple)
kinds = st.lists(st.sampled_from(KINDS), max_size=3).map(tuple)
filters = st.builds(
    Filters,
    kinds=kinds,
    collections=texts,
    sites=hosts,
    exclude_sites=hosts,
    after=st.just("2018"),
    before=dates,
    undated=st.booleans(),
    hosts=hosts,
    languages=st.sampled_from([(), ("en",), ("pt-BR", "unknown")]),
    retracted=st.sampled_from([(), ("true",), ("false", "unknown")]),
    clusters=texts,
) | st.builds(Filters, kinds=kinds, after=dates)
queries = st.builds(
    Query,
    text=words,
    k=st.integers(1, MAX_K),
    filters=filters,
    authority=st.booleans(),
    passages=st.integers(0, 10),
    profile=text,
    overlay=st.builds(Overlay, boost=rules, block=rules, only=rules),
    diversity=st.floats(0, 10),
    feedback=st.floats(0, 1),
    recency=st.floats(0, 1),
)
pairs = st.dictionaries(text, text, max_size=3)
documents = st.builds(
    Document,
    id=words,
    title=words,
    text=text,
    kind=text,
    url=text,
    authors=texts,
    editors=texts,
    venue=text,
    published=text,
    language=text,
    collection=text,
    identifiers=pairs,
    details=pairs,
    sections=st.lists(st.builds(Section, text, st.integers(1, 6), offset, offset), max_size=2).map(tuple),
    retracted=st.sampled_from([None, True, False]),
    notices=texts,
    references=texts,
    cluster=text,
    sources=texts,
)
fetches = st.builds(Fetched, document=documents, authority=trusts, text_sha256=text, snapshot=text)
statuses = st.builds(
    Status,
    snapshot=text,
    authority_version=text,
    encoder=text,
    calibration=text,
    documents=st.integers(0, 2**64 - 1),
    passages=st.integers(0, 2**64 - 1),
)


@given(queries)
def test_a_query_arrives_as_it_was_sent(query: Query) -> None:
    assert query_from_proto(pb.Query.FromString(query_to_proto(query).SerializeToString())) == query


@given(rankings | failures)
def test_an_outcome_arrives_as_it_was_sent(outcome: Ranking | Failure) -> None:
    message = pb.SearchOutcome.FromString(outcome_to_proto(outcome).SerializeToString())
    assert outcome_from_proto(message, outcome.query) == outcome
    assert message.query == outcome.query[:ECHO]  # here no query is longer


@given(text, fetches | failures)
def test_a_fetched_document_arrives_as_it_was_sent(target: str, fetched: Fetched | Failure) -> None:
    fetched = replace(fetched, query=target) if isinstance(fetched, Failure) else fetched
    message = pb.FetchOutcome.FromString(fetched_to_proto(target, fetched).SerializeToString())
    assert fetched_from_proto(message, target) == fetched


@given(statuses, text)
def test_a_status_arrives_as_it_was_sent(status: Status, release: str) -> None:
    message = pb.StatusResponse.FromString(status_to_proto(status, release).SerializeToString())
    assert (status_from_proto(message), message.release) == (status, release)


def test_offsets_are_code_points_where_utf8_and_utf16_would_differ() -> None:
    title = "🜁 ärzte 👩‍⚕️ wasser"
    start = title.index("wasser")
    hit = PassageHit(title, 0, len(title), ((start, start + 6),))
    ranking = Ranking("q", (), "", "", "", "", (), 0.0)
    whole = Hit(1, "d", "t", "", "page", (), "", "", 0.0, 0.0, Trust(0, "", ""), Terms(0, 0, 0, 0, 0, 0, 0), (hit,), 0)
    message = outcome_to_proto(replace(ranking, hits=(whole,)))
    span = message.ranking.hits[0].passages[0].highlights[0]
    assert title[span.start : span.end] == "wasser"


def test_fields_that_are_absent_take_the_defaults_of_query() -> None:
    assert query_from_proto(pb.Query(text="water")) == Query("water")


def test_a_zero_that_was_sent_is_not_a_default() -> None:
    with pytest.raises(QueryError, match="k is 0"):
        query_from_proto(pb.Query(text="water", k=0))


def test_an_authority_mode_of_a_newer_client_is_refused_not_guessed() -> None:
    with pytest.raises(QueryError, match="authority mode 7"):
        query_from_proto(pb.Query(text="water", authority=7))  # type: ignore[arg-type]


def test_an_outcome_of_a_newer_server_is_a_failure_not_an_empty_ranking() -> None:
    outcome = outcome_from_proto(pb.SearchOutcome(query="water"), "water")
    assert isinstance(outcome, Failure)
    assert outcome.code == "INTERNAL"


def test_a_refused_query_with_lone_surrogates_can_be_sent_back() -> None:
    failure = refusal("water \udcff", QueryError("no"))
    assert outcome_to_proto(failure).query == "water ?"


def test_no_field_of_a_document_is_forgotten_by_the_wire() -> None:
    assert {f.name for f in fields(Document)} == {f.name for f in pb.Document.DESCRIPTOR.fields}


@given(st.lists(rankings | failures, max_size=4), st.booleans())
def test_replies_one_after_the_other_are_one_reply(outcomes: list[Ranking | Failure], explain: bool) -> None:
    reply = joined([reply_of(outcome, explain) for outcome in outcomes])
    assert list(reply.message.outcomes) == [outcome_to_proto(outcome, explain) for outcome in outcomes]
    assert reply.failed == sum(isinstance(outcome, Failure) for outcome in outcomes)
    if not explain:
        assert not any(hit.HasField("terms") for outcome in reply.message.outcomes for hit in outcome.ranking.hits)
