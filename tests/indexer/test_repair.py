"""What is derived from the documents is made again; what is not is never lost in silence."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import stepwell
from indexer.build import build
from indexer.copies import delete_copy
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import EncoderError, IndexOpenError, RepairError
from indexer.generation import current, files_of, manifest_paths, verify
from indexer.history import rollback
from indexer.index import Index
from indexer.repair import repair
from indexer.salvage import documents_in
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher

SOURCES = ("records.zst", "deleted-")
"""What nothing else can tell: the documents, and which of them are deleted."""


def _corpus(path: Path, documents: list[Document]) -> Path:
    with CorpusWriter(path) as writer:
        for document in documents:
            writer.add(document)
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, sample_corpus: Path, encoder: Encoder) -> Path:
    """A hybrid index of the sample corpus with a deletion."""
    index = tmp_path_factory.mktemp("repair") / "index"
    build([sample_corpus], index, encoder, segments=1)
    with Index.open(index) as reader:
        ids = reader.ids(np.arange(40))
    delete(index, ids[3::20])
    return index


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(sound, tmp_path / "index")


def _no_encoder(name: str) -> Encoder:
    raise EncoderError(f"no weights of {name}")


def _answers(index: Path, encoder: Encoder) -> list[list[tuple[str, float]]]:
    with Searcher.open(index, authority="off", encoder=encoder) as searcher:
        found = searcher.search([Query(q, k=50) for q in ("boiling water", "sourdough starter", "heat warning levels")])
    return [[(h.doc_id, h.score) for h in ranking.hits] for ranking in found if isinstance(ranking, Ranking)]


def _flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _kinds(index: Path) -> dict[str, Path]:
    """One file of every kind, of the segment that has deletions."""
    found: dict[str, Path] = {}
    for path, expected in sorted(files_of(index, current(index)), key=lambda item: -item[1].bytes):
        entry = next(e for e in current(index).segments if e.name == path.relative_to(index / "segments").parts[0])
        kind = "".join(c for c in str(path.relative_to(index / "segments" / entry.name)) if not c.isdigit())
        if "lexical/" in kind:
            kind = "lexical/" + path.suffix if path.suffix != ".json" else kind
        if entry.deleted and expected.bytes:
            found.setdefault(kind, path)
    return found


def test_every_kind_of_file_that_is_derived_is_made_again(sound: Path, encoder: Encoder, tmp_path: Path) -> None:
    before, chance = _answers(sound, encoder), random.Random(3)
    kinds = {kind: path for kind, path in _kinds(sound).items() if not any(name in kind for name in SOURCES)}
    assert len(kinds) > 20
    harms: list[Callable[[Path], None]] = [
        lambda path: _flip(path, chance),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        Path.unlink,
    ]
    for number, (kind, path) in enumerate(kinds.items()):
        index = shutil.copytree(sound, tmp_path / str(number))
        harms[number % len(harms)](index / path.relative_to(sound))
        done = repair(index, lambda _: encoder)
        assert done.damaged == [str(path.relative_to(sound))], kind
        assert not done.lost
        assert all(error is None for _, error in verify(index, current(index))), kind
        assert _answers(index, encoder) == before, kind
        assert not repair(index, _no_encoder).fresh
        shutil.rmtree(index)


def test_sound_vectors_are_carried_over_and_need_no_encoder(index: Path, encoder: Encoder) -> None:
    before = _answers(index, encoder)
    for path in _kinds(index).values():
        if path.name == "offsets.npy":
            path.unlink()
    assert repair(index, _no_encoder).fresh
    assert _answers(index, encoder) == before


def test_damaged_vectors_without_an_encoder_change_nothing(index: Path) -> None:
    before = current(index)
    path = next(path for kind, path in _kinds(index).items() if kind.startswith("vectors-"))
    _flip(path, random.Random(1))
    with pytest.raises(EncoderError, match="no weights"):
        repair(index, _no_encoder)
    assert current(index) == before


def test_lost_documents_are_left_out_only_on_demand(index: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]) -> None:
    before = current(index)
    (path,) = (p for kind, p in _kinds(index).items() if "records.zst" in kind)
    _flip(path, random.Random(2))
    with pytest.raises(RepairError, match=r"documents of segment .* cannot be read; .*--lossy"):
        repair(index, lambda _: encoder)
    assert current(index) == before
    assert stepwell.main(["indexer", "repair", "--index", str(index)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    done = repair(index, lambda _: encoder, lossy=True)
    assert 0 < done.manifest.documents < before.documents
    assert len(done.lost) == 1
    assert all(error is None for _, error in verify(index, current(index)))
    with Index.open(index) as reader:
        left = np.arange(sum(s.columns.documents for s in reader.segments))
        assert all(reader.find(doc_id) for doc_id in reader.ids(left)[:20] if reader.locate(doc_id))


def test_documents_around_a_place_that_cannot_be_read_are_kept(index: Path, encoder: Encoder) -> None:
    before = current(index)
    (path,) = (p for kind, p in _kinds(index).items() if "records.zst" in kind)
    good = path.read_bytes()
    for harm in (_unreadable, _folder):
        harm(path)
        with pytest.raises(RepairError, match=r"documents of segment .* cannot be read; .*--lossy"):
            repair(index, lambda _: encoder)
        assert current(index) == before
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(good)
    assert not repair(index, _no_encoder).fresh


def test_a_place_that_cannot_be_read_costs_its_frame_only(index: Path) -> None:
    entry = current(index).segments[0]
    folder = index / "segments" / entry.name
    starts = np.load(folder / "documents" / "frames.npy")[1].tolist()
    assert len(starts) > 3
    path = folder / "documents" / "records.zst"
    good = path.read_bytes()
    path.write_bytes(good[: starts[1]])  # a file that ends is a file whose rest cannot be read
    sound = [document is not None for document in documents_in(folder, entry.documents, True)]
    assert 0 < sum(sound) < entry.documents
    assert sound == sorted(sound, reverse=True)


def _unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading from its start is an input/output error


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def test_a_damaged_list_of_deletions_does_not_bring_documents_back_unasked(index: Path, encoder: Encoder) -> None:
    before = current(index)
    (path,) = (p for kind, p in _kinds(index).items() if "deleted-" in kind)
    _flip(path, random.Random(2))
    with pytest.raises(RepairError, match="they would be back"):
        repair(index, lambda _: encoder)
    assert repair(index, lambda _: encoder, lossy=True).manifest.documents > before.documents


def test_behind_a_manifest_that_cannot_be_trusted_the_one_before_is_repaired(index: Path, encoder: Encoder) -> None:
    rollback(index, 1)
    newest = manifest_paths(index)[-1]
    newest.write_bytes(newest.read_bytes()[:-9])
    delete_copy(newest)
    with pytest.raises(IndexOpenError, match="indexer repair"):
        Index.open(index)
    done = repair(index, lambda _: encoder, lossy=True)
    assert done.manifest.number == 4
    assert done.damaged == ["generations/000003.json"]
    assert Index.open(index).manifest.documents == done.manifest.documents
    assert newest.with_suffix(".damaged").exists()


@pytest.mark.parametrize("frames_sound", [True, False])
def test_documents_are_read_without_any_table(index: Path, frames_sound: bool) -> None:
    entry = current(index).segments[0]
    folder = index / "segments" / entry.name
    with Index.open(index) as reader:
        expected = reader.segments[0].store.by_number(range(entry.documents))
    for name in ("keys", "numbers", "contents", *(() if frames_sound else ("frames",))):
        (folder / "documents" / f"{name}.npy").unlink()
    assert list(documents_in(folder, entry.documents, frames_sound)) == expected


def test_the_command_line_says_what_was_made_again(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stepwell.main(["indexer", "repair", "--index", str(index)]) == 0
    assert "nothing is damaged" in capsys.readouterr().out
    path = next(path for kind, path in _kinds(index).items() if kind == "columns.npy")
    _flip(path, random.Random(1))
    assert stepwell.main(["indexer", "repair", "--index", str(index)]) == 0
    said = capsys.readouterr().out
    assert f"damaged {path.relative_to(index)}" in said
    assert "1 damaged files made again" in said
