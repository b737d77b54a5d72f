"""What should a server have answered?

What an index in process answers from the snapshot and the table that the answer names. While a server is busy it may leave the
dense part out, or rank fewer candidates, and says so; that answer is then compared with one of words alone, or of as few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher
from server.load.shedding import FEW, WORDS, Shedding

K = 10
CLOSE = 5e-5
"""Log-odds by which two computations of one score may differ: a query is encoded alone or in company."""

Hits = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller got for one query."""

    query: str
    snapshot: str
    authority: str
    """Version of the table."""
    hits: Hits
    coverage: tuple[str, ...]

    @property
    def shed(self) -> tuple[str, ...]:
        """What of the search was left out, in words."""
        return tuple(note for note in (WORDS, FEW) if note in self.coverage)


class Truth:
    """Answers of every state that `learn` was called in; a context manager."""

    def __init__(self, index: Path, authority: Path | str, queries: Sequence[str]) -> None:
        self._searcher = Searcher.open(index, authority=authority)
        self._queries = [Query(query, k=K, passages=0) for query in queries]
        self._known: dict[tuple[str, str, str, tuple[str, ...]], Hits] = {}
        self.learn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._searcher.close()

    def learn(self) -> None:
        """What is on disk now is a state that may be answered from."""
        self._searcher.reload()
        pinned = self._searcher.pinned
        for on, fewer in ((False, False), (True, False), (True, True)):
            shedding = Shedding()
            shedding.on, shedding.fewer = on, fewer
            answers = self._searcher.search(self._queries, shedding.of(pinned))
            for query, ranking in zip(self._queries, answers, strict=True):
                assert isinstance(ranking, Ranking), ranking
                hits = tuple((hit.doc_id, hit.score) for hit in ranking.hits)
                self._known[query.text, ranking.snapshot, ranking.authority_version, shedding.told] = hits

    def best(self, query: str) -> str:
        """Id of the best document now."""
        (ranking,) = self._searcher.search([Query(query, k=1, passages=0)])
        assert isinstance(ranking, Ranking), ranking
        return ranking.hits[0].doc_id

    def holds(self, answer: Answer) -> bool:
        """Whether the state that the answer names gives these hits."""
        known = self._known.get((answer.query, answer.snapshot, answer.authority, answer.shed))
        return known is not None and same(known, answer.hits)


def same(expected: Hits, given: Hits) -> bool:
    """Whether two lists have the same scores in order and the same documents, those of equal scores in any order."""
    if len(expected) != len(given):
        return False
    if any(abs(a - b) > CLOSE for (_, a), (_, b) in zip(expected, given, strict=True)):
        return False
    scores = dict(expected)
    return all(abs(scores.get(name, expected[-1][1]) - score) <= CLOSE for name, score in given)
