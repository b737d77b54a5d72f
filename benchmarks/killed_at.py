"""What does a writer leave behind that is killed just before its N-th step that reaches the disk?

A process of its own imports everything once and forks for every kill, because importing takes ten times as long as an update.
Syncs, renames and deletions are counted; SIGKILL comes before the N-th.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT
from indexer.build import build
from indexer.deletion import delete
from indexer.encoders import load_encoder
from indexer.generation import collect, writer_lock
from indexer.history import hold, rollback
from indexer.merge import merge
from indexer.repair import repair
from indexer.update import add


def collect_least(index: Path) -> None:
    """Delete all that may be deleted."""
    with writer_lock(index):
        collect(index, keep=1, least=1)


OPERATIONS: dict[str, Callable[[Path, Path], object]] = {
    "build": lambda corpus, index: build([corpus], index, None, force=True),
    "add": lambda corpus, index: add([corpus], index, None),
    "delete": lambda _, index: delete(index, ["tiny:3"]),
    "merge": lambda _, index: merge(index, everything=True),
    "rollback": lambda _, index: rollback(index, 2),
    "hold": lambda _, index: hold(index, 2, "killed"),
    "gc": lambda _, index: collect_least(index),
    "repair": lambda _, index: repair(index, load_encoder),
}
"""What writes, by name; each is given a corpus and an index."""

Kill = Callable[[int, str, Path, Path], int]
"""Step, operation, corpus, index; gives -9 where it was killed, 0 where it ended before that step, 1 where it failed."""


@contextmanager
def killing() -> Iterator[Kill]:
    """A process that forks for each kill. What an operation prints goes where the caller's errors go."""
    command = [sys.executable, "-m", "benchmarks.killed_at"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forking:
        asked, told = forking.stdin, forking.stdout
        assert asked
        assert told

        def kill(step: int, operation: str, corpus: Path, index: Path) -> int:
            print(step, operation, corpus.resolve(), index.resolve(), sep="\t", file=asked, flush=True)
            return int(told.readline())

        yield kill
        asked.close()


def main() -> None:
    """Answer every line with the exit code of a fork."""
    for line in sys.stdin:
        step, operation, corpus, index = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            os.dup2(2, 1)
            code = 1
            try:
                _die_before(int(step))
                OPERATIONS[operation](Path(corpus), Path(index))
                code = 0
            except Exception as error:  # noqa: BLE001 - the parent must hear an exit code
                print(f"{operation}, step {step}: {error}", file=sys.stderr)
            finally:
                os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _die_before(step: int) -> None:
    """Let the first `step` - 1 syncs, renames and deletions happen."""
    done = 0

    def before(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return wrapped

    os.fsync = before(os.fsync)
    shutil.rmtree = before(shutil.rmtree)  # type: ignore[assignment]
    Path.rename = before(Path.rename)  # type: ignore[method-assign]
    Path.unlink = before(Path.unlink)  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
