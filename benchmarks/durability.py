"""What does an index lose to kills, torn and flipped files, a full disk and a second writer?

    stepwell bench durability --out benchmarks/results.jsonl

Faults are tried on an index of the bundled sample, hybrid where the encoder's weights are installed. Two counts must be 0
whatever is done to it: acknowledged documents that are gone, and answers that differ from those of the sound index although
nothing said so. A third must equal the number of files: flipped files that `verify` finds. After one flip in each file a repair
must give every answer back, or refuse because documents or deletions are lost, and change nothing then. A writer that meets such
a file must refuse too or leave it to be found. Manifests and holds must all be back after a repair, whatever became of one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.corpora import write_sample
from benchmarks.errors import BenchmarkError
from benchmarks.killed_at import OPERATIONS, Kill, collect_least, killing
from benchmarks.machine import RESULTS, ROOT
from benchmarks.result import Ledger, Parameters, Result
from benchmarks.table import table
from indexer.build import build
from indexer.copies import SUFFIX
from indexer.corpus import CorpusWriter
from indexer.deletion import delete
from indexer.document import Document
from indexer.encoders import Encoder, load_encoder
from indexer.errors import EncoderError, IndexerError, RepairError
from indexer.generation import current, files_of, generations, verify
from indexer.history import hold
from indexer.index import Index
from indexer.merge import merge
from indexer.repair import repair
from indexer.restore import unlike_copies
from indexer.update import add
from ranker.query import Query
from ranker.ranking import Ranking
from ranker.search import Searcher

QUERIES = ("boiling water at altitude", "sourdough starter", "tide tables", "disc brakes", "heat warning levels")
PAGE = 4096
"""Bytes; where a larger file is flipped, one bit in each of FLIPS pages drawn by seed is tried."""
FLIPS = 4

Answers = list[list[tuple[str, float]]]


def main(argv: Sequence[str] | None = None) -> int:
    """Try the faults, print the table, and append its rows; exit code 1 if anything was lost or wrong."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="stepwell bench durability", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--every", type=int, default=3, metavar="N", help="kill before every N-th step only (default 3; 1 is all)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / RESULTS, metavar="FILE")
    args = parser.parse_args(argv)
    ledger = Ledger(args.out, ["durability", *argv])
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-") as work:
        results = list(_faults(Path(work), args.every))
    for result in results:
        ledger.add(result)
    print(table(results))
    return int(
        any(result.value for result in results if "lost" in result.name or "wrong" in result.name or "missed" in result.name)
    )


def _faults(work: Path, every: int) -> Iterator[Result]:
    encoder = _encoder()
    write_sample(work / "corpus")
    sound = work / "sound"
    build([work / "corpus"], sound, encoder)
    with Index.open(sound) as index:
        ids = index.ids(np.arange(3))
    delete(sound, ids)
    hold(sound, 1, "figures")
    expected = _answers(sound, encoder)
    yield from _torn(work, sound, encoder, expected)
    yield from _repaired(work, sound, encoder, expected)
    yield from _restored(work, sound, encoder, expected)
    yield from _built_upon(work, sound, encoder)
    with killing() as kill:
        yield from _killed(kill, work, every)
    yield from _full(work)


def _torn(work: Path, sound: Path, encoder: Encoder | None, expected: Answers) -> Iterator[Result]:
    """Every file cut, gone and flipped in turn: opening must refuse, or answer exactly as before; verify must find every flip."""
    chance = random.Random(20_261_122)
    index = shutil.copytree(sound, work / "torn")
    paths = [path for path, expected_sum in files_of(index, current(index)) if expected_sum.bytes] + sorted(
        (index / "generations").glob("*.json")
    )[-1:]
    tried = {"torn": 0, "missing": 0, "flipped": 0}
    wrong, missed = dict.fromkeys(tried, 0), 0
    for path in paths:
        good = path.read_bytes()
        for kind, bad in _harms(good, chance):
            path.unlink(missing_ok=True)
            if bad is not None:
                path.write_bytes(bad)
            tried[kind] += 1
            if kind != "flipped":
                wrong[kind] += _is_wrong(index, encoder, expected)
            else:
                missed += not _found(index)
        path.write_bytes(good)
    for kind, count in tried.items():
        yield _row(f"files {kind}, tried", count, "faults", {"files": len(paths)})
    for kind in ("torn", "missing"):
        yield _row(f"files {kind}, wrong answers", wrong[kind], "answers", {"tried": tried[kind]})
    yield _row("files flipped, missed by verify", missed, "flips", {"tried": tried["flipped"], "files": len(paths)})


def _repaired(work: Path, sound: Path, encoder: Encoder | None, expected: Answers) -> Iterator[Result]:
    """One flip in every file in turn, and a repair: all answers are back and every byte is as committed, or it says why not."""
    chance = random.Random(20_261_122)
    tried = made_again = refused = wrong = 0
    for path, committed in files_of(sound, current(sound)):
        if not committed.bytes:
            continue
        index = shutil.copytree(sound, work / "repaired")
        _flip(index / path.relative_to(sound), chance)
        before = current(index)
        tried += 1
        try:
            repair(index, lambda name: encoder or load_encoder(name))
        except RepairError:
            refused += 1
            wrong += current(index) != before
        else:
            made_again += 1
            wrong += _answers(index, encoder) != expected or any(error for _, error in verify(index, current(index)))
        shutil.rmtree(index)
    yield _row("repairs after a flip, everything back", made_again, "files", {"tried": tried})
    yield _row("repairs after a flip, refused: documents or deletions are lost", refused, "files", {"tried": tried})
    yield _row("repairs after a flip, wrong answers", wrong, "files", {"tried": tried})


def _restored(work: Path, sound: Path, encoder: Encoder | None, expected: Answers) -> Iterator[Result]:
    """Every manifest, hold and copy flipped, cut and gone in turn: verify says so, gc deletes nothing, a repair puts it back."""
    chance = random.Random(20_261_123)
    committed = {path.name: path.read_bytes() for path in sorted((sound / "generations").iterdir())}
    kept = {name: content for name, content in committed.items() if not name.endswith(SUFFIX)}
    tried = missed = lost = 0
    for name in committed:
        for harm in (lambda path: _flip(path, chance), _cut, Path.unlink):
            index = shutil.copytree(sound, work / "restored")
            harm(index / "generations" / name)
            tried += 1
            if name in kept or harm is not Path.unlink:  # a copy that is gone is what a killed writer leaves: no loss
                missed += not (generations(index)[1] or list(unlike_copies(index)))
            collect_least(index)
            repair(index, lambda name: encoder or load_encoder(name))
            there = {name: (index / "generations" / name).read_bytes() for name in kept}
            lost += there != kept or _answers(index, encoder) != expected
            shutil.rmtree(index)
    yield _row("manifests, holds, copies flipped, cut, gone: tried", tried, "faults", {"files": len(committed)})
    yield _row("manifests, holds, copies: missed by verify", missed, "faults", {"tried": tried})
    yield _row("manifests, holds, copies: lost after gc and repair", lost, "faults", {"tried": tried})


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _built_upon(work: Path, sound: Path, encoder: Encoder | None) -> Iterator[Result]:
    """One flip in every file in turn, then a deletion and a merge: they commit what is right, or refuse, or verify finds it."""
    chance = random.Random(20_261_123)
    with Index.open(sound) as reader:
        (doc_id,) = reader.ids(np.arange(5, 6))
    writers: tuple[Callable[[Path], object], ...] = (
        lambda index: delete(index, [doc_id]),
        lambda index: merge(index, everything=True),
    )
    tried = refused = wrong = 0
    files = [path for path, committed in files_of(sound, current(sound)) if committed.bytes]
    for write in writers:
        whole = shutil.copytree(sound, work / "whole")
        write(whole)
        expected = _answers(whole, encoder)
        shutil.rmtree(whole)
        for path in files:
            index = shutil.copytree(sound, work / "built-upon")
            _flip(index / path.relative_to(sound), chance)
            tried += 1
            try:
                write(index)
            except IndexerError:
                refused += 1
            else:
                wrong += not _found(index) and _answers(index, encoder) != expected
            shutil.rmtree(index)
    yield _row("writers over a flipped file", tried, "writes", {"files": len(files)})
    yield _row("writers over a flipped file, refused", refused, "writes", {"tried": tried})
    yield _row("writers over a flipped file, wrong answers that verify calls sound", wrong, "writes", {"tried": tried})


def _flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _harms(good: bytes, chance: random.Random) -> Iterator[tuple[str, bytes | None]]:
    for cut in {0, len(good) // 2, len(good) - 1}:
        yield "torn", good[:cut]
    yield "missing", None
    pages = range(0, len(good), PAGE)
    for page in chance.sample(pages, min(FLIPS, len(pages))):
        bad = bytearray(good)
        bad[chance.randrange(page, min(page + PAGE, len(good)))] ^= 1 << chance.randrange(8)
        yield "flipped", bytes(bad)


def _is_wrong(index: Path, encoder: Encoder | None, expected: Answers) -> bool:
    """Whether the index answers otherwise than the sound one, without an error."""
    try:
        return _answers(index, encoder) != expected
    except IndexerError:
        return False


def _found(index: Path) -> bool:
    try:
        return any(error for _, error in verify(index, current(index)))
    except IndexerError:
        return True


def _killed(kill: Kill, work: Path, every: int) -> Iterator[Result]:
    """A writer killed before its N-th step that reaches the disk: the old generation or the new one, and every byte of it."""
    corpus, origin = work / "killed-corpus", work / "killed-origin"
    _prepare(corpus, origin)
    before = _ids(origin)
    for operation in OPERATIONS:
        tried = lost = 0
        step, code = 1, 1
        while code:
            index = shutil.copytree(origin, work / "killed")
            if operation == "repair":
                _damage(index)
            code = kill(step, operation, corpus, index)
            if code not in (0, -signal.SIGKILL):
                raise BenchmarkError(f"{operation} failed by itself; its message is above")
            tried += code != 0
            if operation == "repair" and code:  # what is damaged stays so until a repair ends
                repair(index, load_encoder)
            sound = all(error is None for _, error in verify(index, current(index)))
            gone = before - _ids(index) - ({"tiny:3"} if operation == "delete" else set())
            lost += not sound or bool(gone)
            shutil.rmtree(index)
            step += every
        yield _row(f"kills in {operation}", tried, "kills", {"every": every})
        yield _row(f"kills in {operation}, data lost", lost, "indices", {"tried": tried})


def _damage(index: Path) -> None:
    """A file of each segment that is no longer what was committed, and yet opens."""
    for entry in current(index).segments:
        path = index / "segments" / entry.name / "forward" / "lengths.npy"
        path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def _prepare(corpus: Path, index: Path) -> None:
    """An index with two segments, deletions and a history, and a corpus that has more than it."""
    for start in (0, 20, 40):
        with CorpusWriter(corpus) as writer:
            for i in range(start, start + 20):
                writer.add(Document(id=f"tiny:{i}", title=f"tide {i}", text="moon and water " * i))
        if start == 0:
            build([corpus], index, None)
        elif start == 20:
            add([corpus], index, None)
            delete(index, ["tiny:1", "tiny:27"])


def _ids(index: Path) -> set[str]:
    with Index.open(index) as reader:
        return {doc_id for doc_id in (f"tiny:{i}" for i in range(60)) if reader.locate(doc_id)}


def _full(work: Path) -> Iterator[Result]:
    """A disk that fills up at different steps of a rebuild; a small tmpfs, so only where one may be mounted."""
    tried = lost = 0
    files = [path for path in (work / "killed-origin").rglob("*") if path.is_file()]
    needed = sum(-(-path.stat().st_size // PAGE) * PAGE for path in files) // 1024
    for kilobytes in range(needed + 40, needed + 400, 40):
        disk = work / f"disk-{kilobytes}"
        disk.mkdir()
        options = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)]
        if subprocess.run(options, capture_output=True, check=False).returncode:
            print("no tmpfs may be mounted here: a full disk is not tried", file=sys.stderr)
            return
        try:
            index = shutil.copytree(work / "killed-origin", disk / "index")
            before = current(index)
            try:
                build([work / "killed-corpus"], index, None, force=True)
            except IndexerError:
                tried += 1
                lost += current(index) != before or any(error for _, error in verify(index, before))
        except shutil.Error:  # not even the index fits
            continue
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)  # tantivy may not have let go of its last file yet
    yield _row("full disk", tried, "faults", {})
    yield _row("full disk, data lost", lost, "indices", {"tried": tried})


def _answers(index: Path, encoder: Encoder | None) -> Answers:
    with Searcher.open(index, authority="off", encoder=encoder) as searcher:
        found = searcher.search([Query(text, k=50) for text in QUERIES])
    return [[(hit.doc_id, hit.score) for hit in ranking.hits] for ranking in found if isinstance(ranking, Ranking)]


def _encoder() -> Encoder | None:
    try:
        return load_encoder()
    except EncoderError as error:
        print(f"vectors are left out: {error}", file=sys.stderr)
        return None


def _row(name: str, value: float, unit: str, parameters: Parameters) -> Result:
    return Result("durability", name, value, unit, parameters=parameters)


if __name__ == "__main__":
    sys.exit(main())
