"""Every generation on disk is verified and repaired, beside a writer too; what is not known is not deleted, and that is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import stepwell
from indexer.audit import all_pinned, damaged_files
from indexer.build import build
from indexer.copies import delete_copy
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder
from indexer.errors import EncoderError, RepairError
from indexer.generation import collect, current, generations, manifest_path, manifest_paths, read_manifest, verify, writer_lock
from indexer.history import as_of, hold, release, rollback
from indexer.index import Index
from indexer.repair import repair

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A held generation with a segment of its own, a second build, and a deletion from it."""
    folder = tmp_path_factory.mktemp("audit")
    with CorpusWriter(folder / "corpus") as writer:
        for i in range(60):
            writer.add(Document(id=f"d{i}", title=f"tide {i}", text="moon"))
    build([folder / "corpus"], folder / "index", None)
    hold(folder / "index", 1, "the paper")
    build([folder / "corpus"], folder / "index", None, force=True)
    delete(folder / "index", ["d3"])
    return folder / "index"


@pytest.fixture
def index(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(sound, tmp_path / "index")


def _run(capsys: pytest.CaptureFixture[str], index: Path, *words: str) -> tuple[int, str, str]:
    code = stepwell.main(["indexer", *words, "--index", str(index)])
    said = capsys.readouterr()
    return code, said.out, said.err


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _columns(index: Path, number: int) -> Path:
    return index / "segments" / read_manifest(manifest_path(index, number)).segments[0].name / "columns.npy"


def _no_encoder(name: str) -> Encoder:
    raise EncoderError(f"no weights of {name}")


def test_a_flip_in_a_file_of_any_generation_is_found_and_said_of_which(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, index, "verify")
    assert (code, out.partition(":")[0]) == (0, "generations 1, 2, 3")
    for number, named in ((1, "generation 1: "), (3, "generations 3, 2: ")):
        path = _columns(index, number)
        good = path.read_bytes()
        _flip(path)
        code, _, err = _run(capsys, index, "verify")
        assert code == 1
        assert f"{named}{path} is damaged" in err
        path.write_bytes(good)
    for path in manifest_paths(index):
        good = path.read_bytes()
        _flip(path)
        assert _run(capsys, index, "verify", "--json")[0] == 1
        code, out, err = _run(capsys, index, "verify")
        assert code == 1
        assert f"generation {int(path.stem)}: {path} is" in err
        assert "1 manifests or holds damaged" in out
        path.write_bytes(good)


def test_an_old_manifest_that_is_damaged_stops_the_clearing_aloud_until_repair_puts_it_aside(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _flip(manifest_path(index, 2))
    delete_copy(manifest_path(index, 2))
    code, _, err = _run(capsys, index, "gc")
    assert code == 1
    assert "nothing is deleted" in err
    assert "000002.json" in err
    code, _, err = _run(capsys, index, "delete", "d9")
    assert code == 0
    assert "old generations are not deleted any more" in err
    before = current(index)
    code, out, _ = _run(capsys, index, "repair")
    assert code == 0
    assert "put aside generations/000002.json as .damaged" in out
    assert manifest_path(index, 2).with_suffix(".damaged").exists()
    assert current(index) == before
    assert [m.number for m in generations(index)[0]] == [1, 3, 4]
    assert as_of("2100-01-01")(index) == before
    assert _run(capsys, index, "verify")[0] == 0
    assert "nothing is damaged" in _run(capsys, index, "repair")[1]
    code, out, _ = _run(capsys, index, "gc")
    assert (code, "deleted generations/000003.json" in out) == (0, True)


def test_a_held_generation_whose_manifest_is_damaged_is_let_go_on_demand_only(index: Path) -> None:
    _flip(manifest_path(index, 1))
    delete_copy(manifest_path(index, 1))
    segments = sorted((index / "segments").iterdir())
    with pytest.raises(RepairError, match=r"held generation 1, whose manifest cannot be read; .*--lossy"):
        repair(index, _no_encoder)
    assert (len(generations(index)[1]), sorted((index / "segments").iterdir())) == (1, segments)
    done = repair(index, _no_encoder, lossy=True)
    assert (done.aside, done.fresh) == (["generations/000001.json"], False)
    assert generations(index)[1] == {}


def test_a_held_generation_with_damaged_files_is_made_again_under_its_number(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = current(index)
    _flip(_columns(index, 1))
    code, out, _ = _run(capsys, index, "repair")
    assert (code, "generation 1, which is held, is whole again" in out) == (0, True)
    assert _run(capsys, index, "verify")[0] == 0
    assert [m.number for m in generations(index)[0]] == [1, 2, 3]
    assert current(index) == before
    rollback(index, 1)
    with Index.open(index) as reader:
        assert reader.find("d3") is not None
        assert len(reader.lexical_candidates(["tide"], 100)) == 60


def test_a_held_generation_whose_documents_are_gone_is_left_and_said(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = current(index)
    _flip(_columns(index, 1).parent / "documents" / "records.zst")
    code, out, _ = _run(capsys, index, "repair")
    assert code == 1
    assert "left generation 1, which is held: " in out
    assert "documents of segment" in out
    assert "stepwell indexer release 1" in out
    assert (current(index), manifest_path(index, 1).exists()) == (before, True)
    release(index, 1)
    done = repair(index, _no_encoder)
    assert (done.aside, done.left, done.made, done.fresh) == (["generations/000001.json"], [], 0, False)
    assert _run(capsys, index, "verify")[0] == 0
    assert current(index) == before


def test_the_current_generation_is_mended_as_a_new_one_and_where_it_is_held_under_its_own_number_too(index: Path) -> None:
    hold(index, 3, "figures")
    _flip(_columns(index, 3))
    done = repair(index, _no_encoder)
    assert (done.renewed, done.left, done.manifest.number) == ([3], [], 4)
    assert [m.number for m in generations(index)[0]] == [1, 3, 4]
    for manifest in generations(index)[0]:
        assert all(error is None for _, error in verify(index, manifest))
        assert manifest.documents == (60 if manifest.number == 1 else 59)


def test_what_is_made_again_takes_the_place_of_every_generation_that_read_the_damage(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _flip(_columns(index, 3))
    done = repair(index, _no_encoder)
    assert (done.made, done.aside) == (1, ["generations/000002.json", "generations/000003.json"])
    assert [m.number for m in generations(index)[0]] == [1, 4]
    assert _run(capsys, index, "verify")[0] == 0
    with Index.open(index) as reader:
        assert reader.find("d2") is not None
        assert reader.find("d3") is None


def test_a_generation_that_a_reader_has_open_is_not_put_aside(index: Path) -> None:
    with Index.open(index) as reader:
        _flip(_columns(index, 3))
        assert repair(index, _no_encoder).aside == ["generations/000002.json"]
        assert reader.find("d2") is not None
        assert manifest_path(index, 3).exists()
    assert repair(index, _no_encoder).aside == ["generations/000003.json"]


WRITER = """
import sys
from pathlib import Path
from indexer.deletion import delete
from indexer.generation import collect, writer_lock
index = Path(sys.argv[1])
for number in range(10, 50):
    delete(index, [f"d{number}"])
    with writer_lock(index):
        collect(index, keep=1, least=1)
"""


def _audit(index: Path) -> list[str]:
    with all_pinned(index) as (manifests, broken):
        assert manifests
        return [*map(str, broken.values()), *map(str, damaged_files(index, manifests)[1])]


def _command(index: Path) -> list[str]:
    return [] if stepwell.main(["indexer", "verify", "--index", str(index)]) == 0 else ["exit code 1"]


@pytest.mark.parametrize("look", [_audit, _command])
def test_a_sound_index_verifies_beside_a_writer(index: Path, look: Callable[[Path], list[str]]) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(index)], cwd=ROOT)
    looks = 0
    while writer.poll() is None:
        assert look(index) == []
        looks += 1
    assert writer.returncode == 0
    assert looks > 3
    assert current(index).documents == 60 - 1 - 40


def test_what_is_being_verified_is_not_deleted(index: Path) -> None:
    with all_pinned(index) as (manifests, _):
        with writer_lock(index):
            assert collect(index, keep=1, least=1) == []
        assert damaged_files(index, manifests)[1] == []
    with writer_lock(index):
        assert collect(index, keep=1, least=1) == ["generations/000002.json"]


def test_the_result_of_verify_names_the_generations(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, index, "verify", "--json")
    record = json.loads(out)
    assert (code, record["generations"], record["broken"]) == (0, [1, 2, 3], [])
    assert record["snapshot"] == current(index).snapshot
