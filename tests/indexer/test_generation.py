"""The last committed generation opens, whatever happened to the next one."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer import generation
from indexer.build import build, encode
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import BuildError, CorpusError, IndexOpenError, ManifestError, NewerFormat, NotAnIndex
from indexer.generation import current, manifest_paths, verify
from indexer.index import Index
from indexer.manifest import FORMAT
from indexer.shards import shard_paths

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def index(tiny_index: Path, tmp_path: Path) -> Path:
    """A copy of the tiny index that a test may break."""
    return shutil.copytree(tiny_index, tmp_path / "index")


def test_a_built_index_verifies_and_reads_back(index: Path, tiny_documents: list[Document]) -> None:
    assert all(error is None for _, error in verify(index, current(index)))
    with Index.open(index) as reader:
        assert {d.id: d for d in reader.documents(np.arange(12))} == {d.id: d for d in tiny_documents}
        assert reader.find("tiny:3") == tiny_documents[3]
        assert reader.find(tiny_documents[4].url) == tiny_documents[4]
        assert reader.find("nothing") is None


def test_a_second_build_of_the_same_corpus_does_nothing(index: Path, tiny_corpus: Path) -> None:
    assert build([tiny_corpus], index, None).fresh is False
    forced = build([tiny_corpus], index, None, force=True)
    assert forced.fresh
    assert forced.manifest.number == 2


def test_every_flipped_byte_is_found_by_verify(index: Path) -> None:
    manifest = current(index)
    chance = random.Random(7)
    for path in [p for p, _ in verify(index, manifest) if p.stat().st_size]:
        good = path.read_bytes()
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        broken = [str(p) for p, error in verify(index, manifest) if error]
        path.write_bytes(good)
        assert broken == [str(path)]


def test_a_missing_or_short_file_is_named_at_opening(index: Path) -> None:
    path, _ = next(verify(index, current(index)))
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(ManifestError, match=path.name):
        Index.open(index)
    path.unlink()
    with pytest.raises(ManifestError, match="is missing"):
        Index.open(index)


def test_a_damaged_manifest_is_refused_and_a_rebuild_repairs(index: Path, tiny_corpus: Path) -> None:
    manifest = manifest_paths(index)[-1]
    good = manifest.read_bytes()
    for bad in (b"", good[:-20], good.replace(b'"documents": 12', b'"documents": 13'), b"[]", b"\xff"):
        manifest.write_bytes(bad)
        with pytest.raises(ManifestError, match="build the index again"):
            Index.open(index)
        with pytest.raises(BuildError, match="--force builds a new generation over it"):
            build([tiny_corpus], index, None)
    assert build([tiny_corpus], index, None, force=True).manifest.number == 2
    assert Index.open(index).manifest.documents == 12


@pytest.mark.parametrize("force", [False, True])
def test_an_index_of_a_newer_format_asks_for_a_newer_release_and_is_never_built_over(
    index: Path, tiny_corpus: Path, force: bool
) -> None:
    manifest = manifest_paths(index)[-1]
    manifest.write_bytes(manifest.read_bytes().replace(f'"format": {FORMAT}'.encode(), b'"format": 99'))
    with pytest.raises(NewerFormat, match="newer stepwell"):
        Index.open(index)
    with pytest.raises(NewerFormat):
        build([tiny_corpus], index, None, force=force)
    assert manifest_paths(index) == [manifest]


def test_a_damaged_corpus_does_not_replace_a_good_index(tiny_documents: list[Document], tmp_path: Path) -> None:
    for part in (tiny_documents[:6], tiny_documents[6:]):
        with CorpusWriter(tmp_path / "c") as writer:
            for document in part:
                writer.add(document)
    before = build([tmp_path / "c"], tmp_path / "i", None).manifest
    shard = shard_paths(tmp_path / "c")[1]
    os.truncate(shard, 60)
    with pytest.raises(CorpusError, match=shard.name):
        build([tmp_path / "c"], tmp_path / "i", None)
    assert current(tmp_path / "i") == before
    salvaged = build([tmp_path / "c"], tmp_path / "i", None, salvage=True)
    assert salvaged.manifest.documents == 6
    assert salvaged.set_aside.total() == 1


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_restored_corpus_is_indexed_after_a_salvage(tmp_path: Path, interrupted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    for first, end in ((0, 50), (50, 2950)):
        with CorpusWriter(tmp_path / "c") as writer:
            for i in range(first, end):
                text = " ".join(chance.choices(["tide", "moon", "water", "brake"], k=8))
                writer.add(Document(id=str(i), title=f"{text} {chance.random()}"))
    shard = shard_paths(tmp_path / "c")[1]
    good = shard.read_bytes()
    shard.write_bytes(good[: len(good) // 2] + b"\xff\xff" + good[len(good) // 2 + 2 :])  # the same size and checksum
    with monkeypatch.context() as patch:
        if interrupted:
            patch.setattr("indexer.build.commit", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                build([tmp_path / "c"], tmp_path / "i", None, salvage=True)
        else:
            assert build([tmp_path / "c"], tmp_path / "i", None, salvage=True).manifest.documents < 2950
    shard.write_bytes(good)
    restored = build([tmp_path / "c"], tmp_path / "i", None, salvage=interrupted)
    assert (restored.fresh, restored.resumed, restored.manifest.documents) == (True, False, 2950)
    assert not build([tmp_path / "c"], tmp_path / "i", None).fresh


def test_a_directory_that_is_no_index_is_neither_opened_nor_written(tmp_path: Path, tiny_corpus: Path) -> None:
    (tmp_path / "photo.jpg").write_text("mine")
    with pytest.raises(NotAnIndex):
        Index.open(tmp_path)
    with pytest.raises(BuildError, match="holds other files"):
        build([tiny_corpus], tmp_path, None)
    with pytest.raises(NotAnIndex, match="does not exist"):
        Index.open(tmp_path / "nowhere")


def test_files_of_others_in_an_index_stop_no_writer(index: Path) -> None:
    (index / "notes.txt").write_text("mine")
    (index / "lost+found").mkdir()
    assert delete(index, ["tiny:3"]).deleted == 1
    assert (index / "notes.txt").read_text() == "mine"


def test_an_empty_corpus_leaves_the_previous_index_untouched(index: Path, tmp_path: Path) -> None:
    before = current(index)
    with CorpusWriter(tmp_path / "empty"):
        pass
    with pytest.raises(BuildError, match="holds no documents"):
        build([tmp_path / "empty"], index, None)
    assert current(index) == before


def test_a_reader_keeps_its_snapshot_through_rebuilds(index: Path, tiny_corpus: Path) -> None:
    with Index.open(index) as reader:
        for _ in range(3):
            build([tiny_corpus], index, None, force=True)
        assert len(reader.lexical_candidates(["tide"], 5)) == 2
        assert reader.documents(np.array([3]))[0].id == "tiny:3"
        assert [int(path.stem) for path in manifest_paths(index)] == [1, 3, 4]
    build([tiny_corpus], index, None, force=True)
    assert [int(path.stem) for path in manifest_paths(index)] == [4, 5]


def test_vectors_can_be_added_later_and_are_made_once(index: Path, tiny_corpus: Path, encoder: Encoder) -> None:
    first = encode(index, encoder)
    assert first.manifest.number == 2
    with Index.open(index) as reader:
        assert reader.has_vectors
        assert reader.manifest.segments[0].name == Index.open(index).segments[0].name
    assert encode(index, encoder).fresh is False
    assert build([tiny_corpus], index, encoder).fresh is False
    again = build([tiny_corpus], index, encoder, force=True)
    assert again.cached_vectors == again.manifest.passages


BUILDER = """
import sys
import time
from pathlib import Path
from indexer.build import build
build([Path(sys.argv[1])], Path(sys.argv[2]), None, force=True)
"""


def _rebuild(corpus: Path, index: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BUILDER, corpus, index], cwd=ROOT, stderr=subprocess.DEVNULL)


def _kill_at_random_moments(folder: Path, moments: int, documents: int) -> None:
    corpus, index = folder / "corpus", folder / "index"
    with CorpusWriter(corpus) as writer:
        for i in range(documents):
            writer.add(Document(id=str(i), title=f"title {i}", text=f"tide table number {i} " * 20))
    build([corpus], index, None)
    began = time.monotonic()
    assert _rebuild(corpus, index).wait() == 0
    whole = time.monotonic() - began
    chance, killed = random.Random(11), 0
    while killed < moments:
        before = current(index)
        child = _rebuild(corpus, index)
        try:
            child.wait(timeout=chance.uniform(0.2, 1.0) * whole)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            killed += 1
        assert current(index).number in (before.number, before.number + 1)
        with Index.open(index) as reader:
            assert reader.manifest.documents == documents
            assert len(reader.lexical_candidates(["tide"], 10)) == 10
    report = build([corpus], index, None, force=True)
    assert all(error is None for _, error in verify(index, report.manifest))
    assert not list((index / "segments").glob("*.tmp"))


def test_killing_a_build_never_costs_the_committed_generation(tmp_path: Path) -> None:
    _kill_at_random_moments(tmp_path, moments=6, documents=3000)


@pytest.mark.long
def test_killing_a_build_at_twenty_random_moments_never_costs_the_committed_generation(tmp_path: Path) -> None:
    _kill_at_random_moments(tmp_path, moments=20, documents=20_000)


LIMITED = """
import resource, signal, sys
import stepwell
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.exit(stepwell.main(["indexer", "build", *sys.argv[2:], "--dense", "none", "--force"]))
"""


@pytest.mark.parametrize("limit", [1_000, 20_000, 40_000, 80_000])
def test_a_disk_that_takes_no_more_costs_one_line_and_nothing_else(tmp_path: Path, limit: int) -> None:
    """A file size limit stands in for a full disk: writes fail at different steps of a build."""
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    with CorpusWriter(corpus) as writer:
        for i in range(2000):
            writer.add(Document(id=str(i), title=f"title {i}", text=f"tide table number {i} " * 20))
    before = build([corpus], index, None).manifest
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), corpus, "--index", index], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout
    assert "the previous generation is in place" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert current(index) == before
    assert [p.name for p in (index / "segments").iterdir()] == [before.segments[0].name]


def test_a_damaged_file_that_keeps_its_size_is_an_error_with_a_remedy(index: Path) -> None:
    for name in ("documents/frames.npy", "strings.json", "columns.npy", "lexical/meta.json"):
        path = index / "segments" / current(index).segments[0].name / name
        good = path.read_bytes()
        path.write_bytes(b"\xff" * len(good))
        with pytest.raises(IndexOpenError, match="indexer verify"):
            Index.open(index)
        path.write_bytes(good)
    assert Index.open(index).manifest.documents == 12


def test_a_commit_while_a_reader_looks_for_the_newest_generation_is_no_loss(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = generation.manifest_paths

    def listed_then_committed(folder: Path) -> list[Path]:
        paths = listed(folder)
        monkeypatch.setattr(generation, "manifest_paths", listed)
        before = current(folder)
        generation.commit(folder, replace(before, number=before.number + 1))
        return paths

    first = current(index).number
    monkeypatch.setattr(generation, "manifest_paths", listed_then_committed)
    assert [current(index).number, current(index).number] == [first, first + 1]
