"""A writer killed before any step leaves the old generation or the new one, and the next writer succeeds."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import load_encoder
from indexer.errors import ManifestError
from indexer.generation import collect, current, manifest_paths, verify, writer_lock
from indexer.history import hold, rollback
from indexer.index import Index
from indexer.merge import merge
from indexer.repair import repair
from indexer.update import add

ROOT = Path(__file__).resolve().parent.parent.parent
CHILD = Path(__file__).with_name("killed_at.py")


def _collect(index: Path) -> None:
    with writer_lock(index):
        collect(index, keep=1, least=1)


AGAIN: dict[str, Callable[[Path, Path], object]] = {
    "build": lambda corpus, index: build([corpus], index, None, force=True),
    "add": lambda corpus, index: add([corpus], index, None),
    "delete": lambda _, index: delete(index, ["tiny:3"]),
    "merge": lambda _, index: merge(index, everything=True),
    "rollback": lambda _, index: rollback(index, 2),
    "hold": lambda _, index: hold(index, 2, "killed"),
    "gc": lambda _, index: _collect(index),
    "repair": lambda _, index: repair(index, load_encoder),
}


FEWEST = {"gc": 2, "hold": 3}
"""Steps that reach the disk of operations that have fewer than four: two deletions; a write, a rename and its directory."""


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


def _killed(step: int, operation: str, corpus: Path, index: Path) -> int:
    """The exit code of an operation in a process that dies before this step."""
    command = [sys.executable, str(CHILD), str(step), operation, str(corpus), str(index)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL).returncode


def _kill_before_every(operation: str, start: tuple[Path, Path], folder: Path, every: int) -> int:
    corpus, origin = start
    if operation == "repair":
        _damage(origin)
    old = _ids(origin)
    finished = shutil.copytree(origin, folder / "finished")
    AGAIN[operation](corpus, finished)
    new = _ids(finished)
    step = 1
    while True:
        index = shutil.copytree(origin, folder / "index", dirs_exist_ok=False)
        code = _killed(step, operation, corpus, index)
        before = current(index).number
        assert _ids(index) in (old, new), f"killed before step {step}"
        assert operation == "repair" or all(error is None for _, error in verify(index, current(index)))
        if code == 0:
            return step - 1
        assert code == -signal.SIGKILL
        if before == current(origin).number:  # it was not acknowledged: doing it again must work
            AGAIN[operation](corpus, index)
        assert _ids(index) == new
        assert all(error is None for _, error in verify(index, current(index)))
        assert not list((index / "segments").rglob("*.tmp"))
        shutil.rmtree(index)
        step += every


def _tear(manifest: Path) -> None:
    manifest.write_bytes(manifest.read_bytes()[:-9])


HARMS: dict[str, Callable[[Path], None]] = {"missing": Path.unlink, "torn": _tear}


def _kill_builds_over(harm: str, start: tuple[Path, Path], folder: Path, every: int) -> int:
    """`build --force` over an index whose newest manifest is harmed: what the others hold is there until it has committed."""
    corpus, origin = start
    kept = {path.name: path.read_bytes() for path in manifest_paths(origin)[:-1]}
    HARMS[harm](manifest_paths(origin)[-1])
    whole = {f"tiny:{i}" for i in range(12)}
    for step in itertools.count(1, every):
        index = shutil.copytree(origin, folder / "index")
        code = _killed(step, "build", corpus, index)
        try:
            current(index)
        except ManifestError:
            assert {name: (index / "generations" / name).read_bytes() for name in kept} == kept, f"killed before step {step}"
            mended = shutil.copytree(index, folder / "mended")
            repair(mended, load_encoder)
            assert _ids(mended) == whole - {"tiny:11"}  # the generation before the deletion
            shutil.rmtree(mended)
            build([corpus], index, None, force=True)
        assert _ids(index) == whole
        shutil.rmtree(index)
        if code == 0:
            return step - 1
    raise AssertionError


@pytest.mark.parametrize("harm", sorted(HARMS))
def test_a_forced_build_killed_before_some_steps_costs_nothing(harm: str, start: tuple[Path, Path], tmp_path: Path) -> None:
    assert _kill_builds_over(harm, start, tmp_path, every=12) > 3


@pytest.mark.long
@pytest.mark.parametrize("harm", sorted(HARMS))
def test_a_forced_build_killed_before_every_step_costs_nothing(harm: str, start: tuple[Path, Path], tmp_path: Path) -> None:
    assert _kill_builds_over(harm, start, tmp_path, every=1) > 10


@pytest.mark.parametrize("operation", ["add", "repair"])
def test_an_update_killed_before_some_steps_is_done_or_not_done(operation: str, start: tuple[Path, Path], tmp_path: Path) -> None:
    assert _kill_before_every(operation, start, tmp_path, every=9) > 3


@pytest.mark.long
@pytest.mark.parametrize("operation", sorted(AGAIN))
def test_an_update_killed_before_every_step_is_done_or_not_done(operation: str, start: tuple[Path, Path], tmp_path: Path) -> None:
    assert _kill_before_every(operation, start, tmp_path, every=1) >= FEWEST.get(operation, 4)
