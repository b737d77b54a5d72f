"""Does every reply stay under its limit, and say what it lost?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protos.stepwell.v1 import search_pb2 as pb
from server.fit import LENGTHS, MAX_REPLY, fit_fetch, fit_search


def outcome(query: str, hits: int, characters: int, letter: str = "ä") -> pb.SearchOutcome:
    """A ranking of `hits` hits with one passage of `characters` characters each, highlighted at its start and end."""
    passage = pb.Passage(text=letter * characters, start=7, end=7 + characters)
    passage.highlights.add(start=0, end=min(3, characters))
    passage.highlights.add(start=max(0, characters - 3), end=characters)
    ranking = pb.Ranking(hits=[pb.Hit(rank=rank + 1, doc_id=f"d{rank}", passages=[passage]) for rank in range(hits)])
    return pb.SearchOutcome(query=query, ranking=ranking)


def test_a_reply_that_fits_is_sent_as_it_is() -> None:
    outcomes = [outcome("a", 10, 1500), outcome("b", 10, 1500)]
    untouched = [one.SerializeToString() for one in outcomes]
    assert [one.SerializeToString() for one in fit_search(outcomes).outcomes] == untouched


def test_long_passages_are_cut_and_the_ranking_says_so() -> None:
    reply = fit_search([outcome("a", 100, 3000), outcome("b", 100, 200)], limit=150_000)
    first, second = (one.ranking for one in reply.outcomes)
    assert reply.ByteSize() <= 150_000
    assert {len(hit.passages[0].text) for hit in first.hits} == {500}
    assert "cut to 500 characters" in first.coverage[0]
    assert not second.coverage  # it lost nothing


@given(st.integers(1, 3000), st.integers(2_000, 60_000))
def test_cut_passages_keep_their_spans_true(characters: int, limit: int) -> None:
    for hit in fit_search([outcome("a", 20, characters)], limit).outcomes[0].ranking.hits:
        passage = hit.passages[0]
        assert passage.end - passage.start == len(passage.text)
        assert all(span.start < span.end <= len(passage.text) for span in passage.highlights)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3000), st.sampled_from("a🜁")), min_size=1, max_size=8),
    st.integers(10_000, 300_000),
)
def test_no_reply_is_larger_than_its_limit_and_every_query_keeps_its_place(
    shapes: list[tuple[int, int, str]], limit: int
) -> None:
    outcomes = [outcome(f"q{at}", *shape) for at, shape in enumerate(shapes)]
    reply = fit_search(outcomes, limit)
    assert reply.ByteSize() <= limit
    assert [one.query for one in reply.outcomes] == [f"q{at}" for at in range(len(shapes))]
    for one in reply.outcomes:
        assert one.HasField("ranking") or one.failure.code == "RESOURCE_EXHAUSTED"


def test_rankings_that_do_not_fit_even_without_passages_fail_and_the_first_ones_are_kept() -> None:
    reply = fit_search([outcome(f"q{at}", 1000, 100) for at in range(4)], limit=30_000)
    kinds = [one.WhichOneof("outcome") for one in reply.outcomes]
    assert kinds == ["ranking", *["failure"] * 3]
    assert "smaller k" in reply.outcomes[-1].failure.message


def test_256_failures_with_long_queries_fit() -> None:
    outcomes = [outcome("🜁" * 5000, 40, max(LENGTHS)) for _ in range(256)]
    assert fit_search(outcomes).ByteSize() <= MAX_REPLY


def test_a_document_is_sent_whole_or_not_at_all() -> None:
    small, large = (
        pb.FetchOutcome(target=name, fetched=pb.FetchedDocument(document=pb.Document(id=name, text="x" * size)))
        for name, size in (("small", 1000), ("large", MAX_REPLY))
    )
    reply = fit_fetch([large, small])
    assert reply.outcomes[0].failure.code == "RESOURCE_EXHAUSTED"
    assert "alone" in reply.outcomes[0].failure.message
    assert reply.outcomes[1] == small
    assert "alone" not in fit_fetch([large]).outcomes[0].failure.message
