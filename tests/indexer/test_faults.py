"""Torn and missing files, a full disk, a second writer, a directory that may not be written: nothing is lost, and the error says
why."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import stepwell
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import BuildError, IndexerError, IndexOpenError, ManifestError
from indexer.generation import current, files_of, manifest_paths, verify, writer_lock
from indexer.index import Index
from indexer.repair import repair
from indexer.update import add
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory, tiny_corpus: Path, encoder: Encoder) -> Path:
    """A hybrid index with a deletion: every kind of file there is."""
    index = tmp_path_factory.mktemp("faults") / "index"
    build([tiny_corpus], index, encoder)
    delete(index, ["tiny:2"])
    return index


def _answers(index: Path, encoder: Encoder) -> list[list[tuple[str, float]]]:
    with Searcher.open(index, authority="off", encoder=encoder) as searcher:
        found = searcher.search([Query(q, k=50) for q in ("water", "tide table", "brakes")])
    return [[(h.doc_id, h.score) for h in ranking.hits] for ranking in found if isinstance(ranking, Ranking)]


def test_a_torn_or_missing_file_of_any_kind_is_named_with_a_remedy(hybrid: Path, tmp_path: Path) -> None:
    index = shutil.copytree(hybrid, tmp_path / "index")
    for path, expected in list(files_of(index, current(index))):
        good = path.read_bytes()
        for size in {0, expected.bytes // 2, expected.bytes - 1} & set(range(expected.bytes)):
            os.truncate(path, size)
            with pytest.raises(IndexOpenError, match=f"{path.name} has .*indexer repair"):
                Index.open(index)
            path.write_bytes(good)
        path.unlink()
        with pytest.raises(IndexOpenError, match=f"{path.name} is missing.*indexer repair"):
            Index.open(index)
        path.write_bytes(good)
    Index.open(index).close()


def test_the_newest_manifest_is_missed_when_it_is_gone(hybrid: Path, tmp_path: Path, encoder: Encoder) -> None:
    index = shutil.copytree(hybrid, tmp_path / "index")
    before = current(index)
    manifest_paths(index)[-1].unlink()
    with pytest.raises(ManifestError, match=r"000002.json is missing; .*indexer repair"):
        Index.open(index)
    done = repair(index, lambda _: encoder)
    assert (done.restored, done.fresh) == (["generations/000002.json"], False)
    assert current(index) == done.manifest == before


def test_a_flipped_bit_in_any_page_of_any_file_is_found_by_verify(hybrid: Path, tmp_path: Path) -> None:
    index, chance = shutil.copytree(hybrid, tmp_path / "index"), random.Random(8)
    for path, expected in list(files_of(index, current(index))):
        good = path.read_bytes()
        for page in chance.sample(pages := range(0, expected.bytes, 4096), min(3, len(pages))):
            bad = bytearray(good)
            bad[chance.randrange(page, min(page + 4096, len(good)))] ^= 1 << chance.randrange(8)
            path.write_bytes(bad)
            assert [p for p, error in verify(index, current(index)) if error] == [path]
        path.write_bytes(good)


def test_a_search_of_damaged_files_fails_in_one_line(
    tiny_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index, chance, failed = shutil.copytree(tiny_index, tmp_path / "index"), random.Random(4), set()
    for path, expected in [(p, s) for p, s in files_of(index, current(index)) if s.bytes]:
        good = path.read_bytes()
        for first in {0, min(128, expected.bytes - 1)}:  # somewhere, and behind what numpy says of an array
            bad = bytearray(good)
            bad[chance.randrange(first, len(bad))] ^= 0x80
            path.unlink()  # what is mapped still is not cut
            path.write_bytes(bad)
            for words in ("water table", '"tide table" site:met.alder.example'):
                code = stepwell.main(["ranker", "search", words, "--index", str(index), "--authority", "off"])
                said = capsys.readouterr().err
                assert code == 0 or ("damaged" in said and "stepwell indexer repair" in said), path
                if code:
                    failed.add(path.name)
        path.unlink()
        path.write_bytes(good)
    assert {"offsets.npy", "records.zst", "columns.npy"} <= failed


def test_a_second_writer_is_told_to_wait_and_readers_go_on(hybrid: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    index = shutil.copytree(hybrid, tmp_path / "index")
    with writer_lock(index):
        for change in (lambda: build([tiny_corpus], index, None, force=True), lambda: delete(index, ["tiny:3"])):
            with pytest.raises(BuildError, match="is being written by another process"):
                change()
        with Index.open(index) as reader:
            assert reader.find("tiny:3") is not None
    assert delete(index, ["tiny:3"]).deleted == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 700 kB, or a skip where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("no tmpfs may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_costs_nothing_but_the_change_under_way(
    disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for letter in "ab":
        with CorpusWriter(tmp_path / letter) as writer:
            for i in range(30 if letter == "a" else 3000):
                writer.add(Document(id=f"{letter}{i}", title=f"tide {i}", text=" ".join(f"{letter}{i}w{j}" for j in range(40))))
    build([tmp_path / "a"], disk / "index", None)
    before = current(disk / "index")
    assert stepwell.main(["indexer", "add", str(tmp_path / "b"), "--index", str(disk / "index")]) == 1
    assert "is the disk full? nothing was committed" in capsys.readouterr().err
    assert current(disk / "index") == before
    assert all(error is None for _, error in verify(disk / "index", before))
    assert add([tmp_path / "a"], disk / "index", None).unchanged == 30
    assert delete(disk / "index", ["a3"]).deleted == 1


def test_a_directory_that_may_not_be_written_is_searched_and_says_so_to_writers(
    hybrid: Path, disk: Path, encoder: Encoder
) -> None:
    try:
        index = shutil.copytree(hybrid, disk / "index")
    except shutil.Error:
        pytest.skip("the index does not fit")
    expected = _answers(hybrid, encoder)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert _answers(index, encoder) == expected
    with pytest.raises(IndexerError, match="may not be written"):
        delete(index, ["tiny:3"])
