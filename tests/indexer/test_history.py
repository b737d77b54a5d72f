"""What was current when is answered truly or refused; nothing that does not open is made current."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import stepwell
from indexer import analysis, generation
from indexer.build import build
from indexer.copies import delete_both
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.errors import BuildError, IndexerError, ManifestError, NoSuchGeneration
from indexer.generation import collect, current, generations, manifest_path, manifest_paths, read_manifest, writer_lock
from indexer.history import as_of, hold, rollback
from indexer.index import Index


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Sixty documents."""
    with CorpusWriter(tmp_path / "corpus") as writer:
        for i in range(60):
            writer.add(Document(id=f"d{i}", title=f"tide {i}", text="moon"))
    return tmp_path / "corpus"


@pytest.fixture
def index(corpus: Path, tmp_path: Path) -> Path:
    """Four generations: a build on the first of January, deletions on the first of February, March and April."""
    build([corpus], tmp_path / "index", None)
    for number in (2, 3, 4):
        delete(tmp_path / "index", [f"d{number}"])
    for number in (1, 2, 3, 4):
        path = manifest_path(tmp_path / "index", number)
        path.write_bytes(replace(read_manifest(path), created=f"2026-0{number}-01T00:00:00+00:00").to_json())
    return tmp_path / "index"


def _collect(index: Path) -> None:
    with writer_lock(index):
        collect(index, keep=1, least=1)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_date_whose_generation_is_collected_is_refused_with_the_nearest_ones(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hold(index, 1)
    _collect(index)
    assert [int(path.stem) for path in manifest_paths(index)] == [1, 4]
    for moment in ("2026-02-15", "2026-01-01T00:00:00", "2026-03-31"):  # the end of generation 1 is not known either
        with pytest.raises(NoSuchGeneration, match=r"nearest are 1 \(2026-01-01T.*\) and 4 \(2026-04-01T"):
            as_of(moment)(index)
    assert as_of("2026-04-01")(index).number == 4
    assert stepwell.main(["indexer", "history", "--as-of", "2026-02-15", "--index", str(index)]) == 2
    assert "the generation of 2026-02-15 is not kept" in capsys.readouterr().err


def test_an_old_manifest_that_is_damaged_costs_its_own_dates_only(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _flip(manifest_path(index, 2))
    assert [as_of(moment)(index).number for moment in ("2026-03-01T00:00:00", "2026-03-15", "2026-05-01")] == [3, 3, 4]
    for moment in ("2026-01-01T00:00:00", "2026-01-15", "2026-02-15"):  # when the second was committed is not known
        with pytest.raises(ManifestError, match=r"generation 2 may have been current, and .*000002.json is .*repair"):
            as_of(moment)(index)
    assert stepwell.main(["indexer", "history", "--index", str(index)]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["1", "3", "4"]
    assert "000002.json" in said.err


@pytest.mark.parametrize("lost", ["torn", "collected"])
def test_a_second_in_which_two_generations_came_is_not_answered_by_the_earlier_one(index: Path, lost: str) -> None:
    for number in (2, 3):
        path = manifest_path(index, number)
        path.write_bytes(replace(read_manifest(path), created="2026-02-01T00:00:00+00:00").to_json())
    assert as_of("2026-02-01T00:00:00")(index).number == 3
    if lost == "torn":
        _flip(manifest_path(index, 3))
    else:
        delete_both(manifest_path(index, 3))
    with pytest.raises(ManifestError if lost == "torn" else NoSuchGeneration):
        as_of("2026-02-01T00:00:00")(index)


def test_dates_before_a_newest_manifest_that_is_gone_are_answered(index: Path) -> None:
    manifest_path(index, 4).unlink()
    assert as_of("2026-02-15")(index).number == 2
    with pytest.raises(ManifestError, match=r"000004.json is missing"):
        as_of("2026-05-01")(index)


@pytest.mark.parametrize("harm", ["truncated", "unparsable", "another analyzer", "flipped manifest"])
def test_a_generation_that_does_not_open_is_not_gone_back_to(
    index: Path, corpus: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hold(index, 1)
    build([corpus], index, None, force=True)  # shares no file with the first
    manifest = manifest_path(index, 1)
    folder = index / "segments" / read_manifest(manifest).segments[0].name
    match harm:
        case "truncated":
            os.truncate(folder / "columns.npy", 9)
        case "unparsable":
            (folder / "strings.json").write_bytes(b"\xff" * (folder / "strings.json").stat().st_size)
        case "another analyzer":
            manifest.write_bytes(replace(read_manifest(manifest), analyzer=f"not {analysis.ANALYZER}").to_json())
        case _:
            _flip(manifest)
    before = current(index)
    with pytest.raises(ManifestError, match=rf"generation 1 does not open: .*; generation {before.number} stays"):
        rollback(index, 1)
    assert stepwell.main(["indexer", "rollback", "1", "--index", str(index)]) == 1
    assert "does not open" in capsys.readouterr().err
    assert current(index) == before
    with Index.open(index) as reader:
        assert reader.find("d2") is not None


def test_a_forced_build_that_fails_over_another_analyzer_puts_nothing_aside(index: Path, corpus: Path, tmp_path: Path) -> None:
    newest = manifest_paths(index)[-1]
    newest.write_bytes(replace(read_manifest(newest), analyzer="of an earlier release").to_json())
    with CorpusWriter(tmp_path / "hollow") as writer:
        writer.add(Document(id="x", title="x"))
    for shard in (tmp_path / "hollow").glob("*.zst"):
        os.truncate(shard, 20)
    before = {path.name: path.read_bytes() for path in (index / "generations").iterdir()}
    for salvage in (False, True):
        with pytest.raises(IndexerError):
            build([tmp_path / "hollow"], index, None, force=True, salvage=salvage)
        assert {path.name: path.read_bytes() for path in (index / "generations").iterdir()} == before
    done = build([corpus], index, None, force=True).manifest
    assert done.number == 5
    assert [m.number for m in generations(index)[0]][-2:] == [4, 5]  # an earlier release can still go back to it


@pytest.mark.parametrize("harm", ["torn", "missing"])
def test_a_forced_build_puts_a_manifest_that_cannot_be_read_aside_after_its_commit(index: Path, corpus: Path, harm: str) -> None:
    newest = manifest_paths(index)[-1]
    newest.write_bytes(newest.read_bytes()[:-9]) if harm == "torn" else newest.unlink()
    with pytest.raises(BuildError, match="--force"):
        build([corpus], index, None)
    assert build([corpus], index, None, force=True).manifest.number == 5
    assert newest.with_suffix(".damaged").exists() == (harm == "torn")
    assert generations(index)[1] == {}


def test_what_a_writer_deletes_while_it_is_looked_for_is_no_error(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = generation.manifest_paths
    for look in (current, as_of("2030-01-01"), lambda index: generations(index)[0][-1]):

        def listed_then_deleted(folder: Path) -> list[Path]:
            paths = listed(folder)
            monkeypatch.setattr(generation, "manifest_paths", listed)
            delete(folder, [f"d{current(folder).number + 10}"])
            _collect(folder)
            return paths

        monkeypatch.setattr(generation, "manifest_paths", listed_then_deleted)
        found = look(index)
        assert found == current(index)


def test_history_and_dates_beside_a_writer_never_fail(index: Path) -> None:
    done = threading.Event()
    failures: list[Exception] = []

    def read() -> None:
        while not done.is_set():
            try:
                generations(index)
                with Index.open(index, wanted=as_of("2100-01-01")) as reader:
                    assert reader.find("d59") is not None
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported below
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(10, 35):
        delete(index, [f"d{number}"])
        _collect(index)
    done.set()
    reader.join()
    assert failures == []
