"""A searcher that is opened beside others, or after them, answers from what they answer from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.build import build
from indexer.errors import IndexOpenError
from indexer.generation import current, manifest_path
from ranker.errors import CalibrationError
from ranker.own_calibration import copy_path
from ranker.ranking import Ranking
from ranker.relevance import LEXICAL, Calibration, shipped
from ranker.search import Searcher
from ranker.served import GENERATION
from server.memory import Memory


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    folder = tmp_path / "memory"
    folder.mkdir()
    return Memory(folder)


@pytest.fixture
def twice(tiny_index: Path, tiny_corpus: Path, tmp_path: Path) -> Path:
    """An index of two generations that share no segment."""
    index = shutil.copytree(tiny_index, tmp_path / "index")
    build([tiny_corpus], index, None, force=True)
    return index


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A calibration file of the operator's own."""
    path = tmp_path / "mine" / "calibration.json"
    path.parent.mkdir()
    path.write_bytes(replace(next(c for c in shipped() if c.features == LEXICAL), name="mine").to_json())
    return path


def answered(searcher: Searcher) -> Ranking:
    (outcome,) = searcher.search(["water"])
    assert isinstance(outcome, Ranking)
    return outcome


def damaged(index: Path) -> Path:
    """A file of the newest generation, of the right size and wrong in one bit."""
    path = index / "segments" / current(index).segments[0].name / "forward" / "lengths.npy"
    content = bytearray(path.read_bytes())
    content[-4] ^= 1
    path.write_bytes(content)
    return path


def test_a_generation_whose_manifest_is_gone_is_served_by_those_who_come_as_by_those_who_were_there(
    twice: Path, memory: Memory
) -> None:
    with Searcher.open(twice, authority="off", memory=memory) as first:
        path = manifest_path(twice, 2)
        whole = path.read_bytes()
        path.unlink()
        assert first.reload() == ()
        with Searcher.open(twice, authority="off", memory=memory) as second:
            assert answered(second).hits == answered(first).hits
            assert second.status.snapshot == first.status.snapshot
            assert second.status.snapshot.startswith("2-")
            (trouble,) = second.troubles
            assert "is missing; restore it" in trouble
            path.write_bytes(whole)
            assert second.reload() == ()
            assert second.troubles == ()


def test_a_generation_that_others_serve_and_that_cannot_be_opened_is_no_reason_to_serve_another_one(
    twice: Path, memory: Memory
) -> None:
    with Searcher.open(twice, authority="off", memory=memory) as first:
        manifest_path(twice, 2).unlink()
        damaged = twice / "segments" / first.pinned.index.manifest.segments[0].name / "forward" / "lengths.npy"
        damaged.rename(twice / "aside")
        with pytest.raises(
            IndexOpenError, match=r"generation 2-\w+, which is being served, cannot be opened: .*lengths.npy is mis"
        ):
            Searcher.open(twice, authority="off", memory=memory)
        assert answered(first).snapshot.startswith("2-")
    memory.forget(GENERATION)  # nobody serves it any more
    with Searcher.open(twice, authority="off", memory=memory) as alone:
        assert answered(alone).snapshot.startswith("1-")


def test_what_was_found_damaged_is_not_served_by_those_who_come_until_it_is_whole(twice: Path, memory: Memory) -> None:
    with Searcher.open(twice, authority="off", memory=memory) as first:
        path = damaged(twice)
        first.withdraw(path)
        with Searcher.open(twice, authority="off", memory=memory) as second:
            for searcher in (first, second):
                assert answered(searcher).snapshot.startswith("1-")
                assert "its file lengths.npy is damaged; run: stepwell indexer repair" in searcher.troubles[0]
            assert answered(second).coverage == answered(first).coverage
    damaged(twice)  # flipped back
    with Searcher.open(twice, authority="off", memory=memory) as third:
        assert answered(third).snapshot.startswith("2-")
        assert third.troubles == ()


def test_a_calibration_that_breaks_stays_in_force_and_the_healed_one_takes_its_place(
    tiny_index: Path, own: Path, memory: Memory
) -> None:
    good = own.read_bytes()
    open_one: Callable[..., Any] = lambda: Searcher.open(tiny_index, authority="off", calibration=own, memory=memory)  # noqa: E731
    with open_one() as first:
        version = first.status.calibration
        assert version.startswith("mine-")
        assert copy_path(own).read_bytes() == good
        for broken in (b"{", b"[]", None):
            if broken is None:
                own.unlink()
            else:
                own.write_bytes(broken)
            assert first.reload() == ()
            with open_one() as second:
                for searcher in (first, second):
                    assert searcher.status.calibration == version == answered(searcher).calibration
                    assert "the calibration in force cannot be read any more and stays in force: " in searcher.troubles[0]
        healed = replace(Calibration.load(copy_path(own)), b0=-2.0)
        own.write_bytes(healed.to_json())
        assert first.reload() == (f"calibration {version} -> {healed.version}",)
        assert first.troubles == ()
        assert answered(first).calibration == healed.version


def test_a_server_that_begins_while_its_calibration_is_broken_begins_with_the_copy_and_a_first_one_does_not(
    tiny_index: Path, own: Path
) -> None:
    with Searcher.open(tiny_index, authority="off", calibration=own, memory=Memory()) as first:
        version = first.status.calibration
    own.write_bytes(b"half a fi")
    with Searcher.open(tiny_index, authority="off", calibration=own, memory=Memory()) as again:
        assert again.status.calibration == version
        assert again.troubles
    with pytest.raises(CalibrationError, match="is not a calibration"):  # a command, which keeps nothing
        Searcher.open(tiny_index, authority="off", calibration=own)
    copy_path(own).unlink()
    with pytest.raises(CalibrationError, match="make one with `ranker calibrate`"):
        Searcher.open(tiny_index, authority="off", calibration=own, memory=Memory())
    own.unlink()
    with pytest.raises(CalibrationError, match="restore it, or name another"):
        Searcher.open(tiny_index, authority="off", calibration=own, memory=Memory())
