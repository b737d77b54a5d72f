"""What does asking for more hits change?"""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher

WORDS = (
    "tide",
    "moon",
    "harbour",
    "salt",
    "brake",
    "oil",
    "heat",
    "bee",
    "coffee",
    "dough",
    "honey",
    "altitude",
    "valve",
    "gauge",
    "ledger",
)
QUERIES = ("tide", "salt harbour", "honey for coffee", "oil gauge of a brake valve")
DEPTHS = (10, 60, 100, 150, 200, 300, 700)

Lists = dict[tuple[str, int], list[tuple[str, float]]]
"""(query, k) -> document ids with their scores, best first."""


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    """What every query gets at every depth, of 900 documents: more than a pool holds."""
    chance, root = random.Random(7), tmp_path_factory.mktemp("depth")
    with CorpusWriter(root / "corpus") as writer:
        for number in range(900):
            title, text = (" ".join(chance.choices(WORDS, k=chance.randint(*size))) for size in ((1, 5), (5, 60)))
            writer.add(Document(id=f"d{number}", title=title, text=text))
    build([root / "corpus"], root / "index", None)
    found: Lists = {}
    with Searcher.open(root / "index", authority="off") as searcher:
        for k in DEPTHS:
            for text, ranking in zip(QUERIES, searcher.search([Query(text, k=k, passages=0) for text in QUERIES]), strict=True):
                assert isinstance(ranking, Ranking)
                found[text, k] = [(hit.doc_id, hit.score) for hit in ranking.hits]
    return found


@pytest.mark.parametrize("text", QUERIES)
def test_up_to_the_depth_of_a_pool_a_shorter_list_is_the_beginning_of_a_longer_one(lists: Lists, text: str) -> None:
    whole = lists[text, 200]
    assert len(whole) == 200
    for k in DEPTHS[: DEPTHS.index(200)]:
        assert lists[text, k] == whole[:k]


@pytest.mark.parametrize("text", QUERIES)
def test_what_two_lists_share_has_the_same_score_and_order_at_every_depth(lists: Lists, text: str) -> None:
    for one, other in combinations(DEPTHS, 2):
        shared = dict(lists[text, one]).keys() & dict(lists[text, other]).keys()
        assert [hit for hit in lists[text, one] if hit[0] in shared] == [hit for hit in lists[text, other] if hit[0] in shared]


def test_deeper_pools_may_find_what_belongs_further_up(lists: Lists) -> None:
    assert any(lists[text, 700][:200] != lists[text, 200] for text in QUERIES)
