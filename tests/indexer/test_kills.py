"""A writer killed before any step leaves the old generation or the new one, and the next writer succeeds."""

from __future__ import annotations

import itertools
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.killed_at import OPERATIONS, Kill, killing
from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import load_encoder
from indexer.errors import ManifestError
from indexer.generation import current, generations, manifest_paths, verify
from indexer.history import hold
from indexer.index import Index
from indexer.repair import repair
from indexer.restore import unlike_copies
from indexer.update import add

FEWEST = {"gc": 2, "hold": 3}
"""Steps that reach the disk of operations that have fewer than four: two deletions; a write, a rename and its directory."""


Start = tuple[Path, Path]
"""A corpus and its index."""


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    with killing() as one:
        yield one


@pytest.fixture
def start(tiny_documents: list[Document], tmp_path: Path) -> tuple[Path, Path]:
    """A corpus with one document more than its index, which has two segments, deletions and a history."""
    corpus, index = tmp_path / "corpus", tmp_path / "start"
    for part in (tiny_documents[:6], tiny_documents[6:11]):
        with CorpusWriter(corpus) as writer:
            for document in part:
                writer.add(document)
        (build if not index.exists() else _add)([corpus], index, None)
    delete(index, ["tiny:1", "tiny:8"])
    with CorpusWriter(corpus) as writer:
        writer.add(tiny_documents[11])
    return corpus, index


def _add(corpora: list[Path], index: Path, encoder: None) -> None:
    add(corpora, index, encoder)


def _ids(index: Path) -> set[str]:
    with Index.open(index) as reader:
        assert len(reader.lexical_candidates(["water"], 10)) > 0
        return {d for d in (f"tiny:{i}" for i in range(12)) if reader.find(d)}


def _damage(index: Path) -> None:
    """Two files that are no longer what was committed, and yet open."""
    for entry in current(index).segments:
        path = index / "segments" / entry.name / "forward" / "lengths.npy"
        path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def _kill_before_every(kill: Kill, operation: str, start: Start, folder: Path, every: int) -> int:
    corpus, origin = start
    if operation == "repair":
        hold(origin, 2, "killed")  # it reads the same files, and is made again under its own number
        _damage(origin)
    old = _ids(origin)
    finished = shutil.copytree(origin, folder / "finished")
    OPERATIONS[operation](corpus, finished)
    new = _ids(finished)
    step = 1
    while True:
        index = shutil.copytree(origin, folder / "index", dirs_exist_ok=False)
        code = kill(step, operation, corpus, index)
        before = current(index).number
        assert (generations(index)[1], list(unlike_copies(index))) == ({}, [])  # nothing looks lost
        assert _ids(index) in (old, new), f"killed before step {step}"
        assert operation == "repair" or all(error is None for _, error in verify(index, current(index)))
        if code == 0:
            return step - 1
        assert code == -signal.SIGKILL
        if before == current(origin).number:  # it was not acknowledged: doing it again must work
            OPERATIONS[operation](corpus, index)
        assert _ids(index) == new
        whole = [m for m in generations(index)[0] if m.number in (2, current(index).number)]  # damaged others are put aside last
        assert all(error is None for manifest in whole for _, error in verify(index, manifest))
        assert not list((index / "segments").rglob("*.tmp"))
        shutil.rmtree(index)
        step += every


def _tear(manifest: Path) -> None:
    manifest.write_bytes(manifest.read_bytes()[:-9])


HARMS: dict[str, Callable[[Path], None]] = {"missing": Path.unlink, "torn": _tear}


def _kill_builds_over(kill: Kill, harm: str, start: Start, folder: Path, every: int) -> int:
    """`build --force` over an index whose newest manifest is harmed: what the others hold is there until it has committed."""
    corpus, origin = start
    kept = {path.name: path.read_bytes() for path in manifest_paths(origin)[:-1]}
    HARMS[harm](manifest_paths(origin)[-1])
    whole = {f"tiny:{i}" for i in range(12)}
    for step in itertools.count(1, every):
        index = shutil.copytree(origin, folder / "index")
        code = kill(step, "build", corpus, index)
        try:
            current(index)
        except ManifestError:
            assert {name: (index / "generations" / name).read_bytes() for name in kept} == kept, f"killed before step {step}"
            mended = shutil.copytree(index, folder / "mended")
            repair(mended, load_encoder)
            assert _ids(mended) == whole - {"tiny:1", "tiny:8", "tiny:11"}  # as it was, from the manifest's copy
            shutil.rmtree(mended)
            build([corpus], index, None, force=True)
        assert _ids(index) == whole
        shutil.rmtree(index)
        if code == 0:
            return step - 1
    raise AssertionError


@pytest.mark.parametrize("harm", sorted(HARMS))
def test_a_forced_build_killed_before_some_steps_costs_nothing(kill: Kill, harm: str, start: Start, tmp_path: Path) -> None:
    assert _kill_builds_over(kill, harm, start, tmp_path, every=12) > 3


@pytest.mark.long
@pytest.mark.parametrize("harm", sorted(HARMS))
def test_a_forced_build_killed_before_every_step_costs_nothing(kill: Kill, harm: str, start: Start, tmp_path: Path) -> None:
    assert _kill_builds_over(kill, harm, start, tmp_path, every=1) > 10


@pytest.mark.parametrize("operation", ["add", "repair"])
def test_an_update_killed_before_some_steps_is_done_or_not_done(kill: Kill, operation: str, start: Start, tmp_path: Path) -> None:
    assert _kill_before_every(kill, operation, start, tmp_path, every=9) > 3


@pytest.mark.long
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_update_killed_before_every_step_is_done_or_not_done(kill: Kill, operation: str, start: Start, tmp_path: Path) -> None:
    assert _kill_before_every(kill, operation, start, tmp_path, every=1) >= FEWEST.get(operation, 4)
