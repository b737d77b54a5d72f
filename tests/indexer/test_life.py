"""Collections keep apart, old snapshots stay while somebody needs them, and merging follows its policy."""

from __future__ import annotations

import datetime
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

import stepwell
from indexer import by_collection, tiers
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete, preview
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import BuildError, NoSuchGeneration
from indexer.generation import collect, current, manifest_path, manifest_paths, verify, writer_lock
from indexer.history import as_of, hold, release
from indexer.index import Index
from indexer.merge import merge
from indexer.mix import MIXES, Mix
from indexer.restriction import Restriction
from indexer.tiers import FACTOR
from indexer.update import add

ROOT = Path(__file__).resolve().parent.parent.parent


def _corpus(path: Path, documents: list[Document]) -> Path:
    with CorpusWriter(path) as writer:
        for document in documents:
            writer.add(document)
    return path


def _documents(count: int, collections: int = 3, start: int = 0) -> list[Document]:
    """`count` documents that take turns in some collections."""
    return [
        Document(id=f"d{i}", title=f"tide {i}", text="moon " * (i % 5), collection=f"c{i % collections}")
        for i in range(start, start + count)
    ]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Thirty documents of three collections, each with a segment of its own."""
    build([_corpus(tmp_path / "corpus", _documents(30))], tmp_path / "index", None, mix="none")
    return tmp_path / "index"


def _collections(index: Path) -> list[list[str]]:
    return [[share.collection for share in entry.shares] for entry in current(index).segments]


def test_collections_keep_apart_or_together_as_they_are_told_to(index: Path, tmp_path: Path) -> None:
    assert _collections(index) == [["c0"], ["c1"], ["c2"]]
    _corpus(tmp_path / "corpus", _documents(4, start=30))
    add([tmp_path / "corpus"], index, None, mix="none")
    assert _collections(index) == [["c0"], ["c1"], ["c2"], ["c0"], ["c1"], ["c2"]]
    merge(index, everything=True, mix="none")
    assert sorted(_collections(index)) == [["c0"], ["c1"], ["c2"]]
    merge(index, everything=True, mix="all")
    assert _collections(index) == [["c0", "c1", "c2"]]
    merge(index, everything=True, mix="none")
    assert _collections(index) == [["c0"], ["c1"], ["c2"]]
    assert all(error is None for _, error in verify(index, current(index)))


FORTY = [f"c{i}" for i in range(40)]


@pytest.mark.parametrize(("mix", "segments"), [("none", [[name] for name in FORTY]), ("small", [FORTY]), ("all", [FORTY])])
def test_many_collections_in_one_stream_make_one_segment_each_or_share_one(
    tmp_path: Path, mix: Mix, segments: list[list[str]]
) -> None:
    documents = _documents(120, collections=40)
    twice = [replace(documents[0], collection="c9", title="the same id again")]
    build([_corpus(tmp_path / "a", documents), _corpus(tmp_path / "b", twice)], tmp_path / "i", None, mix=mix)
    assert sorted(_collections(tmp_path / "i")) == sorted(segments)
    assert current(tmp_path / "i").documents == 120


@pytest.fixture
def _ten_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection has a segment of its own from ten documents."""
    monkeypatch.setattr(by_collection, "SMALL", 10)
    monkeypatch.setattr(tiers, "SMALL", 10)


@pytest.mark.usefixtures("_ten_are_many")
@pytest.mark.parametrize("first", ["large", "small"])
def test_small_collections_share_a_segment_until_they_have_grown(tmp_path: Path, first: str) -> None:
    large, small = _documents(12, collections=1), _small(0)
    index = tmp_path / "index"
    build([_corpus(tmp_path / "a", [*large, *small] if first == "large" else [*small, *large])], index, None)
    assert sorted(_collections(index)) == [["c0"], ["s0", "s1", "s2"]]
    for update in range(1, 4):
        add([_corpus(tmp_path / str(update), _small(update))], index, None)
    assert _collections(index)[2:] == [["s0", "s1", "s2"]] * 3
    changes = merge(index, everything=True)
    assert sorted(_collections(index)) == [["c0"], ["s0"], ["s1", "s2"]]  # s0 has sixteen documents by now
    assert merge(index, everything=True).report.fresh is False
    assert changes.report.manifest.documents == 12 + 4 * 8


def _small(update: int) -> list[Document]:
    """Eight documents: four of collection s0, two each of s1 and s2."""
    return [Document(id=f"s{update}.{i}", title=f"tide and {'moon ' * i}", collection=f"s{max(0, i % 4 - 1)}") for i in range(8)]


@pytest.mark.usefixtures("_ten_are_many")
def test_the_policy_merges_small_segments_of_any_collection_and_comes_to_an_end(tmp_path: Path) -> None:
    index = tmp_path / "index"
    build([_corpus(tmp_path / "0", _documents(12, collections=1))], index, None)
    for update in range(1, FACTOR + 1):
        add([_corpus(tmp_path / str(update), _small(update))], index, None)
    before = _statistics(index)
    merge(index)
    assert sorted(_collections(index)) == [["c0"], ["s0"], ["s1"], ["s2"]]
    assert _statistics(index) == before
    assert merge(index).report.fresh is False


def _statistics(index: Path) -> list[tuple[int, float, list[int], float]]:
    with Index.open(index) as reader:
        found = [reader.statistics(["tide", "moon"], of) for of in ((), ("s0",), ("s1", "s2"), ("c0", "s2"))]
    return [(s.passages, s.mean_length, s.df.tolist(), s.mean_title) for s in found]


def test_vectors_follow_their_passages_into_a_shared_segment(tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    build([_corpus(tmp_path / "0", _documents(9))], index, encoder, mix="all")
    add([_corpus(tmp_path / "1", _documents(9, start=9))], index, encoder, mix="none")
    with Index.open(index) as reader:
        before = _vector_of_each(reader)
    for mix in MIXES:
        merge(index, everything=True, mix=mix)
        with Index.open(index) as reader:
            assert _vector_of_each(reader) == before


def test_a_layout_that_is_asked_for_is_given_and_kept_by_merges(tmp_path: Path, encoder: Encoder) -> None:
    index, corpus = tmp_path / "index", _corpus(tmp_path / "0", _documents(40, collections=1))
    build([corpus], index, encoder)
    with Index.open(index) as reader:
        before = _vector_of_each(reader)
    assert _layouts(index) == ["exact"]
    assert build([corpus], index, encoder, layout="hnsw").fresh
    assert _layouts(index) == ["hnsw"]
    assert build([corpus], index, encoder, layout="hnsw").fresh is build([corpus], index, encoder).fresh is False
    assert merge(index, everything=True, layout="exact").report.fresh
    assert _layouts(index) == ["exact"]
    assert merge(index, everything=True, layout="hnsw").report.manifest == current(index)
    add([_corpus(tmp_path / "1", _documents(9, collections=1, start=40))], index, encoder)
    assert _layouts(index) == ["hnsw", "exact"]
    assert merge(index, everything=True).report.fresh
    assert _layouts(index) == ["hnsw"]
    with Index.open(index) as reader:
        assert before.items() <= _vector_of_each(reader).items()
    assert all(error is None for _, error in verify(index, current(index)))


def _layouts(index: Path) -> list[str]:
    return [entry.layout for entry in current(index).segments]


def _vector_of_each(reader: Index) -> dict[str, bytes]:
    passages = np.arange(reader.manifest.passages)
    ids = reader.ids(reader.documents_of(passages))
    return {name: vector.tobytes() for name, vector in zip(ids, reader.vectors(passages), strict=True)}


def test_inspect_shows_each_collection_with_its_freshness(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delete(index, ["d0", "d3"])
    before = {c.collection: c.added for c in current(index).collections}
    assert stepwell.main(["indexer", "inspect", "--index", str(index), "--json"]) == 0
    shown = {c["collection"]: c for c in orjson.loads(capsys.readouterr().out)["collections"]}
    assert [(name, c["documents"], c["passages"]) for name, c in shown.items()] == [("c0", 8, 8), ("c1", 10, 10), ("c2", 10, 10)]
    assert {name: c["added"] for name, c in shown.items()} == before
    merge(index, everything=True, mix="none")
    assert {c.collection: c.added for c in current(index).collections} == before


def test_a_collections_statistics_are_its_own(index: Path, tmp_path: Path) -> None:
    build([tmp_path / "corpus"], tmp_path / "mixed", None, mix="all")
    delete(index, ["d4"])
    delete(tmp_path / "mixed", ["d4"])
    with Index.open(index) as own, Index.open(tmp_path / "mixed") as mixed:
        for searched in ((), ("c1",), ("c0", "c2"), ("nothing",)):
            one, other = (reader.statistics(["tide", "moon"], searched) for reader in (own, mixed))
            assert (one.passages, one.mean_length, one.df.tolist()) == (other.passages, other.mean_length, other.df.tolist())
        assert own.statistics(["tide"], ("c1",)).df.tolist() == [9]


def test_documents_are_deleted_by_filter_after_a_preview_that_changes_nothing(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = current(index)
    command = ["indexer", "delete", "d0", "--collection", "c1", "--collection", "c2", "--index", str(index)]
    assert stepwell.main([*command, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "21 documents would be deleted" in said
    assert "  d0\n" in said
    assert "... and 11 more" in said
    assert current(index) == before
    assert stepwell.main(command) == 0
    assert current(index).documents == 9
    assert preview(index, (), Restriction(collections=("c1",))).count == 0
    assert stepwell.main(["indexer", "delete", "--before", "soon", "--index", str(index)]) == 2


READER = """
import sys
from pathlib import Path
from indexer.index import Index
index = Index.open(Path(sys.argv[1]))
print(index.manifest.number, flush=True)
sys.stdin.read()
"""


def test_what_a_live_reader_has_open_stays_until_it_is_killed(index: Path, tmp_path: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(index)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    for _ in range(3):
        build([tmp_path / "corpus"], index, None, force=True)
    with writer_lock(index):
        collect(index, keep=1, least=1)
    assert [int(path.stem) for path in manifest_paths(index)] == [1, 4]
    reader.kill()
    reader.communicate()
    with writer_lock(index):
        collect(index, keep=1, least=1)
    assert [int(path.stem) for path in manifest_paths(index)] == [4]
    assert len(list((index / "segments").iterdir())) == len(current(index).segments)


def test_a_held_generation_stays_until_it_is_released(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hold(index, 1, "figures of the report")
    for _ in range(3):
        build([tmp_path / "corpus"], index, None, force=True)
    assert 1 in [int(path.stem) for path in manifest_paths(index)]
    assert stepwell.main(["indexer", "history", "--index", str(index)]) == 0
    assert "figures of the report" in capsys.readouterr().out
    release(index, 1)
    with pytest.raises(BuildError, match="held are: none"):
        release(index, 1)
    build([tmp_path / "corpus"], index, None, force=True)
    assert [int(path.stem) for path in manifest_paths(index)] == [4, 5]
    with pytest.raises(NoSuchGeneration, match="there are 4, 5"):
        hold(index, 1)


def test_a_search_as_of_a_date_sees_what_was_current_then(index: Path, tmp_path: Path) -> None:
    first = current(index)
    hold(index, 1)
    _redate(index, 1, "2026-01-10T12:00:00+00:00")
    _corpus(tmp_path / "corpus", _documents(6, start=30))
    add([tmp_path / "corpus"], index, None)
    _redate(index, 2, "2026-02-10T12:00:00+00:00")
    with Index.open(index, wanted=as_of("2026-01-31")) as reader:
        assert reader.manifest.documents == first.documents
        assert reader.find("d30") is None
    for moment, number in (("2026-02-10", 2), ("2026-02-10T11:59:59", 1), ("2030-01-01", 2), ("2026-01-10", 1)):
        with Index.open(index, wanted=as_of(moment)) as reader:
            assert reader.manifest.number == number
    with pytest.raises(NoSuchGeneration, match=r"goes back to 2026-01-10T12:00:00\+00:00 \(generation 1\)"):
        Index.open(index, wanted=as_of("2026-01-09"))
    with pytest.raises(NoSuchGeneration, match="is not a date"):
        Index.open(index, wanted=as_of("yesterday"))


def _redate(index: Path, number: int, created: str) -> None:
    """Let a generation have been committed at another time."""
    path = manifest_path(index, number)
    manifest = next(m for m in [current(index)] if m.number == number)
    assert datetime.datetime.fromisoformat(created)
    path.write_bytes(replace(manifest, created=created).to_json())


def test_a_deletion_says_which_names_are_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    index = tmp_path / "index"
    with CorpusWriter(tmp_path / "corpus") as writer:
        for i in range(3):
            writer.add(Document(id=f"d{i}", title=f"Tide {i}", collection="c"))
    build([tmp_path / "corpus"], index, None)
    command = ["indexer", "delete", "d0", "d9", "--collection", "cc", "--index", str(index)]
    for extra in (["--dry-run"], []):
        assert stepwell.main([*command, *extra]) == 0
        assert "not in the index: d9, collection cc" in capsys.readouterr().err
    with Index.open(index) as reader:
        assert reader.manifest.documents == 2


def test_an_update_says_what_it_brings_back_that_had_been_deleted(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    delete(index, ["d3", "d4"])
    _corpus(tmp_path / "corpus", _documents(1, start=30))
    assert stepwell.main(["indexer", "add", str(tmp_path / "corpus"), "--index", str(index)]) == 0
    assert "3 added, 28 unchanged (2 of the added deleted earlier: a corpus still has them)" in capsys.readouterr().out
    delete(index, ["d5"])
    assert stepwell.main(["indexer", "add", str(tmp_path / "corpus"), "--index", str(index), "--json"]) == 0
    said = orjson.loads(capsys.readouterr().out)
    assert (said["added"], said["deleted_earlier"], said["documents"]) == (1, 1, 31)
