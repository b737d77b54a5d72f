"""Few terms of a query seek its candidates: the heavy ones, as many as the postings allow."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.index import Index
from indexer.selection import best
from ranker import proposal
from ranker.bm25 import LexicalQuery, bm25
from ranker.proposal import COSTLY, DEAR, LEAST, LET_GO, LET_GO_DEAR, POSTINGS, PROPOSING, SPARED, WIDER, Proposal
from ranker.query import Filters, Query
from ranker.ranking import Ranking
from ranker.retrieve import by_words
from ranker.search import Searcher

drawn = st.lists(st.tuples(st.floats(0, 20), st.integers(0, 2 * POSTINGS)), max_size=40)


def _of(weights: list[float], df: list[int]) -> Proposal:
    return Proposal.of([f"t{i}" for i in range(len(df))], np.array(weights), np.array(df, np.int64))


def test_a_long_query_proposes_by_its_heaviest_terms_alone(tiny_index: Path, tiny_documents: list[Document]) -> None:
    with Index.open(tiny_index) as index:
        query = LexicalQuery.parse(" ".join(d.text for d in tiny_documents), index)
        kept = set(query.proposal.terms)
        assert len(query.terms) > PROPOSING == len(kept)
        weights = dict(zip(query.terms, query.weights, strict=True))
        assert min(weights[t] for t in kept) >= max(w for t, w in weights.items() if t not in kept)
        assert [t for t in query.terms if t in kept] == list(query.proposal.terms)
        short = LexicalQuery.parse("tide table", index)
        assert short.proposal.terms == short.terms


def test_light_terms_that_very_many_passages_hold_do_not_propose() -> None:
    spared = _of([6.0, 0.5, 5.0, 0.9, 0.4], [9, COSTLY, COSTLY, COSTLY, COSTLY - 1])
    assert spared.terms == ("t0", "t2", "t4"), "the two light ones are spared, a heavy one or one in few passages is not"
    assert spared.weights == (6.0, 5.0, 0.4)
    assert spared.wider == 1


def test_over_the_budget_heavier_terms_go_and_more_hits_are_asked_for() -> None:
    weights = [6.0, 5.0, 4.0, 3.0, 2.0, 0.5]
    assert _of(weights, [9, COSTLY, COSTLY, COSTLY, COSTLY, COSTLY]).terms == ("t0", "t1", "t2", "t3")
    over = _of(weights, [9, COSTLY, COSTLY, COSTLY, POSTINGS, COSTLY])
    assert over.terms == ("t0", "t1", "t2", "t3"), "spared as before"
    over = _of([6.0, 5.0, 4.0, 3.0, 3.0, 0.5], [9, COSTLY, COSTLY, COSTLY, POSTINGS, COSTLY])
    assert over.terms == ("t0", "t1", "t2", "t3"), "once it is within the budget no more go"
    assert over.wider == WIDER
    assert over.everything is not None
    assert len(over.everything.terms) == 6
    heavy = [6.0, 5.0, 4.0, 4.0, 4.0, 0.5]
    assert _of(heavy, [9, COSTLY, COSTLY, COSTLY, POSTINGS, COSTLY]).terms == ("t0", "t1", "t2", "t3")
    assert _of(heavy, [9, COSTLY, COSTLY, POSTINGS, POSTINGS, COSTLY]).terms == ("t0", "t1", "t2", "t3"), "half is too much"
    assert _of(heavy, [9, COSTLY, COSTLY, DEAR, DEAR, COSTLY]).terms == ("t0", "t1", "t2"), "of a very dear query nearly half"
    assert _of([3.0], [2 * DEAR]).terms == ("t0",)


@given(drawn)
def test_what_proposes_carries_most_of_the_weight_that_may_propose(terms: list[tuple[float, int]]) -> None:
    weights, df = [w for w, _ in terms], [d for _, d in terms]
    found = _of(weights, df)
    may = sum(sorted(weights)[::-1][:PROPOSING])
    assert sum(found.weights) >= (1 - (LET_GO_DEAR if sum(df) > DEAR else LET_GO)) * may - 1e-9
    assert bool(found.terms) == bool(terms)
    if found.wider == 1:
        assert sum(found.weights) >= (1 - SPARED) * may - 1e-9


@given(drawn)
def test_a_query_within_the_budget_is_none_of_its_business(terms: list[tuple[float, int]]) -> None:
    assert _of([w for w, _ in terms], [d // 100 for _, d in terms]).wider == 1


def test_what_let_a_term_go_is_ranked_by_all_terms(tiny_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every limit at its tightest the exact scores of the hits asked for still decide which are proposed."""
    with Index.open(tiny_index) as index:
        query = LexicalQuery.parse("boiling water for coffee, tea and bread", index)
        exact = partial(bm25, query, index, k1=1.2, b=0.75)
        plain = best(by_words(index, query, 12, None, exact), exact, 2)
        for name, value in (("COSTLY", 1), ("SPARED", 0.0), ("POSTINGS", 0), ("LET_GO", 0.6)):
            monkeypatch.setattr(proposal, name, value)
        assert len(query.proposal.terms) < len(query.terms)
        assert query.proposal.wider == WIDER
        assert best(by_words(index, query, 2, None, exact), exact, 2).tolist() == plain.tolist()


def test_words_that_find_too_few_are_asked_again_with_those_that_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a rare word would leave an answer of one hit, and a wide filter fewer hits than a narrow one."""
    monkeypatch.setattr(proposal, "COSTLY", 50)
    with CorpusWriter(tmp_path / "corpus") as writer:
        for n in range(400):
            rare = " Puffins came, too." if n == 7 else ""
            day = f"20{10 + n % 10}-01-01"
            writer.add(Document(id=str(n), title=f"Day {n}", text=f"The tide of day {n} was read.{rare}", published=day))
    build([tmp_path / "corpus"], tmp_path / "index", None)
    with Searcher.open(tmp_path / "index", authority="off") as searcher:
        for filters in (Filters(), Filters(after="2012"), Filters(after="2018")):
            query = Query("puffins tide read", filters=filters)
            assert LexicalQuery.parse(query.words, searcher.pinned.index).proposal.terms == ("puffin",)
            (ranking,) = searcher.search([query])
            assert isinstance(ranking, Ranking)
            assert len(ranking.hits) == query.k
        (phrase,) = searcher.search([Query('"the tide of day" puffins read')])
        assert isinstance(phrase, Ranking)
        assert phrase.coverage == ()


def test_of_few_words_none_goes_for_the_sake_of_the_budget() -> None:
    assert _of([3.0, 2.9], [DEAR, DEAR]).terms == ("t0", "t1")
    assert _of([3.0, 2.9, 1.2], [DEAR, DEAR, DEAR]).terms == ("t0", "t1", "t2")
    assert len(_of([3.0, 2.9, 2.8, 1.2], [DEAR] * 4).terms) == LEAST
