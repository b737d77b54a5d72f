"""Documents, postings, vectors and the calibration change in one step."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import ranker
from indexer.build import build, encode
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.update import add
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.relevance import Calibration
from ranker.search import Searcher

SHIPPED = Path(ranker.__file__).parent / "calibrations"
State = tuple[str, str, str, bool]
"""Snapshot, calibration, the title of the first document, and whether its vector counted."""


def _grow(folder: Path, title: str) -> Path:
    with CorpusWriter(folder) as writer:
        writer.add(Document("d", title=title, text="The moon makes the tide."))
    return folder


def _state(searcher: Searcher) -> State:
    (ranking,) = searcher.search([Query("what makes the tide")])
    assert isinstance(ranking, Ranking)
    return ranking.snapshot, ranking.calibration, ranking.hits[0].title, ranking.hits[0].terms.cosine > 0


@contextmanager
def _callers(searcher: Searcher, count: int = 3) -> Iterator[set[State]]:
    """What callers see who search all the while."""
    seen: set[State] = set()
    done = Event()

    def ask() -> None:
        ended = False
        while not ended:
            ended = done.is_set()  # so that each searches once more after the reload
            seen.add(_state(searcher))

    with ThreadPoolExecutor(count) as pool:
        asking = [pool.submit(ask) for _ in range(count)]
        try:
            yield seen
        finally:
            done.set()
        for each in asking:
            each.result()


def test_a_reload_swaps_words_vectors_documents_and_the_calibration_of_the_feature_set(tmp_path: Path, encoder: Encoder) -> None:
    corpus, index = _grow(tmp_path / "corpus", "Tide tables"), tmp_path / "index"
    build([corpus], index, None)
    with Searcher.open(index, authority="off") as searcher:
        first = _state(searcher)
        with _callers(searcher) as seen:
            add([_grow(corpus, "Tables of tides")], index, None)
            encode(index, encoder)
            assert _state(searcher) == first, "nothing changes before the reload"
            changed = searcher.reload()
            second = _state(searcher)
    assert [change.split()[0] for change in changed] == ["snapshot", "calibration"]
    assert (first[2:], second[2:]) == (("Tide tables", False), ("Tables of tides", True))
    assert first[0] != second[0]
    assert first[1] != second[1]
    assert seen == {first, second}


def test_a_calibration_of_ones_own_changes_in_the_same_step(tmp_path: Path) -> None:
    corpus, index, own = _grow(tmp_path / "corpus", "Tide tables"), tmp_path / "index", tmp_path / "own.json"
    shipped = Calibration.load(SHIPPED / "lexical.json")
    own.write_bytes(shipped.to_json())
    build([corpus], index, None)
    with Searcher.open(index, authority="off", calibration=own) as searcher:
        first = _state(searcher)
        with _callers(searcher) as seen:
            add([_grow(corpus, "Tables of tides")], index, None)
            own.write_bytes(replace(shipped, name="mine", b0=shipped.b0 + 1).to_json())
            searcher.reload()
            second = _state(searcher)
    assert (first[1], second[1].partition("-")[0]) == (shipped.version, "mine")
    assert (first[2], second[2]) == ("Tide tables", "Tables of tides")
    assert seen == {first, second}
