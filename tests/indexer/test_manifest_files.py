"""What lies in the folder of generations: no manifest that is damaged, gone or misplaced costs a document in silence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import stepwell
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import EncoderError, ManifestError, RepairError
from indexer.generation import collect, current, generations, manifest_path, manifest_paths, writer_lock
from indexer.history import hold
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


@pytest.mark.parametrize("harm", HARMS)
def test_the_newest_generation_is_not_thrown_away_unasked(index: Path, harm: Callable[[Path], None]) -> None:
    newest = manifest_paths(index)[-1]
    harm(newest)
    segments = sorted((index / "segments").rglob("*"))
    with pytest.raises(RepairError, match=r"what generation 3 added and deleted, whose manifest .*--lossy"):
        repair(index, _no_encoder)
    assert sorted((index / "segments").rglob("*")) == segments
    assert repair(index, _no_encoder, lossy=True).manifest.documents == 150
    assert current(index).number == 4


@pytest.mark.parametrize("harm", HARMS)
def test_a_held_generation_whose_manifest_is_lost_keeps_its_segments(
    index: Path, tmp_path: Path, harm: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    hold(index, 1)
    folder = index / "segments" / current(index).segments[0].name
    with CorpusWriter(tmp_path / "others") as writer:
        writer.add(Document(id="o", title="another", text="text"))
    build([tmp_path / "others"], index, None, force=True)
    harm(manifest_path(index, 1))
    assert stepwell.main(["indexer", "verify", "--index", str(index)]) == 1
    assert "000001.json" in capsys.readouterr().err
    with writer_lock(index):
        assert collect(index, keep=1, least=1) == []
    assert (folder / "columns.npy").exists()
    with pytest.raises(RepairError, match="held generation 1, whose manifest"):
        repair(index, _no_encoder)
    repair(index, _no_encoder, lossy=True)
    assert generations(index)[1] == {}
    assert not manifest_path(index, 1).with_suffix(".hold").exists()


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
