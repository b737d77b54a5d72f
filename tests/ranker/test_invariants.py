"""What authority may do to rankings of real indices, under every table there is, checked in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import orjson
import pytest

from indexer.encoders import Encoder
from ranker.collection import Collection, read_qrels
from ranker.evaluate import index_collection
from ranker.proof.effect import effect
from ranker.proof.frontier import FRONTIER
from ranker.proof.pool import Pools, gather
from ranker.proof.tables import Family, inverted, off, real, tables_for
from ranker.query import Query
from ranker.ranking import DELTA, Ranking
from ranker.search import Searcher

SAMPLE = Path(__file__).resolve().parents[2] / "crawler" / "sample"


def sample_queries() -> dict[str, str]:
    """The judged queries that come with the sample corpus."""
    return {q["_id"]: q["text"] for q in map(orjson.loads, (SAMPLE / "queries.jsonl").read_bytes().splitlines())}


@pytest.fixture(scope="module")
def searcher(sample_index: Path, encoder: Encoder) -> Searcher:
    """The sample corpus with the table made for it."""
    return Searcher.open(sample_index, authority="sample", encoder=encoder)


@pytest.fixture(scope="module")
def sample(searcher: Searcher) -> Pools:
    """Real rankings: every judged query of the sample corpus."""
    return gather("sample", sample_queries(), read_qrels(SAMPLE / "qrels.tsv"), searcher, DELTA)


def _families(pools: Pools) -> list[tuple[str, Family]]:
    return list(tables_for(pools).items())


def test_the_sample_corpus_tries_every_table_and_its_lists_change(sample: Pools) -> None:
    changed = {name: effect(name, sample, family).changed for name, family in _families(sample)}
    assert set(changed) == {"real", "shuffled", "inverted", "random", "adversarial", "clairvoyant"}
    assert all(changed.values()), f"a table that changes no list proves nothing: {changed}"


@pytest.mark.parametrize("delta", FRONTIER)
def test_no_real_inversion_exceeds_delta_under_any_table(sample: Pools, delta: float) -> None:
    for name, family in _families(sample):
        for listing in family:
            for pool, values in zip(sample, listing, strict=True):
                ranked = [Fraction(float(r)) for r in pool.relevance[pool.order(values, delta)]]
                best_below = Fraction(-(10**9))
                for relevance in reversed(ranked):
                    assert best_below - relevance <= Fraction(delta), (name, pool.text)
                    best_below = max(best_below, relevance)


@pytest.mark.parametrize("delta", FRONTIER)
def test_no_inverted_pair_differs_by_more_probability_than_the_bound(sample: Pools, delta: float) -> None:
    for name, family in _families(sample):
        assert effect(name, sample, family, delta).worst_gap <= math.tanh(delta / 4) + 1e-12


def test_off_equal_and_zero_delta_are_the_order_of_relevance(sample: Pools) -> None:
    for pool, none, listed in zip(sample, off(sample), real(sample), strict=True):
        by_relevance = sorted(range(len(pool.ids)), key=lambda row: (-pool.relevance[row], pool.ids[row]))
        assert pool.order(none, DELTA).tolist() == by_relevance
        assert pool.order(none + 0.6, DELTA).tolist() == by_relevance
        assert pool.order(listed, 0.0).tolist() == by_relevance


def test_the_first_ten_are_those_of_the_whole_order(sample: Pools) -> None:
    for _, family in _families(sample):
        for pool, values in zip(sample, family[0], strict=True):
            for delta in (0.0, DELTA, 1.0):
                assert pool.top(values, delta) == pool.order(values, delta)[:10].tolist()


def test_raising_one_real_document_never_lowers_it(sample: Pools) -> None:
    for pool, values in zip(sample, real(sample), strict=True):
        before = pool.order(values, DELTA).tolist()
        for row in before[:20]:
            raised = values.copy()
            raised[row] = 1.0
            assert pool.order(raised, DELTA).tolist().index(row) <= before.index(row)


def test_a_table_and_its_inverse_agree_on_every_clear_lead(sample: Pools) -> None:
    listing = real(sample)
    for pool, one, other in zip(sample, listing, inverted(listing), strict=True):
        first, second = (np.argsort(pool.order(values, DELTA)) for values in (one, other))
        apart = pool.relevance[:, None] - pool.relevance[None, :] > DELTA
        assert (first[:, None] < first[None, :])[apart].all()
        assert (second[:, None] < second[None, :])[apart].all()


def _hits(searcher: Searcher, k: int, authority: bool = True) -> list[list[tuple[str, float]]]:
    found = searcher.search([Query(text, k=k, authority=authority, passages=0) for text in sample_queries().values()])
    return [[(hit.doc_id, hit.score) for hit in ranking.hits] for ranking in found if isinstance(ranking, Ranking)]


def test_answers_are_the_same_twice_and_for_every_k(searcher: Searcher) -> None:
    whole = _hits(searcher, 100)
    assert whole == _hits(searcher, 100)
    for k in (1, 3, 10, 37):
        assert _hits(searcher, k) == [hits[:k] for hits in whole]


def test_answers_differ_only_in_place_with_authority_and_without(searcher: Searcher) -> None:
    for on, bare in zip(_hits(searcher, 1000), _hits(searcher, 1000, authority=False), strict=True):
        assert {document for document, _ in on} == {document for document, _ in bare}
        scores, relevance = dict(on), dict(bare)
        assert all(0 <= scores[document] - relevance[document] <= DELTA + 1e-12 for document in scores)


@pytest.mark.long
@pytest.mark.parametrize("name", ["scifact", "medquad_liveqa", "checkthat2020_train"])
def test_the_bounds_hold_on_collections_under_every_table(shared_data: Path, encoder: Encoder, name: str) -> None:
    collection = Collection.open(shared_data / "collections" / name)
    with Searcher.open(index_collection(collection, None), authority="shipped") as lexical:
        pools = gather(name, collection.queries, collection.qrels, lexical, DELTA)
    for table, family in tables_for(pools).items():
        found = effect(table, pools, family)
        assert found.worst_gap <= math.tanh(DELTA / 4) <= 0.05
        assert found.changed > 0, f"{table} changed no list and proves nothing"
