"""What is searched on cards finds what is searched without them; where there is no card, that is said."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import stepwell
from indexer.build import build, encode
from indexer.corpus import CorpusWriter
from indexer.dense.device import OnDevices, Structure, cards
from indexer.dense.index import DenseIndex
from indexer.dense.stored import StoredVectors
from indexer.document import Document
from indexer.encoders import Encoder, Vectors
from indexer.errors import DeviceError
from indexer.index import Index
from indexer.update import add
from ranker.query import Filters, Query
from ranker.ranking import Ranking
from ranker.search import Searcher

DIM, PASSAGES = 32, 3_000


def _unit(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, DIM))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def stored() -> StoredVectors:
    return StoredVectors.of(_unit(PASSAGES, 1).astype(np.float16))


@pytest.mark.parametrize(("structure", "least"), [("scan", 0.999), ("cells", 0.7)])
@pytest.mark.parametrize("shards", [1, 3])
def test_devices_share_the_passages_and_rows_decide(
    stored: StoredVectors, structure: Structure, least: float, shards: int
) -> None:
    dense = DenseIndex(stored, OnDevices.load(stored, ["cpu"] * shards, structure), scan_up_to=0)
    queries = _unit(20, 14)
    for allowed in (np.ones(PASSAGES, np.bool_), np.arange(PASSAGES) % 3 > 0, np.arange(PASSAGES) % 50 == 0):
        found = dense.search(queries, 40, allowed)
        pairs = list(zip(found, stored.nearest(queries, 40, allowed), strict=True))
        assert all(allowed[row].all() and len(row) == min(40, allowed.sum()) for row, _ in pairs)
        assert np.mean([len(np.intersect1d(row, expected)) / len(expected) for row, expected in pairs]) >= least


def test_a_card_is_asked_by_one_thread_at_a_time() -> None:
    inside: list[int] = []
    most = 0

    def search(queries: Vectors, count: int, params: object) -> tuple[None, np.ndarray]:
        nonlocal most
        inside.append(1)
        most = max(most, len(inside))
        time.sleep(0.01)
        inside.pop()
        return None, np.zeros((len(queries), count), np.int64)

    on = OnDevices(SimpleNamespace(search=search, ntotal=10), ("cuda:0",), "scan")
    threads = [threading.Thread(target=on.candidates, args=(_unit(1, 2), 5, None, 1.0)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.fixture
def index(tmp_path: Path, letters: Encoder) -> Path:
    _corpus(tmp_path / "corpus", 0)
    build([tmp_path / "corpus"], tmp_path / "index", letters)
    return tmp_path / "index"


def _corpus(path: Path, first: int) -> Path:
    """Eighty documents more, of words that differ in their letters."""
    pick = np.random.default_rng(first).choice
    with CorpusWriter(path) as writer:
        for i in range(first, first + 80):
            words = ["".join(pick(list("tidemoonbrk"), 5)) for _ in range(6)]
            writer.add(Document(id=f"d{i}", title=" ".join(words), kind=("page", "paper")[i % 2]))
    return path


def test_the_device_that_is_asked_for_is_the_one_that_is_searched(
    index: Path, letters: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [Query("timid moon", k=30), Query("broken tide", k=30, filters=Filters(kinds=("page",)))]
    with Searcher.open(index, authority="off", encoder=letters) as searcher:
        expected = [_hits(r) for r in searcher.search(queries)]
    for module in ("indexer.index", "ranker.search"):  # two cards, played by the processor
        monkeypatch.setattr(f"{module}.cards", lambda device: ("cpu", "cpu") if device == "cuda" else ())
    monkeypatch.setattr("indexer.dense.index.EXACT_UP_TO", 10)
    with Searcher.open(index, authority="off", encoder=letters, device="cuda") as searcher:
        assert _shards(searcher.pinned.index) == [("cpu", "cpu")]
        assert [_hits(r) for r in searcher.search(queries)] == expected
        add([_corpus(index.parent / "more", 80)], index, letters)
        searcher.reload()
        assert _shards(searcher.pinned.index) == [("cpu", "cpu")] * 2, "a newer generation goes to the cards, too"
        assert _shards(searcher.at("2100-01-01").index) == [("cpu", "cpu")] * 2
        damaged = index / "segments" / searcher.pinned.index.segments[1].name / "names.npy"
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")
        searcher.withdraw(damaged)
        assert _shards(searcher.pinned.index) == [("cpu", "cpu")]


def _shards(index: Index) -> list[tuple[str, ...]]:
    proposers = [segment.dense.proposer for segment in index.segments if segment.dense]
    return [proposer.devices for proposer in proposers if isinstance(proposer, OnDevices)]


def _hits(outcome: object) -> list[tuple[str, float]]:
    assert isinstance(outcome, Ranking)
    return [(hit.doc_id, hit.score) for hit in outcome.hits]


def test_a_layout_on_disk_does_not_matter_on_a_device(index: Path, letters: Encoder) -> None:
    query = letters.encode(["timid moon"], "query")
    encode(index, letters, "ivf-rabitq")
    with Index.open(index) as reader:
        (segment,) = reader.segments
        assert segment.dense is not None
        on = DenseIndex(segment.dense.stored, OnDevices.load(segment.dense.stored, ["cpu", "cpu"]), scan_up_to=0)
        assert on.search(query, 10)[0].tolist() == segment.dense.stored.nearest(query, 10)[0].tolist()


def test_a_card_that_is_not_there_is_an_error_and_never_the_cpu_in_silence(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cards("cpu") == ()
    with pytest.raises(DeviceError, match=r"device 'cuda:99': FAISS sees .*stepwell\[gpu\]"):
        cards("cuda:99")
    with pytest.raises(DeviceError, match="cuVS"):
        OnDevices.load(StoredVectors(np.eye(8, dtype=np.float16), None), ["cpu"], "cagra")
    for command in (["ranker", "search", "tide", "--index"], ["server", "run", "--grpc", "127.0.0.1:0", "--index"]):
        assert stepwell.main([*command, str(index), "--device", "cuda:99"]) == 2
        assert "device 'cuda:99': FAISS sees" in capsys.readouterr().err
