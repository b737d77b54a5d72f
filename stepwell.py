"""The front door: one command line, a sub-command per room.

Nothing heavy is imported until a room needs it. This module alone may import every room.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ranker.search import Searcher

__version__ = "0.1.0"
__all__ = ["indexer", "main", "open"]

ROOMS = {
    "crawler": ("crawler.cli", "papers, files and sites into a corpus"),
    "indexer": ("indexer.cli", "a corpus into an index"),
    "authority": ("authority.cli", "whom to trust, and why"),
    "ranker": ("ranker.cli", "search, evaluate and calibrate, in process"),
    "server": ("server.cli", "answer batches of queries over gRPC"),
    "agent": ("agent.cli", "a question into a cited report"),
    "bench": ("benchmarks.cli", "measure quality, latency and scale (from a checkout)"),
}

ELSEWHERE = {
    ("authority", "audit"): "ranker.proof.verbs",
    ("authority", "try"): "ranker.proof.verbs",
    ("authority", "suggest"): "crawler.graph.suggest",
}
"""Verbs of one room that need another: what a table does can only be seen in a ranking, whom it leaves out in a corpus."""

ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # FAISS's threads would spin between searches, on cores that others need
    "GRPC_EXPERIMENTS": "-event_engine_client,-event_engine_listener",  # bytes take two threads less on their way to Python
}
"""What libraries look for as they are imported, unless whoever starts the command says otherwise."""

READER_LEFT = 141
"""Exit code where the reader of our output left before its end: what a shell says of a command that SIGPIPE ended."""

USAGE = """usage: stepwell ROOM VERB ...     (stepwell ROOM --help lists the verbs)

A self-hosted search engine for research agents that knows which sources to trust.

{rooms}

example:
  stepwell crawler sample --into corpus/sample
  stepwell indexer build corpus/sample --index index/sample
  stepwell ranker search "is boiled water safe to drink" --index index/sample --explain
"""


def open(index: str | os.PathLike[str], **options: object) -> Searcher:  # noqa: A001 - stepwell.open reads like open()
    """Open an index for searching: ``with stepwell.open("index/acl") as index: index.search([...])``.

    `options` are those of `ranker.search.Searcher.open` (authority, encoder, calibration).
    """
    from ranker.search import Searcher

    return Searcher.open(index, **options)  # type: ignore[arg-type]


def usage() -> str:
    """The text of `stepwell --help`."""
    return USAGE.format(rooms="\n".join(f"  {room:<10} {what}" for room, (_, what) in ROOMS.items()))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one room's command line and return its exit code: 0 done, 1 failed work, 2 wrong usage, 141 nobody reads on."""
    return _to_its_reader(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    args = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character shows a question mark
            stream.reconfigure(errors="replace")
    if broken := [a for a in args if any("\ud800" <= c <= "\udfff" for c in a)]:
        print(f"stepwell: argument {broken[0]!a} is not valid UTF-8", file=sys.stderr)
        return 2
    if not args or args[0] in ("-h", "--help"):
        print(usage())
        return 0 if args else 2
    if args[0] == "--version":
        print(f"stepwell {__version__}")
        return 0
    if args[0] not in ROOMS:
        print(f"stepwell: no room called {args[0]!r}; there are {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    return run_room(args[0], args[1:])


def run_room(room: str, args: list[str]) -> int:
    """Import one room's command line, run it, and turn an expected error into one line on standard error."""
    return _to_its_reader(lambda: _run_room(room, args))


def _to_its_reader(command: Callable[[], int]) -> int:
    """Run a command that ends without a word once nobody reads its output any more, as with `| head`."""
    try:
        try:
            return command()
        finally:
            print(end="", flush=True)  # what is in the buffer still may be what nobody reads
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT


def _run_room(room: str, args: list[str]) -> int:
    os.environ.update(ENVIRONMENT | os.environ)
    try:
        module = ELSEWHERE.get((room, args[0]) if args else (room, ""), ROOMS[room][0])
        code: int = importlib.import_module(module).main(args)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        print("stepwell: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            where += "; make room and run again, what was acknowledged before is kept"
        print(f"stepwell {room}: {error.strerror or error}{where}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"stepwell {room}: {missing(error)}", file=sys.stderr)
        return 1
    except Exception as error:
        exit_code = getattr(error, "exit_code", None)  # every room's expected errors carry one; anything else is a bug
        if exit_code is None:
            raise
        said = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", str(error))  # others' words may hold what a terminal obeys
        print(f"stepwell {room}: {said}", file=sys.stderr)
        return int(exit_code)
    return code


def missing(error: ModuleNotFoundError) -> str:
    """What to install where an optional package is not there."""
    extras = {
        "faiss": "cpu",
        "matplotlib": "plots",
        "py3langid": "language",
        "onnx": "cpu",
        "onnxruntime": "cpu",
        "tokenizers": "cpu",
        "safetensors": "cpu",
        "sentence_transformers": "torch",
        "torch": "torch",
    }
    if error.name == "benchmarks":
        return "benchmarks run from a checkout of the project, not from an installed package"
    extra = extras.get((error.name or "").partition(".")[0])
    return f"{error}; install it with: pip install 'stepwell[{extra}]'" if extra else str(error)


def indexer() -> int:
    """The installed command `indexer`: short for `stepwell indexer`."""
    return run_room("indexer", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
