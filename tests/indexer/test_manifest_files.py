"""What lies in the folder of generations: no manifest that is damaged, gone or misplaced costs a document in silence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import stepwell
from indexer.build import build
from indexer.copies import copy_of
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import EncoderError, ManifestError, RepairError
from indexer.generation import collect, current, generations, manifest_path, manifest_paths, writer_lock
from indexer.history import held as why_held
from indexer.history import hold, release, rollback
from indexer.index import Index
from indexer.repair import repair
from indexer.update import add


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifty documents, a hundred more, and a deletion."""
    folder = tmp_path_factory.mktemp("manifests")
    for first, end in ((0, 50), (50, 150)):
        with CorpusWriter(folder / "corpus") as writer:
            for i in range(first, end):
                writer.add(Document(id=f"d{i}", title=f"tide {i}", text="moon"))
        if first:
            add([folder / "corpus"], folder / "index", None)
        else:
            build([folder / "corpus"], folder / "index", None)
    delete(folder / "index", ["d3"])
    return folder / "index"


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(sound, tmp_path / "index")


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading from its start is an input/output error


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _gone(path: Path) -> None:
    path.unlink()


HARMS = [_flip, _cut, _unreadable, _folder, _gone]


def _no_encoder(name: str) -> Encoder:
    raise EncoderError(f"no weights of {name}")


def _lose(path: Path, harm: Callable[[Path], None]) -> None:
    """Harm a file and its copy."""
    harm(path)
    _flip(copy_of(path))


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("number", [1, 3])
def test_a_manifest_is_put_back_from_its_copy(
    index: Path, number: int, harm: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    before, path = generations(index)[0], manifest_path(index, number)
    content = path.read_bytes()
    harm(path)
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 1
    assert path.name in capsys.readouterr().err
    if number == 3:
        with pytest.raises(ManifestError, match=r"000003.json .*repair"):
            Index.open(index)
    assert stepwell.main(["indexer", "repair", "--index", str(index)]) == 0
    assert f"restored generations/{path.name}" in capsys.readouterr().out
    assert path.read_bytes() == content
    assert generations(index) == (before, {})
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 0
    assert delete(index, ["d4"]).report.manifest.number == 4


def test_the_only_manifest_is_put_back_too(sound: Path, tmp_path: Path) -> None:
    build([sound.with_name("corpus")], tmp_path / "index", None)
    manifest_path(tmp_path / "index", 1).unlink()
    with pytest.raises(ManifestError, match="missing"):
        current(tmp_path / "index")
    assert repair(tmp_path / "index", _no_encoder).restored == ["generations/000001.json"]
    assert current(tmp_path / "index").documents == 150


@pytest.mark.parametrize("harm", HARMS)
def test_the_newest_generation_is_not_thrown_away_unasked(index: Path, harm: Callable[[Path], None]) -> None:
    _lose(manifest_paths(index)[-1], harm)
    segments = sorted((index / "segments").rglob("*"))
    with pytest.raises(RepairError, match=r"what generation 3 added and deleted, whose manifest .*--lossy"):
        repair(index, _no_encoder)
    assert sorted((index / "segments").rglob("*")) == segments
    assert repair(index, _no_encoder, lossy=True).manifest.documents == 150
    assert current(index).number == 4
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 0


@pytest.fixture
def held(index: Path, tmp_path: Path) -> Path:
    """The first generation is held, and shares no segment with the newest."""
    hold(index, 1, "figures")
    with CorpusWriter(tmp_path / "others") as writer:
        writer.add(Document(id="o", title="another", text="text"))
    build([tmp_path / "others"], index, None, force=True)
    return index


def _collect(index: Path) -> list[str]:
    with writer_lock(index):
        return collect(index, keep=1, least=1)


@pytest.mark.parametrize("harm", HARMS)
def test_a_held_generation_whose_manifest_is_lost_keeps_its_segments(held: Path, harm: Callable[[Path], None]) -> None:
    documents = generations(held)[0][0].documents
    harm(manifest_path(held, 1))
    assert _collect(held) == []
    repair(held, _no_encoder)
    assert _collect(held) != []
    rollback(held, 1)
    with Index.open(held) as reader:
        assert reader.manifest.documents == documents == len(reader.lexical_candidates(["tide"], 200))


@pytest.mark.parametrize("harm", HARMS)
def test_a_held_generation_is_let_go_on_demand_only(held: Path, harm: Callable[[Path], None]) -> None:
    _lose(manifest_path(held, 1), harm)
    assert stepwell.main(["indexer", "verify", "--index", str(held)]) == 1
    assert _collect(held) == []
    with pytest.raises(RepairError, match="held generation 1, whose manifest"):
        repair(held, _no_encoder)
    repair(held, _no_encoder, lossy=True)
    assert generations(held)[1] == {}
    assert not list((held / "generations").glob("000001.[hj]*"))


@pytest.mark.parametrize("harm", [_flip, _cut, _gone])
@pytest.mark.parametrize("name", ["000001.hold", "000001.hold.copy", "000001.json.copy", "000004.json.copy"])
def test_a_lost_hold_or_copy_lets_nothing_go_and_is_written_again(
    held: Path, name: str, harm: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    path = held / "generations" / name
    content = path.read_bytes()
    harm(path)
    missing_copy = harm is _gone and name.endswith(".copy")  # as after a writer that was killed: nothing is lost by that
    assert stepwell.main(["indexer", "verify", "--index", str(held)]) == (0 if missing_copy else 1)
    assert missing_copy or name in capsys.readouterr().err
    assert "generations/000001.json" not in _collect(held)
    done = repair(held, _no_encoder)
    assert missing_copy or done.restored == [f"generations/{name}"]
    assert "hold.copy" in name or path.read_bytes() == content
    assert why_held(held, 1) is not None
    assert stepwell.main(["indexer", "verify", "--index", str(held)]) == 0
    release(held, 1)
    assert "generations/000001.json" in _collect(held)
    assert stepwell.main(["indexer", "verify", "--index", str(held)]) == 0


def test_a_manifest_is_put_back_under_its_readers(index: Path) -> None:
    with Index.open(index) as reader:
        _flip(manifest_path(index, 3))
        repair(index, _no_encoder)
        for number in (10, 11, 12):
            delete(index, [f"d{number}"])
        _collect(index)
        assert manifest_path(index, 3).exists()
        assert reader.find("d10") is not None
    assert "generations/000003.json" in _collect(index)


def test_a_manifest_under_the_number_of_another_generation_is_not_taken_for_it(index: Path) -> None:
    shutil.copy(manifest_path(index, 1), manifest_path(index, 5))
    for look in (current, Index.open):
        with pytest.raises(ManifestError, match=r"000005.json is of generation 1; .*repair"):
            look(index)
    assert list(generations(index)[1]) == [5]


def test_files_of_other_names_beside_the_manifests_are_no_generations(index: Path) -> None:
    for name in ("000003.orig.json", "3.json", "000003 copy.json", "000009.json.bak"):
        shutil.copy(manifest_path(index, 1), index / "generations" / name)
    assert [m.number for m in generations(index)[0]] == [1, 2, 3]
    assert delete(index, ["d4"]).report.manifest.number == 4
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 0
    assert repair(index, _no_encoder).damaged == []
